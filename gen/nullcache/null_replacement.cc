// SPDX-License-Identifier: Apache-2.0
#include "gen/nullcache/blocks.h"

namespace systole {
namespace {

constexpr const char* kLru = R"v(
  // Ranks as planes: bit k of every entry's rank. A touch adds 1 to the ranks below the entry's and
  // makes its own 0; the one that has the highest goes.
  localparam integer RankW   = Entries > 1 ? $clog2(Entries) : 1;
  localparam integer Highest = Entries - 1;

  reg  [RankW*Entries-1:0] rank_q;
  reg  [RankW*Entries-1:0] rank;
  reg  [Entries-1:0]       equal;
  reg  [Entries-1:0]       below;
  reg  [Entries-1:0]       plane;
  reg  [Entries-1:0]       least;
  reg                      own;
  wire                     touch   = hit_i | write_i;
  wire [Entries-1:0]       touched = hit_i ? hit_entry_i : entry_i;
  wire [RankW*Entries-1:0] start;  // entry i begins with rank i
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
    rank  = {(RankW*Entries){1'bx}};
    equal = {Entries{1'b0}};
    below = {Entries{1'b0}};
    plane = {Entries{1'b0}};
    own   = 1'b0;
    k     = 0;
    if (touch) begin
      equal = {Entries{1'b1}};
      for (k = RankW - 1; k >= 0; k = k - 1) begin
        plane = rank_q[k*Entries +: Entries];
        own   = |(plane & touched);
        if (own) begin
          below = below | (equal & ~plane);
          equal = equal & plane;
        end else begin
          equal = equal & ~plane;
        end
      end
      for (k = 0; k < RankW; k = k + 1) begin
        plane = rank_q[k*Entries +: Entries];
        rank[k*Entries +: Entries] = (plane ^ below) & ~touched;
        below = below & plane;
      end
    end
  end

  always @* begin
    least = {Entries{1'bx}};
    v     = 0;
    if (replace_i) begin
      least = {Entries{1'b1}};
      for (v = 0; v < RankW; v = v + 1) begin
        least = least & (Highest[v] ? rank_q[v*Entries +: Entries]
                                    : ~rank_q[v*Entries +: Entries]);
      end
    end
  end

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)      rank_q <= start;
    else if (touch) rank_q <= rank;
  end

  assign least_o = least;
)v";

constexpr const char* kCoverage = R"v(
  // Credits as planes: bit k of every entry. A hit sets one to 7, a write to 1 + order.
  reg  [Entries-1:0] credit0_q;
  reg  [Entries-1:0] credit1_q;
  reg  [Entries-1:0] credit2_q;
  wire [Entries-1:0] touched = hit_i ? hit_entry_i : entry_i;
  wire [2:0]         worth   = hit_i | (order_i > 6'd6) ? 3'd7 : order_i[2:0] + 3'd1;

  // The least credit, a cycle late: no entry is written in the cycle before one is replaced, and
  // one that is hit will have the most.
  wire [Entries-1:0] others = ~(hit_entry_i & {Entries{hit_i}});
  reg  [2:0]         least_q;
  wire               least2 = &(credit2_q | ~others);
  wire [Entries-1:0] low2   = others & (~credit2_q | {Entries{least2}});  // as far as bit 2 goes
  wire               least1 = &(credit1_q | ~low2);
  wire [Entries-1:0] low1   = low2 & (~credit1_q | {Entries{least1}});
  wire               least0 = &(credit0_q | ~low1);

  // When an entry is replaced all lose as much.
  reg [Entries-1:0] credit0;
  reg [Entries-1:0] credit1;
  reg [Entries-1:0] credit2;
  reg [Entries-1:0] borrow;

  always @* begin
    borrow  = {Entries{1'bx}};
    credit0 = credit0_q;
    credit1 = credit1_q;
    credit2 = credit2_q;
    if (replace_i) begin
      credit0 = credit0_q ^ {Entries{least_q[0]}};
      borrow  = ~credit0_q & {Entries{least_q[0]}};
      credit1 = credit1_q ^ {Entries{least_q[1]}} ^ borrow;
      borrow  = (~credit1_q & ({Entries{least_q[1]}} | borrow)) | ({Entries{least_q[1]}} & borrow);
      credit2 = credit2_q ^ {Entries{least_q[2]}} ^ borrow;
    end
  end

  always @(posedge clk_i) begin
    least_q <= {least2, least1, least0};
    if (hit_i | write_i) begin
      credit0_q <= (credit0 & ~touched) | ({Entries{worth[0]}} & touched);
      credit1_q <= (credit1 & ~touched) | ({Entries{worth[1]}} & touched);
      credit2_q <= (credit2 & ~touched) | ({Entries{worth[2]}} & touched);
    end
  end

  assign least_o = ~((credit0_q ^ {Entries{least_q[0]}}) | (credit1_q ^ {Entries{least_q[1]}}) |
                     (credit2_q ^ {Entries{least_q[2]}}));
)v";

}  // namespace

rtl::Module BuildNullReplacement(const CacheConfig& config) {
  const bool lru = config.null.replacement == NullReplacement::kLru;
  rtl::ModuleBuilder m(
      "null_replacement",
      lru ? "which entry was used least recently" : "which entry covers little and was not used",
      "gen/nullcache/null_replacement.cc");
  const rtl::Expr entries = m.Param("Entries", config.null.entries, "Entries");
  if (lru) {
    m.ClockAndReset();
  } else {
    m.Clock();
  }
  m.Group("Touch");
  m.Bit("hit_i", "An entry is hit");
  m.In("hit_entry_i", entries, "This one, one-hot");
  m.Bit("write_i", "An entry is written; then none is hit");
  m.In("entry_i", entries, "This one, one-hot");
  if (!lru) m.In("order_i", 6, "Order that is written");
  m.Group("Choice");
  m.Bit("replace_i", "All entries are valid, one has to go");
  m.Out("least_o", entries, rtl::Latency{0}, "One of these");
  m.Body(lru ? kLru : kCoverage);
  return std::move(m).Finish();
}

}  // namespace systole
