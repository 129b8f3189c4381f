// SPDX-License-Identifier: Apache-2.0
#include "gen/nullcache/blocks.h"

namespace systole {
namespace {

constexpr const char* kCells = R"v(
  reg [Entries-1:0] zero_q;  // matches a key bit 0
  reg [Entries-1:0] one_q;   // matches a key bit 1; both: don't-care
  reg [Entries-1:0] match;
  reg               value;
  reg               mask;

  always @(posedge clk_i) begin
    if (write_i) begin
      zero_q <= (zero_q & ~entry_i) | (entry_i & {Entries{~value_i | mask_i}});
      one_q  <= (one_q & ~entry_i) | (entry_i & {Entries{value_i | mask_i}});
    end
  end

  always @* begin
    match = {Entries{1'b0}};
    if (search_i) match = match_i & (key_i ? one_q : zero_q);
  end

  always @* begin
    value = 1'b0;
    mask  = 1'b0;
    if (read_i) begin
      value = |(read_entry_i & one_q & ~zero_q);
      mask  = |(read_entry_i & one_q & zero_q);
    end
  end

  assign match_o = match;
  assign value_o = value;
  assign mask_o  = mask;
)v";

constexpr const char* kCompare = R"v(
  // An entry is ruled out by another mask, or when its value differs for the second time.
  reg [Entries-1:0] ruled_out;
  reg [Entries-1:0] differs;

  always @* begin
    ruled_out = {Entries{1'b0}};
    differs   = {Entries{1'b0}};
    if (compare_i) begin
      differs   = (one_q & ~zero_q) ^ {Entries{current_value_i}};
      ruled_out = ruled_out_i | (differs & differs_i) |
                  ((one_q & zero_q) ^ {Entries{current_mask_i}});
      differs   = differs | differs_i;
    end
  end

  assign ruled_out_o = ruled_out;
  assign differs_o   = differs;
)v";

}  // namespace

rtl::Module BuildTcamColumn(const CacheConfig& config) {
  rtl::ModuleBuilder m("tcam_column", "one address bit of all entries",
                       "gen/nullcache/tcam_column.cc");
  m.Doc(R"(
    Ternary cells, two bits each. Columns are chained: match_i is what the columns before found. An
    entry is chosen by a one-hot vector. Nothing toggles in a cycle without search or read.
  )");
  const rtl::Expr entries = m.Param("Entries", config.null.entries, "Entries");
  m.Clock();
  m.Group("Search");
  m.Bit("search_i", "There is a key");
  m.Bit("key_i", "Its bit");
  m.In("match_i", entries, "Entries that match so far");
  m.Out("match_o", entries, rtl::Latency{0}, "Those that match here as well");
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
    m.In("ruled_out_i", entries, "No partners so far");
    m.In("differs_i", entries, "One difference so far");
    m.Out("ruled_out_o", entries, rtl::Latency{0}, "No partners");
    m.Out("differs_o", entries, rtl::Latency{0}, "One difference, or more");
  }
  m.Body(kCells);
  if (ComparesAll(config)) m.Body(kCompare);
  return std::move(m).Finish();
}

}  // namespace systole
