// lowest_bit - the lowest bit of a vector that is 1
//
// In groups, so that no carry runs through all bits: each group finds its lowest, and the lowest
// group that has one lets it pass.
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module lowest_bit #(
  parameter integer Width = 148  // Bits of the vector
) (
  input  wire [Width-1:0] bits_i,    // The vector
  output wire             any_o,     // Some bit is 1
  output wire [Width-1:0] lowest_o   // The lowest of them alone
);

  localparam integer GroupW = 16;
  localparam integer Groups = (Width + GroupW - 1)/GroupW;

  wire [Groups-1:0] any;
  wire [Groups-1:0] first = any & (~any + 1'b1);
  genvar            g;

  generate
    for (g = 0; g < Groups; g = g + 1) begin : g_group
      localparam integer Bits = g == Groups - 1 ? Width - g*GroupW : GroupW;
      wire [Bits-1:0] own = bits_i[g*GroupW +: Bits];

      assign any[g] = |own;
      assign lowest_o[g*GroupW +: Bits] = own & (~own + 1'b1) & {Bits{first[g]}};
    end
  endgenerate

  assign any_o = |any;

endmodule

`default_nettype wire
