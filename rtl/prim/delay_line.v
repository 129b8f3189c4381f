// delay_line - a word, Depth enabled cycles later
//
//   data_i -->[ ]-->[ ]--> ... -->[ ]--> data_o        Depth registers; Depth 0 is a wire
//
// Data only: the registers have no reset, so whatever says that a word counts must have one.
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module delay_line #(
  parameter integer Width = 8,  // Word width, bits
  parameter integer Depth = 1   // Registers, 0 or more
) (
  input  wire             clk_i,   // Clock
  input  wire             en_i,    // The line moves
  input  wire [Width-1:0] data_i,  // Word that enters
  output wire [Width-1:0] data_o   // Word that entered Depth enabled cycles ago
);

  generate
    if (Depth == 0) begin : g_wire
      wire unused_clock = &{1'b0, clk_i, en_i};
      assign data_o = data_i;
    end else if (Depth == 1) begin : g_register
      reg [Width-1:0] line_q;
      always @(posedge clk_i) begin
        if (en_i) line_q <= data_i;
      end
      assign data_o = line_q;
    end else begin : g_line
      reg [Depth*Width-1:0] line_q;
      always @(posedge clk_i) begin
        if (en_i) line_q <= {line_q[(Depth-1)*Width-1:0], data_i};
      end
      assign data_o = line_q[(Depth-1)*Width +: Width];
    end
  endgenerate

endmodule

`default_nettype wire
