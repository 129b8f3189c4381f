// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "gen/nullcache/blocks.h"

namespace systole {
namespace {

void AddInterface(rtl::ModuleBuilder& m, const CacheConfig& config) {
  const rtl::Expr line_addr_w = "LineAddrW";
  m.ClockAndReset();
  m.Bit("empty_i", "Everything is forgotten");
  m.Group("Lookup");
  m.Bit("lookup_i", "There is a request");
  m.In("line_i", line_addr_w, "Its line; kept while the line leaves");
  m.Bit("covered_o", rtl::Latency{0}, "An entry covers it");
  m.Bit("stores_i", "With something not zero: the line has to leave");
  m.Group("The cycles in which it does, after the lookup");
  m.Bit("leaving_i", "One of them");
  m.Bit("left_o", rtl::Latency{0}, "The last one");
  m.Group("Insertion of a line that is not covered");
  m.Bit("insert_i", "There is one");
  m.In("insert_line_i", line_addr_w, "The line");
  if (HasMerger(config)) {
    m.Group("Time of the merger");
    m.Bit("free_i", "No lookup, nothing leaves, nothing is inserted");
  }
  if (config.counter_width == 0) return;
  m.Group("Events");
  m.Bit("eviction_o", rtl::Latency{0}, "A valid entry is replaced");
  if (Splits(config)) m.Bit("split_o", rtl::Latency{0}, "Other lines of the entry stay");
  m.Bit("drop_o", rtl::Latency{0}, "Other lines are forgotten");
  if (HasMerger(config)) {
    m.Out("merges_o", 8, rtl::Latency{0}, "Merges to order 1 to 7, 8 or more");
  }
}

constexpr const char* kSearch = R"v(
  // Entries. They never overlap: at most one matches.
  reg  [Entries-1:0]   valid_q;
  wire [Entries-1:0]   match;
  wire [LineAddrW-1:0] read_value;  // of the entry that is read
  wire [LineAddrW-1:0] read_mask;
  reg                  write;       // an entry is written
  reg  [Entries-1:0]   entry;       // this one, one-hot
  reg  [LineAddrW-1:0] value;
  reg  [LineAddrW-1:0] mask;
  reg  [5:0]           order;
  ${merger_wires}
  wire                 search     = ${search};
  wire [LineAddrW-1:0] key        = ${key};
  wire                 read       = ${read};
  wire [Entries-1:0]   read_entry = ${read_entry};

  ${tcam}

  assign covered_o = lookup_i & |match;

  // What a request matched is used in the next cycle: a hit touches it, or the line leaves it.
  reg  [Entries-1:0] match_q;
  reg                hit_q;

  always @(posedge clk_i) begin
    if (lookup_i) match_q <= match;
  end

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) hit_q <= 1'b0;
    else         hit_q <= covered_o & ~stores_i;
  end
)v";

constexpr const char* kPartner = R"v(
  ${partner}
)v";

constexpr const char* kSlot = R"v(
  // Slot of a new entry: the lowest invalid one, or the lowest that the replacement would give.
  wire               full = &valid_q;
  wire [Entries-1:0] least;
  wire [Entries-1:0] slot;
  wire               unused_any;

  ${slot}
)v";

constexpr const char* kDrop = R"v(
  // The entry goes, in one cycle.
  wire gone = leaving_i;

  assign left_o = 1'b1;
  ${drop_event}
)v";

