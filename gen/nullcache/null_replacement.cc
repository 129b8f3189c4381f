// SPDX-License-Identifier: Apache-2.0
#include "gen/nullcache/blocks.h"

namespace systole {
namespace {

constexpr const char* kLru = R"v(
  // Ranks as planes: bit k of every entry's rank. A touch adds 1 to the ranks below the entry's and
  // makes its own 0; the victim has the highest.
  localparam integer RankW   = Entries > 1 ? $clog2(Entries) : 1;
  localparam integer Highest = Entries - 1;

  reg  [RankW*Entries-1:0] rank_q;
  reg  [RankW*Entries-1:0] rank;
  reg  [Entries-1:0]       equal;
  reg  [Entries-1:0]       below;
  reg  [Entries-1:0]       plane;
  reg  [Entries-1:0]       victim;
  reg                      own;
  wire [RankW*Entries-1:0] start;  // entry i begins with rank i
  wire                     touch = hit_i | write_i;
  integer                  k, v;
  genvar                   i, j;

  generate
    for (i = 0; i < Entries; i = i + 1) begin : g_entry
      for (j = 0; j < RankW; j = j + 1) begin : g_plane
        localparam integer Bit = (i >> j) % 2;
        assign start[j*Entries + i] = Bit[0];
      end
    end
  endgenerate

  always @* begin
    rank  = {(RankW*Entries){1'b0}};
    equal = {Entries{1'b0}};
    below = {Entries{1'b0}};
    plane = {Entries{1'b0}};
    own   = 1'b0;
    k     = 0;
    if (touch) begin
      equal = {Entries{1'b1}};
      for (k = RankW - 1; k >= 0; k = k - 1) begin
        plane = rank_q[k*Entries +: Entries];
        own   = |(plane & entry_i);
        if (own) begin
          below = below | (equal & ~plane);
          equal = equal & plane;
        end else begin
          equal = equal & ~plane;
        end
      end
      for (k = 0; k < RankW; k = k + 1) begin
        plane = rank_q[k*Entries +: Entries];
        rank[k*Entries +: Entries] = (plane ^ below) & ~entry_i;
        below = below & plane;
      end
    end
  end

  always @* begin
    victim = {Entries{1'b0}};
    v      = 0;
    if (replace_i) begin
      victim = {Entries{1'b1}};
      for (v = 0; v < RankW; v = v + 1) begin
        victim = victim & (Highest[v] ? rank_q[v*Entries +: Entries]
                                      : ~rank_q[v*Entries +: Entries]);
      end
    end
  end

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)                rank_q <= start;
    else if (touch & ~forget_i) rank_q <= rank;
  end

  assign victim_o = victim;
)v";

constexpr const char* kCoverage = R"v(
  // Credits and what a hit sets them to, 1 + order and at most 7, as planes: bit k of every entry.
  reg  [Entries-1:0] credit0_q;
  reg  [Entries-1:0] credit1_q;
  reg  [Entries-1:0] credit2_q;
  reg  [Entries-1:0] worth0_q;
  reg  [Entries-1:0] worth1_q;
  reg  [Entries-1:0] worth2_q;
  wire [2:0]         worth = order_i > 6'd6 ? 3'd7 : order_i[2:0] + 3'd1;

  // Victim: the lowest entry of least credit, which all lose.
  reg [Entries-1:0] least;
  reg [Entries-1:0] victim;
  reg [2:0]         credit;
  reg [Entries-1:0] credit0;
  reg [Entries-1:0] credit1;
  reg [Entries-1:0] credit2;
  reg [Entries-1:0] borrow;

  always @* begin
    least   = {Entries{1'b0}};
    victim  = {Entries{1'b0}};
    borrow  = {Entries{1'b0}};
    credit  = 3'd0;
    credit0 = credit0_q;
    credit1 = credit1_q;
    credit2 = credit2_q;
    if (replace_i) begin
      credit[2] = &credit2_q;
      least     = credit[2] ? {Entries{1'b1}} : ~credit2_q;
      credit[1] = ~|(least & ~credit1_q);
      if (!credit[1]) least = least & ~credit1_q;
      credit[0] = ~|(least & ~credit0_q);
      if (!credit[0]) least = least & ~credit0_q;
      victim  = least & (~least + 1'b1);
      credit0 = credit0_q ^ {Entries{credit[0]}};
      borrow  = ~credit0_q & {Entries{credit[0]}};
      credit1 = credit1_q ^ {Entries{credit[1]}} ^ borrow;
      borrow  = (~credit1_q & ({Entries{credit[1]}} | borrow)) | ({Entries{credit[1]}} & borrow);
      credit2 = credit2_q ^ {Entries{credit[2]}} ^ borrow;
    end
  end

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      credit0_q <= {Entries{1'b0}};
      credit1_q <= {Entries{1'b0}};
      credit2_q <= {Entries{1'b0}};
      worth0_q  <= {Entries{1'b0}};
      worth1_q  <= {Entries{1'b0}};
      worth2_q  <= {Entries{1'b0}};
    end else if (hit_i) begin
      credit0_q <= (credit0_q & ~entry_i) | (worth0_q & entry_i);
      credit1_q <= (credit1_q & ~entry_i) | (worth1_q & entry_i);
      credit2_q <= (credit2_q & ~entry_i) | (worth2_q & entry_i);
    end else if (write_i) begin
      credit0_q <= (credit0 & ~entry_i) | ({Entries{worth[0]}} & entry_i);
      credit1_q <= (credit1 & ~entry_i) | ({Entries{worth[1]}} & entry_i);
      credit2_q <= (credit2 & ~entry_i) | ({Entries{worth[2]}} & entry_i);
      worth0_q  <= (worth0_q & ~entry_i) | ({Entries{worth[0]}} & entry_i);
      worth1_q  <= (worth1_q & ~entry_i) | ({Entries{worth[1]}} & entry_i);
      worth2_q  <= (worth2_q & ~entry_i) | ({Entries{worth[2]}} & entry_i);
    end
  end

  assign victim_o = victim;
)v";

}  // namespace

rtl::Module BuildNullReplacement(const CacheConfig& config) {
  const bool lru = config.null.replacement == NullReplacement::kLru;
  rtl::ModuleBuilder m(
      "null_replacement",
      lru ? "which entry was used least recently" : "which entry covers little and was not used",
      "gen/nullcache/null_replacement.cc");
  const rtl::Expr entries = m.Param("Entries", config.null.entries, "Entries");
  m.ClockAndReset();
  m.Group("Touch");
  m.Bit("hit_i", "The entry is hit");
  m.Bit("write_i", "The entry is written");
  if (lru) m.Bit("forget_i", "There is no touch: all entries go");
  m.In("entry_i", entries, "The entry, one-hot");
  if (!lru) m.In("order_i", 6, "Order that is written");
  m.Group("Choice");
  m.Bit("replace_i", "All entries are valid, one has to go");
  m.Out("victim_o", entries, rtl::Latency{0}, "This one, one-hot");
  m.Body(lru ? kLru : kCoverage);
  return std::move(m).Finish();
}

}  // namespace systole
