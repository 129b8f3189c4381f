// cache_ram - synchronous single-port memory with a write mask
//
// Wrapper of an SRAM macro: the text below is its behavioural model, and what a synthesis with macros
// replaces. A cycle with en_i reads a word or writes bits of one; rdata_o holds what was read last.
// The mask is a byte enable repeated over each byte, for macros that have no more than that.
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module cache_ram #(
  parameter integer Depth = 512,  // Words, 2 or more
  parameter integer Width = 64    // Bits of a word
) (
  input  wire                     clk_i,    // Clock
  input  wire                     en_i,     // Reads or writes
  input  wire                     write_i,  // Writes
  input  wire [$clog2(Depth)-1:0] addr_i,   // The word
  input  wire [Width-1:0]         mask_i,   // Bits that are written
  input  wire [Width-1:0]         wdata_i,  // What is written
  output wire [Width-1:0]         rdata_o   // The word that was read last
);

  reg [Width-1:0] ram_q [0:Depth-1];
  reg [Width-1:0] rdata_q;

  always @(posedge clk_i) begin
    if (en_i) begin
      if (write_i) ram_q[addr_i] <= (ram_q[addr_i] & ~mask_i) | (wdata_i & mask_i);
      else         rdata_q <= ram_q[addr_i];
    end
  end

  assign rdata_o = rdata_q;

endmodule

`default_nettype wire
