// SPDX-License-Identifier: Apache-2.0
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
  m.Bit("hit_i", "The entry is used");
  m.Bit("leave_i", "The line has to leave the entry");
  m.Group("The cycles in which it does, after the lookup");
  m.Bit("leaving_i", "One of them");
  m.Bit("left_o", rtl::Latency{0}, "The last one");
  m.Group("Insertion of a line that is not covered");
  m.Bit("insert_i", "There is one");
  m.In("insert_line_i", line_addr_w, "The line");
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
  genvar               b;

  generate
    for (b = 0; b < LineAddrW; b = b + 1) begin : g_column
      wire [Entries-1:0] match_in;
      wire [Entries-1:0] match_out;
      ${compare_wires}
      if (b == 0) begin : g_first
        assign match_in = valid_q;
        ${compare_first}
      end else begin : g_next
        assign match_in = g_column[b-1].match_out;
        ${compare_next}
      end

      ${column}
    end
  endgenerate

  assign match     = g_column[LineAddrW-1].match_out;
  assign covered_o = lookup_i & |match;
)v";

constexpr const char* kCompare = R"v(
  // Partners of the merger's entry: the lowest is read.
  reg [Entries-1:0] partner;

  always @* begin
    partner = {Entries{1'b0}};
    if (merge_compare) begin
      partner = valid_q & g_column[LineAddrW-1].differs_out & ~g_column[LineAddrW-1].ruled_out_out;
      partner = partner & (~partner + 1'b1);
    end
  end
)v";

constexpr const char* kSlot = R"v(
  // Slot of a new entry: the lowest invalid one, or the replacement's.
  wire               full = &valid_q;
  wire [Entries-1:0] victim;
  reg  [Entries-1:0] slot;

  always @* begin
    slot = {Entries{1'b0}};
    if (insert_i | leaving_i) slot = full ? victim : ~valid_q & (valid_q + 1'b1);
  end
)v";

constexpr const char* kDrop = R"v(
  // The entry goes, in one cycle.
  reg  [Entries-1:0] leave_entry_q;
  wire               gone = leaving_i;
  ${drop_state}

  always @(posedge clk_i) begin
    if (leave_i) begin
      leave_entry_q <= match;
      ${drop_capture}
    end
  end

  assign left_o = 1'b1;
  ${drop_event}
)v";

constexpr const char* kSplit = R"v(
  // A cycle halves what is left of the entry at its highest mask bit, and keeps the half without
  // the line: the first in place, the others in invalid entries. Without one the rest is forgotten.
  reg  [Entries-1:0]   leave_entry_q;
  reg  [LineAddrW-1:0] leave_value_q;
  reg  [LineAddrW-1:0] leave_mask_q;
  reg                  leave_first_q;
  reg  [LineAddrW-1:0] half;           // the mask bit
  reg  [5:0]           half_order;     // of the half that is kept
  wire [LineAddrW-1:0] half_mask = leave_mask_q & ~half;
  wire                 single    = ~|leave_mask_q;  // the line alone
  wire                 gone      = leaving_i & single;
  wire                 forget    = leaving_i & ~leave_first_q & full;
  wire                 keep      = leaving_i & ~single & ~forget;
  integer              i;

  always @* begin
    half       = {LineAddrW{1'b0}};
    half_order = 6'd0;
    i          = 0;
    if (leaving_i) begin
      for (i = 0; i < LineAddrW; i = i + 1) begin
        if (leave_mask_q[i]) begin
          half       = {LineAddrW{1'b0}};
          half[i]    = 1'b1;
          half_order = half_order + 6'd1;
        end
      end
      half_order = half_order - 6'd1;
    end
  end

  always @(posedge clk_i) begin
    if (leave_i) begin
      leave_entry_q <= match;
      leave_value_q <= read_value;
      leave_mask_q  <= read_mask;
      leave_first_q <= 1'b1;
    end else if (leaving_i) begin
      leave_value_q <= leave_value_q | (line_i & half);
      leave_mask_q  <= half_mask;
      leave_first_q <= 1'b0;
    end
  end

  assign left_o  = forget | ~|half_mask;
  ${split_events}
)v";

constexpr const char* kWrite = R"v(
  // One source writes.
  always @* begin
    write = 1'b0;
    entry = {Entries{1'b0}};
    value = {LineAddrW{1'b0}};
    mask  = {LineAddrW{1'b0}};
    order = 6'd0;
    if (insert_i) begin
      write = 1'b1;
      entry = slot;
      value = insert_line_i;
    end
    ${split_write}
    ${merge_write}
  end

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)           valid_q <= {Entries{1'b0}};
    else if (empty_i)      valid_q <= {Entries{1'b0}};
    else if (gone)         valid_q <= valid_q & ~leave_entry_q;
    ${merge_valid}
    else if (write)        valid_q <= valid_q | entry;
  end
)v";

constexpr const char* kSplitWrite = R"v(
  else if (keep) begin
    write = 1'b1;
    entry = leave_first_q ? leave_entry_q : slot;
    value = leave_value_q | (~line_i & half);
    mask  = half_mask;
    order = half_order;
  end
)v";

constexpr const char* kMergeWrite = R"v(
  else if (merge) begin
    write = 1'b1;
    entry = merge_entry;
    value = merge_value;
    mask  = merge_mask;
    order = merge_order;
  end
)v";

constexpr const char* kReplacement = R"v(
  ${replacement}
  ${eviction}
  ${unused}
)v";

constexpr const char* kMerger = R"v(
  // The merger steps when nothing else needs the entries. What it does in the cycle in which they
  // are forgotten is not kept.
  wire free = ~(lookup_i | leaving_i | insert_i);
  ${merger_clear}

  ${merger}
  ${merge_events}
)v";

constexpr const char* kAssertions = R"v(
  `ifdef FORMAL
  always @(posedge clk_i) begin
    if (rst_ni) begin
      assert ((match & (match - 1'b1)) == {Entries{1'b0}});
      if (lookup_i & insert_i) assert (0);
      if (leave_i) assert (covered_o);
    end
  end
  `endif
)v";

void SetSearch(rtl::ModuleBuilder& m, const CacheConfig& config) {
  const bool compares = ComparesAll(config), marks = HasMarks(config);
  const bool searches = HasMerger(config) && !compares;
  const auto set = [&](const char* name, bool there, const char* text) {
    m.Set(name, there ? text : "");
  };
  std::string wires, read = "leave_i", read_entry = "match";
  if (HasMerger(config)) {
    wires =
        "wire                 merge;\n"
        "wire [Entries-1:0]   merge_entry;\n"
        "wire [LineAddrW-1:0] merge_value;\n"
        "wire [LineAddrW-1:0] merge_mask;\n"
        "wire [5:0]           merge_order;\n";
  }
  if (searches) {
    wires += "wire                 merge_search;\nwire [LineAddrW-1:0] merge_key;\n";
    read += " | (merge_search & |match)";
  }
  if (compares) {
    wires +=
        "wire                 merge_compare;\n"
        "wire [LineAddrW-1:0] current_value;\n"
        "wire [LineAddrW-1:0] current_mask;\n";
    read += " | merge_compare";
    read_entry = "merge_compare ? partner : match";
  }
  if (marks) {
    wires += "wire                 take;\nwire [Entries-1:0]   take_entry;\n";
    read += " | take";
    read_entry = "take ? take_entry : " + read_entry;
  }
  if (!wires.empty()) wires.pop_back();
  m.Set("merger_wires", wires);
  m.Set("search", searches ? "lookup_i | merge_search" : "lookup_i");
  m.Set("key", searches ? "lookup_i ? line_i : merge_key" : "line_i");
  m.Set("read", read);
  m.Set("read_entry", read_entry);
  set("compare_wires", compares, R"v(
    wire [Entries-1:0] ruled_out_in;
    wire [Entries-1:0] differs_in;
    wire [Entries-1:0] ruled_out_out;
    wire [Entries-1:0] differs_out;
  )v");
  set("compare_first", compares,
      "assign ruled_out_in = {Entries{1'b0}};\nassign differs_in = {Entries{1'b0}};");
  set("compare_next", compares,
      "assign ruled_out_in = g_column[b-1].ruled_out_out;\n"
      "assign differs_in = g_column[b-1].differs_out;");
  m.Set("column", rtl::Use(BuildTcamColumn(config), "u_column",
                           {{"search_i", "search"},
                            {"key_i", "key[b]"},
                            {"match_i", "match_in"},
                            {"match_o", "match_out"},
                            {"value_o", "read_value[b]"},
                            {"mask_o", "read_mask[b]"},
                            {"entry_i", "entry"},
                            {"value_i", "value[b]"},
                            {"mask_i", "mask[b]"},
                            {"compare_i", "merge_compare"},
                            {"current_value_i", "current_value[b]"},
                            {"current_mask_i", "current_mask[b]"},
                            {"ruled_out_i", "ruled_out_in"},
                            {"differs_i", "differs_in"},
                            {"ruled_out_o", "ruled_out_out"},
                            {"differs_o", "differs_out"}}));
}

void SetLeave(rtl::ModuleBuilder& m, const CacheConfig& config) {
  const bool counts = config.counter_width > 0;
  if (Splits(config)) {
    m.Set("split_events", counts ? "assign split_o = leaving_i & leave_first_q & ~single;\n"
                                   "assign drop_o  = forget;"
                                 : "");
    m.Set("split_write", kSplitWrite);
    return;
  }
  m.Set("split_write", "");
  m.Set("drop_state",
        counts ? "reg                leave_others_q;  // it covers more than the line" : "");
  m.Set("drop_capture", counts ? "leave_others_q <= |read_mask;" : "");
  m.Set("drop_event", counts ? "assign drop_o = leaving_i & leave_others_q;" : "");
}

void SetMerger(rtl::ModuleBuilder& m, const CacheConfig& config) {
  const bool compares = ComparesAll(config), marks = HasMarks(config);
  m.Set("merge_write", kMergeWrite);
  m.Set("merge_valid", "else if (merge)        valid_q <= valid_q & ~read_entry;");
  m.Set("merger_clear",
        marks ? "wire [Entries-1:0] clear = merge ? read_entry : {Entries{gone}} & leave_entry_q;"
              : "");
  m.Set("merger", rtl::Use(BuildAddressMerger(config), "u_merger",
                           {{"empty_i", "empty_i"},
                            {"insert_i", "insert_i"},
                            {"line_i", "insert_line_i"},
                            {"write_i", Splits(config) ? "insert_i | keep" : "insert_i"},
                            {"leave_i", "leaving_i"},
                            {"leave_entry_i", "leave_entry_q"},
                            {"valid_i", "valid_q"},
                            {"value_i", "read_value"},
                            {"mask_i", "read_mask"},
                            {"search_o", "merge_search"},
                            {"key_o", "merge_key"},
                            {"compare_o", "merge_compare"},
                            {"value_o", "current_value"},
                            {"mask_o", "current_mask"},
                            {"found_i", compares ? "|partner" : "merge_search & |match"}}));
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
  if (ComparesAll(config)) m.Body(kCompare);
  m.Body(kSlot);
  m.Body(Splits(config) ? kSplit : kDrop);
  SetLeave(m, config);
  m.Body(kWrite);
  m.Body(kReplacement);
  m.Set("replacement", rtl::Use(BuildNullReplacement(config), "u_replacement",
                                {{"hit_i", "hit_i"},
                                 {"forget_i", "empty_i"},
                                 {"entry_i", "hit_i ? match : entry"},
                                 {"replace_i", "insert_i & full"}}));
  m.Set("unused", Unused(config));
  m.Set("eviction", config.counter_width > 0 ? "assign eviction_o = insert_i & full;" : "");
  if (merger) {
    m.Body(kMerger);
    SetMerger(m, config);
  } else {
    for (const char* name : {"merge_write", "merge_valid"}) m.Set(name, "");
  }
  m.Body(kAssertions);
  return std::move(m).Finish();
}

}  // namespace systole
