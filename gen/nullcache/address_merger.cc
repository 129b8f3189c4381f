// SPDX-License-Identifier: Apache-2.0
#include "gen/nullcache/blocks.h"

namespace systole {
namespace {

void AddInterface(rtl::ModuleBuilder& m, const CacheConfig& config) {
  const rtl::Expr entries = "Entries", line_addr_w = "LineAddrW";
  m.ClockAndReset();
  m.Bit("free_i", "The merger may step");
  m.Bit("empty_i", "The null cache is emptied");
  m.Group("What else happens to entries");
  if (TakesInserted(config)) {
    m.Bit("insert_i", "A line is inserted");
    m.In("line_i", line_addr_w, "The line");
  }
  m.Bit("write_i", "An entry is inserted, or written by a split");
  m.Bit("leave_i", "An entry is split or dropped");
  m.In("entry_i", entries, "The entry that is written, one-hot");
  m.In("leave_entry_i", entries, "The entry that is split or dropped, one-hot");
  if (HasMarks(config)) {
    m.In("valid_i", entries, "Entries that are valid");
    m.In("clear_i", entries, "Entries that become invalid");
  }
  m.Group("Read port");
  if (HasMarks(config)) m.Bit("loaded_o", "The current entry has been read");
  if (HasMarks(config) || ComparesAll(config)) {
    m.In("value_i", line_addr_w, "Value of the entry that is read");
  }
  if (HasMarks(config) || !ComparesAll(config)) {
    m.In("mask_i", line_addr_w, "Its mask");
  }
  if (ComparesAll(config)) {
    m.Group("Comparison of all entries with the current one");
    m.Bit("compare_o", rtl::Latency{0}, "They are compared");
    m.Out("value_o", line_addr_w, "Its value");
    m.Out("mask_o", line_addr_w, "Its mask");
    m.Bit("found_i", "A partner, which is read");
  } else {
    m.Group("Search port");
    m.Bit("busy_o", "There is a current entry");
    m.Bit("search_o", rtl::Latency{0}, "A partner is searched");
    m.Out("key_o", line_addr_w, rtl::Latency{0}, "A line of it");
    m.Bit("found_i", "An entry matches, which is read");
  }
  m.Group("Merge of the current entry with a partner: the one that is read");
  m.Bit("merge_o", rtl::Latency{0}, "Now");
  m.Out("merge_entry_o", entries, rtl::Latency{0}, "The current entry, one-hot");
  m.Out("merge_value_o", line_addr_w, rtl::Latency{0}, "Its new value");
  m.Out("merge_mask_o", line_addr_w, rtl::Latency{0}, "Its new mask");
  m.Out("merge_order_o", 6, rtl::Latency{0}, "Its new order");
}

constexpr const char* kState = R"v(
  // The current entry.
  reg                  busy_q;
  reg  [Entries-1:0]   current_q;  // one-hot
  reg  [LineAddrW-1:0] value_q;
  reg  [LineAddrW-1:0] mask_q;
  ${position}
  ${mark}
  wire                 step    = ${step};
  wire                 give_up = (write_i & |(entry_i & current_q)) |
                                 (leave_i & |(leave_entry_i & current_q));
)v";

constexpr const char* kSerial = R"v(
  // A position a step: the lines that differ there have to be an entry of the same mask.
  wire                 passed = |(mask_q & position_q);
  wire                 found  = found_i & ~passed & (mask_i == mask_q);
  wire                 last   = position_q[LineAddrW-1];
  wire [LineAddrW-1:0] bits   = position_q;

  assign busy_o   = busy_q;
  assign search_o = step;
  assign key_o    = value_q ^ position_q;
)v";

constexpr const char* kParallel = R"v(
  // The partner differs in one bit.
  wire                 found = found_i;
  wire [LineAddrW-1:0] bits  = value_i ^ value_q;

  assign compare_o = step;
  assign value_o   = value_q;
  assign mask_o    = mask_q;
)v";

constexpr const char* kMerge = R"v(
  localparam [5:0] Limit = MergeOrder[5:0];

  reg  [5:0] order;
  integer    i;
  wire       at_limit = order == Limit;
  wire       merge    = step & found & ~at_limit;

  always @* begin
    order = 6'd0;
    for (i = 0; i < LineAddrW; i = i + 1) order = order + {5'd0, mask_q[i]};
  end

  assign merge_o       = merge;
  assign merge_entry_o = current_q;
  assign merge_value_o = value_q & ~bits;
  assign merge_mask_o  = mask_q | bits;
  assign merge_order_o = order + 6'd1;
)v";

