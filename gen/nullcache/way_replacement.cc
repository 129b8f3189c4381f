// SPDX-License-Identifier: Apache-2.0
#include "gen/nullcache/blocks.h"

namespace systole {
namespace {

constexpr const char* kLru = R"v(
  // Bit Pair of the ways i < j: i was used after j.
  genvar i, j;

  generate
    for (i = 0; i < Ways; i = i + 1) begin : g_way
      wire [Ways-1:0] later;  // bit j: j was used after i
      for (j = 0; j < Ways; j = j + 1) begin : g_other
        if (j == i) begin : g_self
          assign later[j] = 1'b1;
        end else if (j > i) begin : g_pair
          localparam integer Pair = i*(2*Ways - i - 1)/2 + j - i - 1;
          assign later[j]     = ~order_i[Pair];
          assign order_o[Pair] = way_i[i] | (order_i[Pair] & ~way_i[j]);
        end else begin : g_below
          localparam integer Pair = j*(2*Ways - j - 1)/2 + i - j - 1;
          assign later[j] = order_i[Pair];
        end
      end
      assign victim_o[i] = &later;
    end
  endgenerate
)v";

constexpr const char* kPseudoLru = R"v(
  // Node n has the children 2n and 2n + 1, its bit is order[n-1]: 1 if the victim is in the upper
  // half of its ways.
  localparam integer Levels = $clog2(Ways);

  genvar i, j;

  generate
    for (i = 1; i < Ways; i = i + 1) begin : g_node
      localparam integer Level = $clog2(i + 1) - 1;
      localparam integer Span  = Ways >> Level;
      localparam integer First = (i - (1 << Level))*Span;
      wire any   = |way_i[First +: Span];
      wire upper = |way_i[First + Span/2 +: Span/2];
      assign order_o[i-1] = any ? ~upper : order_i[i-1];
    end
    for (i = 0; i < Ways; i = i + 1) begin : g_way
      wire [Levels-1:0] path;  // the nodes above the way point to it
      for (j = 0; j < Levels; j = j + 1) begin : g_level
        localparam integer Node  = (Ways + i) >> (j + 1);
        localparam integer Upper = ((Ways + i) >> j) % 2;
        assign path[j] = order_i[Node-1] == Upper[0];
      end
      assign victim_o[i] = &path;
    end
  endgenerate
)v";

}  // namespace

rtl::Module BuildWayReplacement(const CacheConfig& config) {
  const bool lru = config.replacement == CacheReplacement::kLru;
  rtl::ModuleBuilder m("way_replacement",
                       lru ? "LRU order of a set's ways" : "pseudo-LRU tree of a set's ways",
                       "gen/nullcache/way_replacement.cc");
  m.Doc("Combinational: the bits of a set come from a register file and go back to it.");
  const rtl::Expr ways = m.Param("Ways", config.ways, "Ways, 2 or more");
  const rtl::Expr bits = lru ? rtl::Expr("Ways*(Ways - 1)/2") : ways - 1;
  m.In("order_i", bits, "Bits of the set");
  m.In("way_i", ways, "One-hot: the way that is touched");
  m.Out("order_o", bits, rtl::Latency{0}, "Bits after the touch");
  m.Out("victim_o", ways, rtl::Latency{0}, "One-hot: the way to replace");
  m.Body(lru ? kLru : kPseudoLru);
  return std::move(m).Finish();
}

}  // namespace systole
