// null_entries - what is always true of the null cache's registers, for both proofs
//
// The registers are wires that the proof's script connects. docs/null-cache.md, Proof.
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module null_entries #(
  parameter integer Entries = 3,
  parameter integer LineW   = 4,
  parameter integer Held    = 1
) (
  input  wire             running,
  input  wire [LineW-1:0] x,              // the watched line
  input  wire [LineW-1:0] line,           // the request's
  input  wire             line_kept,      // it is the one that the lookup before had
  input  wire [LineW-1:0] insert_line,
  input  wire             leaving,        // SPLIT
  input  wire [Held-1:0]  held_valid,     // lines that the L1 holds
  input  wire [Held*LineW-1:0] held_lines,
  output reg              covers_x_o,
  output reg              covers_line_o,
  output reg              covers_insert_o,
  output reg              covers_held_o,    // one of them
  output wire             rest_x_o,         // SPLIT has x in hand
  output wire             full_o,
  output wire [5:0]       merged_o,        // order of the entry that the merger has; 0: none
  output wire             split_keeps_o,   // SPLIT keeps an entry
  output wire             split_forgets_o  // SPLIT runs out of entries
);
  (* keep *) wire [Entries-1:0]       valid;
  (* keep *) wire [LineW*Entries-1:0] zero_cells;  // column by column
  (* keep *) wire [LineW*Entries-1:0] one_cells;
  (* keep *) wire [Entries-1:0]       match;       // the request before; SPLIT takes it from there
`ifdef SPLIT
  (* keep *) wire                     leave_read;  // from here on the three below mean something
  (* keep *) wire [LineW-1:0]         leave_value;
  (* keep *) wire [LineW-1:0]         leave_mask;
  (* keep *) wire                     leave_first;
`endif
  (* keep *) wire                     merging;
  (* keep *) wire [Entries-1:0]       current;
  (* keep *) wire [LineW-1:0]         current_value;
  (* keep *) wire [LineW-1:0]         current_mask;
  (* keep *) wire                     loaded;      // from here on the two above mean something
  (* keep *) wire [Entries-1:0]       mark;