constexpr const char* kMarks = R"v(
  // The lowest marked entry is taken when the merger is idle, and read in its first step.
  wire [Entries-1:0] lowest;
  wire               marked;
  wire               take = free_i & ~busy_q & marked;
  wire               load = free_i & busy_q & ~loaded_q;

  ${lowest}

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)      mark_q <= {Entries{1'b0}};
    else if (empty_i) mark_q <= {Entries{1'b0}};
    else if (write_i) mark_q <= ${marked};
    else if (take)    mark_q <= mark_q & ~lowest;
    else if (merge | leave_i) mark_q <= mark_q & ~clear_i;
  end

  assign loaded_o = loaded_q;
)v";

constexpr const char* kWork = R"v(
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)      busy_q <= 1'b0;
    else if (empty_i) busy_q <= 1'b0;
    else if (busy_q) begin
      if (give_up | (step & ${ends})) busy_q <= 1'b0;
    end
    ${begin}
  end

  always @(posedge clk_i) begin
    if (merge) begin
      value_q <= value_q & ~bits;
      mask_q  <= mask_q | bits;
    end
    ${load_inserted}
    ${load_taken}
    ${move}
  end
)v";

constexpr const char* kLoadInserted = R"v(
  if (insert_i & ~busy_q) begin
    current_q <= entry_i;
    value_q   <= line_i;
    mask_q    <= {LineAddrW{1'b0}};
  end
)v";

constexpr const char* kLoadTaken = R"v(
  if (take) begin
    current_q <= lowest;
    loaded_q  <= 1'b0;
  end else if (~busy_q | load) begin
    loaded_q  <= 1'b1;
  end
  if (load) begin
    value_q <= value_i;
    mask_q  <= mask_i;
  end
)v";

constexpr const char* kMove = R"v(
  if (merge | ~busy_q) position_q <= {{(LineAddrW-1){1'b0}}, 1'b1};
  else if (step)       position_q <= {position_q[LineAddrW-2:0], 1'b0};
)v";

void SetWork(rtl::ModuleBuilder& m, const CacheConfig& config) {
  const bool serial = !ComparesAll(config), marks = HasMarks(config);
  const bool inserted = TakesInserted(config);
  const auto set = [&](const char* name, bool there, const char* text) {
    m.Set(name, there ? text : "");
  };
  set("position", serial, "reg  [LineAddrW-1:0] position_q;  // one-hot");
  set("mark", marks,
      "reg                  loaded_q;    // it has been read\n"
      "reg  [Entries-1:0]   mark_q;      // to be taken");
  m.Set("step", marks ? "busy_q & loaded_q & free_i" : "busy_q & free_i");
  m.Set("ends", serial ? "(at_limit | (last & ~found))" : "(at_limit | ~found)");
  m.Set("begin", inserted && marks ? "else if (insert_i) busy_q <= 1'b1;\n"
                                     "else if (take)     busy_q <= 1'b1;"
                 : inserted        ? "else if (insert_i) busy_q <= 1'b1;"
                                   : "else if (take) busy_q <= 1'b1;");
  set("load_inserted", inserted, kLoadInserted);
  set("load_taken", marks, kLoadTaken);
  set("move", serial, kMove);
  if (!marks) return;
  m.Set("lowest",
        rtl::Use(Prim("lowest_bit"), "u_lowest",
                 {{"bits_i", "mark_q & valid_i"}, {"any_o", "marked"}, {"lowest_o", "lowest"}},
                 {{"Width", "Entries"}}));
  m.Set("marked", inserted ? "insert_i & ~busy_q ? mark_q & ~entry_i : mark_q | entry_i"
                           : "mark_q | entry_i");
}

}  // namespace

rtl::Module BuildAddressMerger(const CacheConfig& config) {
  const bool serial = !ComparesAll(config);
  rtl::ModuleBuilder m(
      "address_merger",
      serial ? "merges entries, a bit position a cycle" : "merges entries, all compared in a cycle",
      "gen/nullcache/address_merger.cc");
  m.Doc(R"(
    Two entries of one mask whose values differ in one bit become one with that bit masked: the
    current entry grows, its partner goes, and the search begins again. It steps in free cycles only.
  )");
  m.Param("Entries", config.null.entries, "Entries");
  m.Param("LineAddrW", LineAddressBits(config), "Line address width, bits");
  m.Param("MergeOrder", MergeOrderLimit(config), "Highest order");
  m.Require("MergeOrder >= 1 && MergeOrder <= LineAddrW", "MergeOrder_is_an_order");
  AddInterface(m, config);
  m.Body(kState);
  m.Body(serial ? kSerial : kParallel);
  m.Body(kMerge);
  if (HasMarks(config)) m.Body(kMarks);
  m.Body(kWork);
  SetWork(m, config);
  return std::move(m).Finish();
}

}  // namespace systole
