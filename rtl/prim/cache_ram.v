// cache_ram - synchronous single-port memory with lane enables
//
// Wrapper of an SRAM macro: the text below is its behavioural model, and what a synthesis with macros
// replaces. A cycle with en_i reads a word or writes lanes of one; rdata_o holds what was read last.
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module cache_ram #(
  parameter integer Depth = 512,  // Words, 2 or more
  parameter integer Width = 64,   // Bits of a word
  parameter integer LaneW = 8     // Bits of a lane; divides Width
) (
  input  wire                     clk_i,    // Clock
  input  wire                     en_i,     // Reads or writes
  input  wire                     write_i,  // Writes
  input  wire [$clog2(Depth)-1:0] addr_i,   // The word
  input  wire [Width/LaneW-1:0]   lane_i,   // Lanes that are written
  input  wire [Width-1:0]         wdata_i,  // What is written
  output wire [Width-1:0]         rdata_o   // The word that was read last
);

  reg [Width-1:0] ram_q [0:Depth-1];
  reg [Width-1:0] rdata_q;
  genvar          i;

  always @(posedge clk_i) begin
    if (en_i & ~write_i) rdata_q <= ram_q[addr_i];
  end

  generate
    for (i = 0; i < Width/LaneW; i = i + 1) begin : g_lane
      always @(posedge clk_i) begin
        if (en_i & write_i & lane_i[i]) begin
          ram_q[addr_i][i*LaneW +: LaneW] <= wdata_i[i*LaneW +: LaneW];
        end
      end
    end
  endgenerate

  assign rdata_o = rdata_q;

endmodule

`default_nettype wire