`ifdef SERIAL
  (* keep *) wire [LineW-1:0]         position;
`endif
`ifdef LRU
  localparam integer RankW = $clog2(Entries);
  (* keep *) wire [RankW*Entries-1:0] ranks;  // plane by plane
`endif

  reg [Entries-1:0] covers;        // x
  reg [Entries-1:0] matches;       // the request's line
  reg [Entries-1:0] meets;         // the inserted line
  reg               cells_good;    // no valid entry with a cell that matches nothing
  reg               disjoint;      // all pairs
  reg               zero_cell, one_cell, meet;
  integer           e, f, b, h;

  always @* begin
    cells_good = 1'b1;
    disjoint   = 1'b1;
    covers_held_o = 1'b0;
    for (e = 0; e < Entries; e = e + 1) begin
      covers[e]  = valid[e];
      matches[e] = valid[e];
      meets[e]   = valid[e];
      for (b = 0; b < LineW; b = b + 1) begin
        zero_cell = zero_cells[b*Entries + e];
        one_cell  = one_cells[b*Entries + e];
        if (valid[e] & ~zero_cell & ~one_cell) cells_good = 1'b0;
        if (~(x[b] ? one_cell : zero_cell)) covers[e] = 1'b0;
        if (~(line[b] ? one_cell : zero_cell)) matches[e] = 1'b0;
        if (~(insert_line[b] ? one_cell : zero_cell)) meets[e] = 1'b0;
      end
      for (h = 0; h < Held; h = h + 1) begin
        meet = valid[e] & held_valid[h];
        for (b = 0; b < LineW; b = b + 1) begin
          if (~(held_lines[h*LineW + b] ? one_cells[b*Entries + e]
                                        : zero_cells[b*Entries + e])) meet = 1'b0;
        end
        if (meet) covers_held_o = 1'b1;
      end
      for (f = 0; f < e; f = f + 1) begin
        meet = valid[e] & valid[f];
        for (b = 0; b < LineW; b = b + 1) begin
          if (~((zero_cells[b*Entries + e] & zero_cells[b*Entries + f]) |
                (one_cells[b*Entries + e] & one_cells[b*Entries + f]))) meet = 1'b0;
        end
        if (meet) disjoint = 1'b0;
      end
    end
    covers_x_o      = |covers;
    covers_line_o   = |matches;
    covers_insert_o = |meets;
  end

  assign full_o = &valid;

  function one_hot;
    input [Entries-1:0] bits;
    one_hot = (|bits) & ~|(bits & (bits - 1'b1));
  endfunction

  always @* begin
    if (running) begin
      at_most_one:      assert ((covers & (covers - 1'b1)) == {Entries{1'b0}});
      entries_disjoint: assert (disjoint);
      cells:            assert (cells_good);
      leave_one:        assert (~leaving | one_hot(match));
    end
  end

`ifdef SPLIT
  // What a split has left: the entry as read, then the half with the line.
  reg     leave_same;
  reg     rest_disjoint;
  reg     meets_rest;
  reg     rest_held;      // it has a line that the L1 holds
  integer l, m;
  always @* begin
    leave_same    = 1'b1;
    rest_disjoint = 1'b1;
    for (l = 0; l < Entries; l = l + 1) begin
      meets_rest = valid[l];
      if (match[l] & ~valid[l]) leave_same = 1'b0;
      for (m = 0; m < LineW; m = m + 1) begin
        if (~leave_mask[m] & ~(leave_value[m] ? one_cells[m*Entries + l]
                                              : zero_cells[m*Entries + l])) meets_rest = 1'b0;
        if (match[l] & ((zero_cells[m*Entries + l] != (leave_mask[m] | ~leave_value[m])) |
                        (one_cells[m*Entries + l] != (leave_mask[m] | leave_value[m])))) begin
          leave_same = 1'b0;
        end
      end
      if (meets_rest) rest_disjoint = 1'b0;
    end
    rest_held = 1'b0;
    for (l = 0; l < Held; l = l + 1) begin
      if (held_valid[l] & ~|((held_lines[l*LineW +: LineW] ^ leave_value) & ~leave_mask)) begin
        rest_held = 1'b1;
      end
    end
  end

  assign rest_x_o = leaving & (leave_read ? ~|((x ^ leave_value) & ~leave_mask) : |(match & covers));
  assign split_keeps_o   = leaving & leave_read & leave_first & |leave_mask;
  assign split_forgets_o = leaving & leave_read & ~leave_first & full_o;

  always @* begin
    if (running & leaving) begin
      leave_in_entry: assert (leave_read | ~line_kept | ~|(match & ~matches));
      leave_masked:   assert (~leave_read | ~|(leave_value & leave_mask));
      leave_has_line: assert (~leave_read | ~line_kept | ~|((line ^ leave_value) & ~leave_mask));
      leave_copy:     assert (~leave_read | ~leave_first | leave_same);
      leave_held:     assert (~leave_read | ~rest_held);
      leave_apart:    assert (~leave_read | leave_first | rest_disjoint);
    end
  end
`else
  assign rest_x_o = leaving & |(match & covers);
  assign split_keeps_o   = 1'b0;
  assign split_forgets_o = 1'b0;

  always @* begin
    if (running & leaving) leave_has_line: assert (~line_kept | ~|(match & ~matches));
  end
`endif

  reg       current_same;  // the merger's copy
  reg [5:0] ones;          // of the current mask
  integer   c, d;
  always @* begin
    current_same = 1'b1;
    ones         = 6'd0;
    for (d = 0; d < LineW; d = d + 1) begin
      ones = ones + {5'd0, current_mask[d]};
      for (c = 0; c < Entries; c = c + 1) begin
        if (current[c] & ~valid[c]) current_same = 1'b0;
        if (current[c] & loaded &
            ((zero_cells[d*Entries + c] != (current_mask[d] | ~current_value[d])) |
             (one_cells[d*Entries + c] != (current_mask[d] | current_value[d])))) begin
          current_same = 1'b0;
        end
      end
    end
  end

  assign merged_o = merging & loaded ? ones : 6'd0;

  always @* begin
    if (running) begin
      merger_one:    assert (~merging | one_hot(current));
      merger_copy:   assert (~merging | current_same);
      merger_masked: assert (~merging | ~loaded | ~|(current_value & current_mask));
      marks_valid:   assert (~|(mark & ~valid));
`ifdef SERIAL
      merger_position: assert (~merging | ((|position) & ~|(position & (position - 1'b1))));
`endif
    end
  end

`ifdef LRU
  // Ranks are those of an order of all entries.
  reg        ranks_good;
  reg        same;
  integer    r, p, q;
  reg [31:0] rank;
  always @* begin
    ranks_good = 1'b1;
    for (r = 0; r < Entries; r = r + 1) begin
      rank = 32'd0;
      for (p = 0; p < RankW; p = p + 1) rank[p] = ranks[p*Entries + r];
      if (rank >= Entries) ranks_good = 1'b0;
      for (q = 0; q < r; q = q + 1) begin
        same = 1'b1;
        for (p = 0; p < RankW; p = p + 1) begin
          if (ranks[p*Entries + r] != ranks[p*Entries + q]) same = 1'b0;
        end
        if (same) ranks_good = 1'b0;
      end
    end
    if (running) ranks_differ: assert (ranks_good);
  end
`endif
endmodule

`default_nettype wire
