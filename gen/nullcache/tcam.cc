// SPDX-License-Identifier: Apache-2.0
#include "gen/nullcache/blocks.h"

namespace systole {
namespace {

constexpr const char* kColumns = R"v(
  // A column for each bit, and a tree that brings together what they say of each entry.
  genvar n;

  generate
    for (n = 0; n < 2*LineAddrW - 1; n = n + 1) begin : g_node
      wire [Entries-1:0] match;
      ${compare_wires}
      if (n < LineAddrW) begin : g_column
        ${column}
      end else begin : g_both
        localparam integer Left  = 2*(n - LineAddrW);
        localparam integer Right = Left + 1;
        assign match = g_node[Left].match & g_node[Right].match;
        ${compare_both}
      end
    end
  endgenerate

  assign match_o = valid_i & g_node[2*LineAddrW-2].match;
)v";

constexpr const char* kPartners = R"v(
  // Entries of the same mask whose value differs in one bit.
  assign partners_o = valid_i & g_node[2*LineAddrW-2].differs & ~g_node[2*LineAddrW-2].ruled_out;
)v";

}  // namespace

rtl::Module BuildTcam(const CacheConfig& config) {
  rtl::ModuleBuilder m("tcam", "ternary memory: search, read, write", "gen/nullcache/tcam.cc");
  m.Doc(R"(
    A macro of its own in a chip; here it is made of flip-flops. An entry is chosen by a one-hot
    vector. Outputs mean nothing in a cycle without search or read.
  )");
  const rtl::Expr entries = m.Param("Entries", config.null.entries, "Entries");
  const rtl::Expr width = m.Param("LineAddrW", LineAddressBits(config), "Line address width, bits");
  m.Clock();
  m.Group("Search");
  m.Bit("search_i", "There is a key");
  m.In("key_i", width, "The key");
  m.In("valid_i", entries, "Entries that are valid");
  m.Out("match_o", entries, rtl::Latency{0}, "Valid entries that match");
  m.Group("Read");
  m.Bit("read_i", "An entry is read");
  m.In("read_entry_i", entries, "The entry, one-hot; none: zeros are read");
  m.Out("value_o", width, rtl::Latency{0}, "Its value; 0 where masked");
  m.Out("mask_o", width, rtl::Latency{0}, "Its mask");
  m.Group("Write");
  m.Bit("write_i", "An entry is written");
  m.In("entry_i", entries, "The entry, one-hot");
  m.In("value_i", width, "Its value");
  m.In("mask_i", width, "Its mask: don't-care");
  const bool compares = ComparesAll(config);
  if (compares) {
    m.Group("Comparison of all entries with one");
    m.Bit("compare_i", "There is one");
    m.In("current_value_i", width, "Its value");
    m.In("current_mask_i", width, "Its mask");
    m.Out("partners_o", entries, rtl::Latency{0}, "That differ in one value bit");
  }
  m.Body(kColumns);
  if (compares) m.Body(kPartners);
  m.Set("compare_wires", compares ? "wire [Entries-1:0] differs;    // in one bit, or more\n"
                                    "wire [Entries-1:0] ruled_out;  // differs in two, or the mask"
                                  : "");
  m.Set("compare_both", compares ? R"v(
    assign differs   = g_node[Left].differs | g_node[Right].differs;
    assign ruled_out = g_node[Left].ruled_out | g_node[Right].ruled_out |
                       (g_node[Left].differs & g_node[Right].differs);
  )v"
                                 : "");
  m.Set("column", rtl::Use(BuildTcamColumn(config), "u_column",
                           {{"search_i", "search_i"},
                            {"key_i", "key_i[n]"},
                            {"match_o", "match"},
                            {"read_i", "read_i"},
                            {"read_entry_i", "read_entry_i"},
                            {"value_o", "value_o[n]"},
                            {"mask_o", "mask_o[n]"},
                            {"write_i", "write_i"},
                            {"entry_i", "entry_i"},
                            {"value_i", "value_i[n]"},
                            {"mask_i", "mask_i[n]"},
                            {"compare_i", "compare_i"},
                            {"current_value_i", "current_value_i[n]"},
                            {"current_mask_i", "current_mask_i[n]"},
                            {"differs_o", "differs"},
                            {"ruled_out_o", "ruled_out"}}));
  return std::move(m).Finish();
}

}  // namespace systole
