// skew_lines - the lanes of a bus, each a cycle later than the one before
//
//   LastFirst = 0: lane i waits i enabled cycles; LastFirst = 1: lane i waits Lanes - 1 - i
//
// A long line is made of two, a multiple of Part and the rest: lanes share their lengths, so a tool
// that maps each distinct module once has few of them to map.
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module skew_lines #(
  parameter integer Lanes     = 4,  // Words side by side
  parameter integer Width     = 8,  // Word width, bits
  parameter integer LastFirst = 0   // 1: the last lane does not wait; 0: the first does not
) (
  input  wire                   clk_i,   // Clock
  input  wire                   en_i,    // The lines move
  input  wire [Lanes*Width-1:0] data_i,  // A word a lane
  output wire [Lanes*Width-1:0] data_o   // The words that entered, lane by lane later
);

  localparam integer Part = 16;

  genvar i;

  generate
    for (i = 0; i < Lanes; i = i + 1) begin : g_lane
      localparam integer Wait = LastFirst != 0 ? Lanes - 1 - i : i;
      if (Wait < Part || Wait % Part == 0) begin : g_line
        delay_line #(
          .Width(Width),
          .Depth(Wait)
        ) u_delay (
          .clk_i (clk_i),
          .en_i  (en_i),
          .data_i(data_i[i*Width +: Width]),
          .data_o(data_o[i*Width +: Width])
        );
      end else begin : g_parts
        wire [Width-1:0] middle;

        delay_line #(
          .Width(Width),
          .Depth(Wait % Part)
        ) u_rest (
          .clk_i (clk_i),
          .en_i  (en_i),
          .data_i(data_i[i*Width +: Width]),
          .data_o(middle)
        );
        delay_line #(
          .Width(Width),
          .Depth(Wait - Wait % Part)
        ) u_parts (
          .clk_i (clk_i),
          .en_i  (en_i),
          .data_i(middle),
          .data_o(data_o[i*Width +: Width])
        );
      end
    end
  endgenerate

endmodule

`default_nettype wire
