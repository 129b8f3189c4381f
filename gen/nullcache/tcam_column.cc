// SPDX-License-Identifier: Apache-2.0
#include "gen/nullcache/blocks.h"

namespace systole {
namespace {

constexpr const char* kCells = R"v(
  reg [Entries-1:0] zero_q;  // matches a key bit 0
  reg [Entries-1:0] one_q;   // matches a key bit 1; both: don't-care
  reg [Entries-1:0] match;
  reg               zero;
  reg               one;

  always @(posedge clk_i) begin
    if (write_i) begin
      zero_q <= (zero_q & ~entry_i) | (entry_i & {Entries{~value_i | mask_i}});
      one_q  <= (one_q & ~entry_i) | (entry_i & {Entries{value_i | mask_i}});
    end
  end

  always @* begin
    match = {Entries{1'bx}};
    if (search_i) match = key_i ? one_q : zero_q;
  end

  // The entry is one: what it has in its two bits says all.
  always @* begin
    zero = 1'bx;
    one  = 1'bx;
    if (read_i) begin
      zero = |(read_entry_i & zero_q);
      one  = |(read_entry_i & one_q);
    end
  end

  assign match_o = match;
  assign value_o = one & ~zero;
  assign mask_o  = one & zero;
)v";

constexpr const char* kCompare = R"v(
  reg [Entries-1:0] differs;
  reg [Entries-1:0] ruled_out;

  always @* begin
    differs   = {Entries{1'bx}};
    ruled_out = {Entries{1'bx}};
    if (compare_i) begin
      differs   = (one_q & ~zero_q) ^ {Entries{current_value_i}};
      ruled_out = (one_q & zero_q) ^ {Entries{current_mask_i}};
    end
  end

  assign differs_o   = differs;
  assign ruled_out_o = ruled_out;
)v";

}  // namespace

rtl::Module BuildTcamColumn(const CacheConfig& config) {
  rtl::ModuleBuilder m("tcam_column", "one address bit of all entries",
                       "gen/nullcache/tcam_column.cc");
  m.Doc(R"(
    Ternary cells, two bits each.
  )");
  const rtl::Expr entries = m.Param("Entries", config.null.entries, "Entries");
  m.Clock();
  m.Group("Search");
  m.Bit("search_i", "There is a key");
  m.Bit("key_i", "Its bit");
  m.Out("match_o", entries, rtl::Latency{0}, "Entries that match here");
  m.Group("Read");
  m.Bit("read_i", "An entry is read");
  m.In("read_entry_i", entries, "The entry, one-hot");
  m.Bit("value_o", rtl::Latency{0}, "Its value; 0 where masked");
  m.Bit("mask_o", rtl::Latency{0}, "Its mask");
  m.Group("Write");
  m.Bit("write_i", "An entry is written");
  m.In("entry_i", entries, "The entry, one-hot");
  m.Bit("value_i", "Its value");
  m.Bit("mask_i", "Its mask: don't-care");
  if (ComparesAll(config)) {
    m.Group("Comparison of all entries with one");
    m.Bit("compare_i", "There is one");
    m.Bit("current_value_i", "Its value");
    m.Bit("current_mask_i", "Its mask");
    m.Out("differs_o", entries, rtl::Latency{0}, "The value is another one here");
    m.Out("ruled_out_o", entries, rtl::Latency{0}, "The mask is another one here");
  }
  m.Body(kCells);
  if (ComparesAll(config)) m.Body(kCompare);
  return std::move(m).Finish();
}

}  // namespace systole
