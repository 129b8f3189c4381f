// null_cache_law - the null cache before any controller that keeps its contract
//
// One line x is watched, any one. `clear`: memory holds zeros there, the write buffer included, and
// the L1 does not hold it. The controller may end that only when the null cache has told that it does not
// cover x: by a lookup that missed, or by the end of the cycles in which x left. docs/null-cache.md, Proof.
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

  (* keep *) wire hit_before;  // connected by the proof's script

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
  wire            insert_covered;
  wire            full;          // all entries are valid
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
    if (insert) assume (~hit_before & (~written | ~full));
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

  wire covers;  // x
  wire covers_line;
  wire rest;    // x is in what a split has left
  wire [5:0] merged;
  wire split_keeps;
  wire split_forgets;
  wire unused_held;

  null_entries #(
    .Entries(Entries),
    .LineW  (LineW),
    .Held   (1)
  ) entries (
    .running         (running),
    .x               (watched),
    .line            (line),
    .line_kept       (line == line_q),
    .insert_line     (insert_line),
    .leaving         (leaving),
    .held_valid      (1'b0),
    .held_lines      ({LineW{1'b0}}),
    .covers_x_o      (covers),
    .covers_line_o   (covers_line),
    .covers_insert_o (insert_covered),
    .covers_held_o   (unused_held),
    .rest_x_o        (rest),
    .full_o          (full),
    .merged_o        (merged),
    .split_keeps_o   (split_keeps),
    .split_forgets_o (split_forgets)
  );

  // Was covered, and nothing happened that may end it: merging never forgets a line.
  reg stays = 1'b0;
  always @(posedge clk_i) stays <= running & covers & ~empty & ~leaving & ~(insert & full);

  always @* begin
    if (running) begin
      the_law:          assert (~covers | clear);
      told_truth:       assert (~told | ~covers);
      found_if_covered: assert (~lookup | (covered == covers_line));
      merging_keeps:    assert (~stays | covers);
      rest_is_clear:    assert (~rest | (clear & ~told));
    end
  end

  // What can happen at all, kept for the search of an example.
  reg order2 = 1'b0, kept = 1'b0, forgot = 1'b0, victim = 1'b0, hit = 1'b0;
  always @(posedge clk_i) begin
    if (running) begin
      if (merged == 6'd2) order2 <= 1'b1;
      if (split_keeps)   kept   <= 1'b1;
      if (split_forgets) forgot <= 1'b1;
      if (insert & full) victim <= 1'b1;
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
