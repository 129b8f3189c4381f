// register_file - one write port, one combinational read port
//
// A word that is written in a cycle is read from the next one on. No reset.
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module register_file #(
  parameter integer Depth = 128,  // Words, 2 or more
  parameter integer Width = 4     // Bits of a word
) (
  input  wire                     clk_i,    // Clock
  input  wire                     write_i,  // Writes
  input  wire [$clog2(Depth)-1:0] waddr_i,  // The word that is written
  input  wire [Width-1:0]         wdata_i,  // What is written
  input  wire [$clog2(Depth)-1:0] raddr_i,  // The word that is read
  output wire [Width-1:0]         rdata_o   // What is read
);

  reg [Width-1:0] word_q [0:Depth-1];

  always @(posedge clk_i) begin
    if (write_i) word_q[waddr_i] <= wdata_i;
  end

  assign rdata_o = word_q[raddr_i];

endmodule

`default_nettype wire