constexpr const char* kSplit = R"v(
  // First the entry is read. Then a cycle halves what is left of it at its highest mask bit, and
  // keeps the half without the line: the first in place, the others in invalid entries. Without
  // one the rest is forgotten.
  reg                  leave_read_q;   // it has been read
  reg  [LineAddrW-1:0] leave_value_q;
  reg  [LineAddrW-1:0] leave_mask_q;
  reg                  leave_first_q;
  reg  [LineAddrW-1:0] half;           // the mask bit
  reg  [5:0]           leave_order;    // how many
  wire [LineAddrW-1:0] half_mask = leave_mask_q & ~half;
  wire                 single    = ~|leave_mask_q;  // the line alone
  wire                 halve     = leaving_i & leave_read_q;
  wire                 gone      = halve & single;
  wire                 forget    = halve & ~leave_first_q & full;
  wire                 keep      = halve & ~single & ~forget;
  integer              i;

  always @* begin
    half        = {LineAddrW{1'bx}};
    leave_order = 6'dx;
    i           = 0;
    if (leaving_i) begin
      half        = {LineAddrW{1'b0}};
      leave_order = 6'd0;
      for (i = 0; i < LineAddrW; i = i + 1) begin
        leave_order = leave_order + {5'd0, leave_mask_q[i]};
        if (leave_mask_q[i]) begin
          half    = {LineAddrW{1'b0}};
          half[i] = 1'b1;
        end
      end
    end
  end

  always @(posedge clk_i) begin
    if (lookup_i) begin
      leave_read_q <= 1'b0;
    end else if (leaving_i & ~leave_read_q) begin
      leave_read_q  <= 1'b1;
      leave_value_q <= read_value;
      leave_mask_q  <= read_mask;
      leave_first_q <= 1'b1;
    end else if (leaving_i) begin
      leave_value_q <= leave_value_q | (line_i & half);
      leave_mask_q  <= half_mask;
      leave_first_q <= 1'b0;
    end
  end

  assign left_o  = forget | (leave_read_q & ~|half_mask);
  ${split_events}
)v";

constexpr const char* kWrite = R"v(
  // One source writes.
  always @* begin
    write = ${write};
    entry = ${entry};
    value = ${value};
    mask  = ${mask};
    order = ${order};
    if (insert_i) begin
      write = 1'b1;
      entry = slot;
      value = insert_line_i;
      mask  = {LineAddrW{1'b0}};
      order = 6'd0;
    end
    ${split_write}
  end

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)           valid_q <= {Entries{1'b0}};
    else if (empty_i)      valid_q <= {Entries{1'b0}};
    else if (gone)         valid_q <= valid_q & ~match_q;
    ${merge_valid}
    else if (write)        valid_q <= valid_q | entry;
  end
)v";

constexpr const char* kSplitWrite = R"v(
  else if (keep) begin
    write = 1'b1;
    entry = leave_first_q ? match_q : slot;
    value = leave_value_q | (~line_i & half);
    mask  = half_mask;
    order = leave_order - 6'd1;
  end
)v";

constexpr const char* kReplacement = R"v(
  ${replacement}
  ${eviction}
  ${unused}
)v";

constexpr const char* kMerger = R"v(
  // What the merger does in the cycle in which the entries are forgotten is not kept.
  ${merger_clear}

  ${merger}
  ${merge_events}
)v";

constexpr const char* kAssertions = R"v(
  `ifdef FORMAL
  always @(posedge clk_i) begin
    if (rst_ni) begin
      if (search) assert ((match & (match - 1'b1)) == {Entries{1'b0}});
      assert (lookup_i + leaving_i + insert_i${free} <= 3'd1);
      assert (~(hit_q & (leaving_i | insert_i)));
      if (insert_i & full) assert (|least);
    end
  end
  `endif
)v";

void SetSearch(rtl::ModuleBuilder& m, const CacheConfig& config) {
  const bool compares = ComparesAll(config), marks = HasMarks(config);
  const bool searches = HasMerger(config) && !compares;
  const bool merger = HasMerger(config);
  std::string wires, read = "leaving_i", read_entry = merger ? "match" : "match_q";
  if (HasMerger(config)) {
    wires =
        "wire                 merge;\n"
        "wire [Entries-1:0]   merge_entry;\n"
        "wire [LineAddrW-1:0] merge_value;\n"
        "wire [LineAddrW-1:0] merge_mask;\n"
        "wire [5:0]           merge_order;\n";
  }
  if (searches) {
    wires +=
        "wire                 merge_busy;\n"
        "wire                 merge_search;\n"
        "wire [LineAddrW-1:0] merge_key;\n";
    read += " | merge_search";
  }
  if (compares) {
    wires +=
        "wire                 merge_compare;\n"
        "wire [LineAddrW-1:0] current_value;\n"
        "wire [LineAddrW-1:0] current_mask;\n"
        "wire [Entries-1:0]   partners;\n"
        "wire [Entries-1:0]   partner;  // the lowest\n"
        "wire                 found;\n";
    read += " | merge_compare";
    read_entry = "partner";
  }
  if (marks) {
    wires += "wire                 merge_loaded;\n";
    read += " | (free & ~merge_loaded)";
    read_entry = "~merge_loaded ? merge_entry : " + read_entry;
  }
  if (merger) {
    wires += "wire                 free       = free_i & ~hit_q;\n";
    wires += fmt::format("wire [Entries-1:0]   merge_read = {};\n", read_entry);
    read_entry = "leaving_i ? match_q : merge_read";
  }
  if (!wires.empty()) wires.pop_back();
  m.Set("merger_wires", wires);
  m.Set("search", searches ? "lookup_i | merge_search" : "lookup_i");
  m.Set("key", searches ? "lookup_i | ~merge_busy ? line_i : merge_key" : "line_i");
  m.Set("read", read);
  m.Set("read_entry", read_entry);
  m.Set("tcam", rtl::Use(BuildTcam(config), "u_tcam",
                         {{"search_i", "search"},
                          {"key_i", "key"},
                          {"valid_i", "valid_q"},
                          {"read_i", "read"},
                          {"read_entry_i", "read_entry"},
                          {"value_o", "read_value"},
                          {"mask_o", "read_mask"},
                          {"write_i", "write"},
                          {"value_i", "value"},
                          {"mask_i", "mask"},
                          {"compare_i", "merge_compare"},
                          {"current_value_i", "current_value"},
                          {"current_mask_i", "current_mask"}}));
}

void SetLeave(rtl::ModuleBuilder& m, const CacheConfig& config) {
  const bool counts = config.counter_width > 0;
  if (Splits(config)) {
    m.Set("split_events", counts ? "assign split_o = halve & leave_first_q & ~single;\n"
                                   "assign drop_o  = forget;"
                                 : "");
    m.Set("split_write", kSplitWrite);
    return;
  }
  m.Set("split_write", "");
  m.Set("drop_event", counts ? "assign drop_o = leaving_i & |read_mask;" : "");
}

void SetMerger(rtl::ModuleBuilder& m, const CacheConfig& config) {
  const bool compares = ComparesAll(config), marks = HasMarks(config);
  m.Set("merge_valid", "else if (merge)        valid_q <= valid_q & ~read_entry;");
  m.Set("merger_clear",
        marks ? "wire [Entries-1:0] clear = merge ? read_entry : {Entries{gone}} & match_q;" : "");
  m.Set("merger", rtl::Use(BuildAddressMerger(config), "u_merger",
                           {{"free_i", "free"},
                            {"empty_i", "empty_i"},
                            {"insert_i", "insert_i"},
                            {"line_i", "insert_line_i"},
                            {"write_i", Splits(config) ? "insert_i | keep" : "insert_i"},
                            {"leave_i", "leaving_i"},
                            {"leave_entry_i", "match_q"},
                            {"valid_i", "valid_q"},
                            {"value_i", "read_value"},
                            {"mask_i", "read_mask"},
                            {"busy_o", "merge_busy"},
                            {"loaded_o", "merge_loaded"},
                            {"search_o", "merge_search"},
                            {"key_o", "merge_key"},
                            {"compare_o", "merge_compare"},
                            {"value_o", "current_value"},
                            {"mask_o", "current_mask"},
                            {"found_i", compares ? "found" : "merge_search & |match"}}));
  m.Set("merge_events", config.counter_width > 0 ? R"v(
    assign merges_o = ~merge | empty_i  ? 8'd0 :
                      merge_order > 6'd7 ? 8'h80 : 8'd1 << (merge_order - 6'd1);
  )v"
                                                 : "");
}

/// What this configuration has no use for.
std::string Unused(const CacheConfig& config) {
  std::string names;
  if (config.null.replacement == NullReplacement::kLru) names += ", order";
  if (!Splits(config)) {
    const bool taken = HasMarks(config), searched = HasMerger(config) && !ComparesAll(config);
    if (!taken && !ComparesAll(config)) names += ", read_value";
    if (!taken && !searched && config.counter_width == 0) names += ", read_mask";
  }
  return names.empty() ? "" : "wire unused = &{1'b0" + names + "};";
}

}  // namespace

rtl::Module BuildNullCache(const CacheConfig& config) {
  const bool merger = HasMerger(config);
  rtl::ModuleBuilder m("null_cache", "ternary entries that cover lines of zeros",
                       "gen/nullcache/null_cache.cc");
  m.Doc(R"(
    Entry {valid, value, mask} covers line x if ((x ^ value) & ~mask) == 0. docs/null-cache.md has
    insertion, leaving, merging and replacement.
  )");
  m.Param("Entries", config.null.entries, "Entries");
  m.Param("LineAddrW", LineAddressBits(config), "Line address width, bits");
  if (merger) m.Param("MergeOrder", MergeOrderLimit(config), "Highest order that merging reaches");
  AddInterface(m, config);
  m.Body(kSearch);
  SetSearch(m, config);
  if (ComparesAll(config)) {
    m.Body(kPartner);
    m.Set("partner", rtl::Use(Prim("lowest_bit"), "u_partner",
                              {{"bits_i", "partners"}, {"any_o", "found"}, {"lowest_o", "partner"}},
                              {{"Width", "Entries"}}));
  }
  m.Body(kSlot);
  m.Set("slot",
        rtl::Use(
            Prim("lowest_bit"), "u_slot",
            {{"bits_i", "full ? least : ~valid_q"}, {"any_o", "unused_any"}, {"lowest_o", "slot"}},
            {{"Width", "Entries"}}));
  m.Body(Splits(config) ? kSplit : kDrop);
  SetLeave(m, config);
  m.Body(kWrite);
  m.Set("write", merger ? "merge" : "1'b0");
  m.Set("entry", merger ? "merge_entry" : "{Entries{1'bx}}");
  m.Set("value", merger ? "merge_value" : "{LineAddrW{1'bx}}");
  m.Set("mask", merger ? "merge_mask" : "{LineAddrW{1'bx}}");
  m.Set("order", merger ? "merge_order" : "6'dx");
  m.Body(kReplacement);
  m.Set("replacement", rtl::Use(BuildNullReplacement(config), "u_replacement",
                                {{"hit_i", "hit_q"},
                                 {"hit_entry_i", "match_q"},
                                 {"write_i", "write & ~empty_i"},
                                 {"replace_i", "insert_i & full"}}));
  m.Set("unused", Unused(config));
  m.Set("eviction", config.counter_width > 0 ? "assign eviction_o = insert_i & full;" : "");
  if (merger) {
    m.Body(kMerger);
    SetMerger(m, config);
  } else {
    m.Set("merge_valid", "");
  }
  m.Body(kAssertions);
  m.Set("free", merger ? " + free_i" : "");
  return std::move(m).Finish();
}

}  // namespace systole
