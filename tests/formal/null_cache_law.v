// null_cache_law - the null cache before any controller that keeps its contract
//
// One line x is watched, any one. `clear`: memory holds zeros there, the write buffer included, and
// the L1 does not hold it. The controller may end that only when the null cache has told that it does not
// cover x: by a lookup that missed, or by the end of the cycles in which x left. All registers are
// reached by the wires at the end, which the proof's script connects. docs/null-cache.md, Proof.
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module null_cache_law (
  input wire                clk_i,
  input wire [`LINE_W-1:0]  watched,
  input wire                empty,
  input wire                lookup,
  input wire [`LINE_W-1:0]  line,
  input wire                stores,         // a non-zero store, if there is a lookup
  input wire                insert,
  input wire [`LINE_W-1:0]  insert_line,
  input wire                changes,        // x becomes clear, or no longer is
  input wire                free,           // the merger may step
  output wire               reached_order2,
  output wire               reached_kept,   // a split kept entries
  output wire               reached_forgot, // a split ran out of entries
  output wire               reached_victim, // an insertion replaced a valid entry
  output wire               reached_hit     // x was found covered, in an entry of order 2 or more
);
  localparam integer LineW   = `LINE_W;
  localparam integer Entries = `ENTRIES;

  // Registers of the null cache.
  (* keep *) wire [Entries-1:0]       valid;
  (* keep *) wire [LineW*Entries-1:0] zero_cells;  // column by column
  (* keep *) wire [LineW*Entries-1:0] one_cells;
  (* keep *) wire [Entries-1:0]       match;       // the request before; SPLIT takes it from there
  (* keep *) wire                     hit_before;
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
`ifdef SERIAL
  (* keep *) wire [LineW-1:0]         position;
`endif
  (* keep *) wire [Entries-1:0]       mark;
`ifdef LRU
  localparam integer RankW = $clog2(Entries);
  (* keep *) wire [RankW*Entries-1:0] ranks;  // plane by plane
`endif

  // Reset in the first cycle.
  reg running = 1'b0;
  always @(posedge clk_i) running <= 1'b1;

  // The watched line stays the same.
  reg [LineW-1:0] x;
  always @(posedge clk_i) x <= watched;
  always @* if (running) assume (watched == x);

  // The controller.
  wire            covered;
  wire            left;
  reg             leaving = 1'b0;
  reg [LineW-1:0] line_q;
  reg             clear;
  reg             told = 1'b0;  // x is not covered
  reg             written = 1'b0;  // an entry, in the cycle before
  reg             insert_covered;
  wire            leave = lookup & covered & stores;
  wire            tells = (lookup & (line == watched) & ~covered) |
                          (leaving & left & (line == watched));

  always @(posedge clk_i) begin
    line_q  <= line;
    leaving <= running & (leave | (leaving & ~left));
    if (running) begin
      if (insert & (insert_line == watched)) told <= 1'b0;
      else if (tells)                        told <= 1'b1;
    end
    written <= running & (insert | leaving);
    if (changes) clear <= ~clear;
  end

  always @* begin
    if (~running) assume (~lookup & ~insert & ~empty);
    assume (lookup + insert + leaving + empty <= 3'd1);
    assume (lookup + insert + leaving + free <= 3'd1);
    if (insert) assume (~hit_before & (~written | ~&valid));
    if (leaving) assume (line == line_q);
    if (insert) assume (~insert_covered);
    if (insert & (insert_line == watched)) assume (told & clear & ~changes);
    if (changes & clear) assume (told);
  end

`ifdef EXAMPLE
  // One run for the search of an example, in place of any: lines 0 to 3 grow together, 5 and 10
  // fill the entries, a load and a store of line 0, one line more.
  reg [5:0] cycle = 6'd0;
  always @(posedge clk_i) cycle <= cycle + 6'd1;
  always @* begin
    assume (~empty & ~changes & (watched == 0));
    assume (free == ~(lookup | leaving | insert));
    assume (lookup == ((cycle == 6'd1) | (cycle == 6'd24) | (cycle == 6'd26)));
    assume ((line == 0) & (stores == (cycle == 6'd26)));
    assume (insert == ((cycle == 6'd2) | (cycle == 6'd3) | (cycle == 6'd5) | (cycle == 6'd6) |
                       (cycle == 6'd17) | (cycle == 6'd18) | (cycle == 6'd32)));
    assume (insert_line == (cycle <= 6'd2 ? 0 : cycle <= 6'd3 ? 1 : cycle <= 6'd5 ? 2 :
                            cycle <= 6'd6 ? 3 : cycle <= 6'd17 ? 5 : cycle <= 6'd18 ? 10 : 12));
  end
`endif

  null_cache dut (
    .clk_i         (clk_i),
    .rst_ni        (running),
    .empty_i       (empty),
    .lookup_i      (lookup),
    .line_i        (line),
    .covered_o     (covered),
    .stores_i      (stores),
    .leaving_i     (leaving),
    .left_o        (left),
    .insert_i      (insert),
    .insert_line_i (insert_line),
    .free_i        (free)
  );

  // Entries. `rest` is what a split has left: the entry as read, then the half with the line.
  reg [Entries-1:0] covers;        // x
  reg [Entries-1:0] covers_line;
  reg               cells_good;    // no valid entry with a cell that matches nothing
  reg               disjoint;      // all pairs
  reg               current_same;  // the merger's copy
  reg               zero_cell, one_cell, meet, insert_meets;
`ifdef SPLIT
  reg               leave_same;
  reg               rest_disjoint;
  reg               meets_rest;
`endif
  integer           e, f, b;

  always @* begin
    cells_good     = 1'b1;
    disjoint       = 1'b1;
    current_same   = 1'b1;
    insert_covered = 1'b0;
`ifdef SPLIT
    leave_same    = 1'b1;
    rest_disjoint = 1'b1;
`endif
    for (e = 0; e < Entries; e = e + 1) begin
      covers[e]      = valid[e];
      covers_line[e] = valid[e];
      insert_meets   = valid[e];
      if (current[e] & ~valid[e]) current_same = 1'b0;
`ifdef SPLIT
      meets_rest = valid[e];
      if (match[e] & ~valid[e]) leave_same = 1'b0;
`endif
      for (b = 0; b < LineW; b = b + 1) begin
        zero_cell = zero_cells[b*Entries + e];
        one_cell  = one_cells[b*Entries + e];
        if (valid[e] & ~zero_cell & ~one_cell) cells_good = 1'b0;
        if (~(watched[b] ? one_cell : zero_cell)) covers[e] = 1'b0;
        if (~(line[b] ? one_cell : zero_cell)) covers_line[e] = 1'b0;
        if (~(insert_line[b] ? one_cell : zero_cell)) insert_meets = 1'b0;
        if (current[e] & loaded & ((zero_cell != (current_mask[b] | ~current_value[b])) |
                          (one_cell != (current_mask[b] | current_value[b])))) begin
          current_same = 1'b0;
        end
`ifdef SPLIT
        if (~leave_mask[b] & ~(leave_value[b] ? one_cell : zero_cell)) meets_rest = 1'b0;
        if (match[e] & ((zero_cell != (leave_mask[b] | ~leave_value[b])) |
                              (one_cell != (leave_mask[b] | leave_value[b])))) begin
          leave_same = 1'b0;
        end
`endif
      end
      if (insert_meets) insert_covered = 1'b1;
`ifdef SPLIT
      if (meets_rest) rest_disjoint = 1'b0;
`endif
      for (f = 0; f < e; f = f + 1) begin
        meet = valid[e] & valid[f];
        for (b = 0; b < LineW; b = b + 1) begin
          if (~((zero_cells[b*Entries + e] & zero_cells[b*Entries + f]) |
                (one_cells[b*Entries + e] & one_cells[b*Entries + f]))) meet = 1'b0;
        end
        if (meet) disjoint = 1'b0;
      end
    end
  end

  function one_hot;
    input [Entries-1:0] bits;
    one_hot = (|bits) & ~|(bits & (bits - 1'b1));
  endfunction

  reg [5:0] ones;  // of the current mask
  integer   i;
  always @* begin
    ones = 6'd0;
    for (i = 0; i < LineW; i = i + 1) ones = ones + {5'd0, current_mask[i]};
  end

`ifdef LRU
  // Ranks are those of an order of all entries.
  reg     ranks_good;
  reg     same;
  integer r, p, q;
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
  end
`endif

  // Was covered, and nothing happened that may end it: merging never forgets a line.
  reg stays = 1'b0;
  always @(posedge clk_i) stays <= running & |covers & ~empty & ~leaving & ~(insert & &valid);

`ifdef SPLIT
  wire rest_x = leaving & (leave_read ? ~|((watched ^ leave_value) & ~leave_mask)
                                      : |(match & covers));
`else
  wire rest_x = leaving & |(match & covers);
`endif

  always @* begin
    if (running) begin
      the_law:          assert (~|covers | clear);
      told_truth:       assert (~told | ~|covers);
      at_most_one:      assert ((covers & (covers - 1'b1)) == {Entries{1'b0}});
      found_if_covered: assert (~lookup | (covered == |covers_line));
      merging_keeps:    assert (~stays | |covers);

      entries_disjoint: assert (disjoint);
      cells:            assert (cells_good);
      rest_is_clear:    assert (~rest_x | (clear & ~told));
      leave_one:        assert (~leaving | one_hot(match));
`ifdef SPLIT
      leave_in_entry:   assert (~leaving | leave_read | (line != line_q) | ~|(match & ~covers_line));
      leave_masked:     assert (~leaving | ~leave_read | ~|(leave_value & leave_mask));
      leave_has_line:   assert (~leaving | ~leave_read | ~|((line_q ^ leave_value) & ~leave_mask));
      leave_copy:       assert (~leaving | ~leave_read | ~leave_first | leave_same);
      leave_apart:      assert (~leaving | ~leave_read | leave_first | rest_disjoint);
`else
      leave_has_line:   assert (~leaving | (line != line_q) | ~|(match & ~covers_line));
`endif
      merger_one:       assert (~merging | one_hot(current));
      merger_copy:      assert (~merging | current_same);
      merger_masked:    assert (~merging | ~loaded | ~|(current_value & current_mask));
`ifdef LRU
      ranks_differ:     assert (ranks_good);
`endif
      marks_valid:      assert (~|(mark & ~valid));
`ifdef SERIAL
      merger_position:  assert (~merging | ((|position) & ~|(position & (position - 1'b1))));
`endif
    end
  end

  // What can happen at all, kept for the search of an example.
  reg order2 = 1'b0, kept = 1'b0, forgot = 1'b0, victim = 1'b0, hit = 1'b0;
  always @(posedge clk_i) begin
    if (running) begin
      if (merging & loaded & (ones == 6'd2)) order2 <= 1'b1;
`ifdef SPLIT
      if (leaving & leave_read & leave_first & |leave_mask) kept <= 1'b1;
      if (leaving & leave_read & ~leave_first & &valid) forgot <= 1'b1;
`endif
      if (insert & &valid) victim <= 1'b1;
      if (lookup & covered & ~stores & order2 & (line == watched)) hit <= 1'b1;
    end
  end
  assign reached_order2 = order2;
  assign reached_kept   = kept;
  assign reached_forgot = forgot;
  assign reached_victim = victim;
  assign reached_hit    = hit;
endmodule

`default_nettype wire
