// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <vector>

#include "gen/nullcache/blocks.h"

namespace systole {
namespace {

struct Counter {
  int address;
  const char* name;   ///< of its register
  const char* event;  ///< what it counts
  const char* port;
  const char* doc;
};

constexpr Counter kL1Counters[] = {
    {2, "accesses_q", "access_i", "access_i", "A load or a store has its response"},
    {3, "l1_hits_q", "l1_hit_i", "l1_hit_i", "The L1 has the line"},
    {5, "write_backs_q", "write_back_i", "write_back_i", "A line enters the write buffer"},
    {6, "stalls_q", "stall_i", "stall_i", "A request waits, or a load for its response"},
    {12, "fills_q", "fill_i", "fill_i", "A line is read from memory"},
};
constexpr Counter kNullCounters[] = {
    {4, "null_hits_q", "null_hit_i", "null_hit_i", "The null cache covers the line"},
    {7, "insertions_q", "insertion_i", "insertion_i", "A line enters the null cache"},
    {8, "splits_q", "split_i", "split_i", "A covered store: other lines of the entry stay"},
    {9, "drops_q", "drop_i", "drop_i", "A covered store: other lines are forgotten"},
    {10, "evictions_q", "eviction_i", "eviction_i", "An insertion replaces a valid entry"},
    {11, "approximated_q", "approximated_i", "approximated_i", "The inserted line is not all zero"},
    {13, "covered_stores_q", "covered_i", "covered_i", "A non-zero store to a covered line"},
};
constexpr const char* kMergeNames[] = {"merges1_q", "merges2_q", "merges3_q", "merges4_q",
                                       "merges5_q", "merges6_q", "merges7_q", "merges8_q"};
constexpr const char* kMergeEvents[] = {"merges_i[0]", "merges_i[1]", "merges_i[2]", "merges_i[3]",
                                        "merges_i[4]", "merges_i[5]", "merges_i[6]", "merges_i[7]"};

/// Counters of what the configuration can do.
std::vector<Counter> Counters(const CacheConfig& config) {
  std::vector<Counter> counters;
  if (config.counter_width == 0) return counters;
  counters.assign(std::begin(kL1Counters), std::end(kL1Counters));
  if (!config.null_cache) return counters;
  for (const Counter& counter : kNullCounters) {
    if (counter.address == 11 && !config.null.approximation) continue;
    if (counter.address == 8 && config.null.store_policy == NullStorePolicy::kDrop) continue;
    counters.push_back(counter);
  }
  if (HasMerger(config)) {
    for (int i = 0; i < 8; ++i) {
      counters.push_back({16 + i, kMergeNames[i], kMergeEvents[i], "merges_i", "A merge"});
    }
  }
  return counters;
}

void AddInterface(rtl::ModuleBuilder& m, const CacheConfig& config) {
  m.ClockAndReset();
  m.Group("Register port");
  m.Bit("write_i", "The register is written");
  m.In("addr_i", 5, "The register");
  m.In("wdata_i", 64, "What is written");
  m.Out("rdata_o", 64, rtl::Latency{0}, "What the register holds");
  if (config.null_cache) {
    m.Group("Control");
    m.Bit("enable_o", "The null cache is enabled");
    m.Bit("empty_o", rtl::Latency{0}, "It is emptied");
    if (Approximates(config)) {
      m.Out("lanes_o", 2, "Lanes of the zero detector");
      m.Out("threshold_o", 32, "Magnitude that it takes for zero");
    }
  }
  if (config.counter_width == 0) return;
  m.Group("Events");
  std::string last;
  for (const Counter& counter : Counters(config)) {
    if (counter.port == last) continue;
    last = counter.port;
    if (last == "merges_i") {
      m.In(last, 8, "Merges to order 1 to 7, 8 or more");
    } else {
      m.Bit(last, counter.doc);
    }
  }
}

constexpr const char* kControl = R"v(
  // Emptied when it is flushed or disabled.
  reg  enable_q;
  ${approximation_state}
  wire control = write_i & (addr_i == 5'd0);

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      enable_q <= 1'b1;
      ${approximation_reset}
    end else begin
      if (control) enable_q <= wdata_i[0];
      ${approximation_write}
    end
  end

  assign enable_o = enable_q;
  assign empty_o  = control & (~wdata_i[0] | wdata_i[1]);
  ${approximation_outputs}
)v";

void AddControl(rtl::ModuleBuilder& m, const CacheConfig& config) {
  const bool approximates = Approximates(config);
  const auto set = [&](const char* name, const char* text) {
    m.Set(name, approximates ? text : "");
  };
  m.Body(kControl);
  set("approximation_state", "reg  [1:0]  lanes_q;\nreg  [31:0] threshold_q;");
  set("approximation_reset", "lanes_q     <= 2'd0;\nthreshold_q <= 32'd0;");
  set("approximation_write",
      "if (control) lanes_q <= wdata_i[3:2];\n"
      "if (write_i & (addr_i == 5'd1)) threshold_q <= wdata_i[31:0];");
  set("approximation_outputs", "assign lanes_o     = lanes_q;\nassign threshold_o = threshold_q;");
}

constexpr const char* kCounters = R"v(
  // Counters. A cleared one starts with the next event.
  ${registers}
  wire clear = write_i & (addr_i == 5'd0) & wdata_i[4];

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ${reset}
    end else if (clear) begin
      ${reset2}
    end else begin
      ${count}
    end
  end
)v";

void AddCounters(rtl::ModuleBuilder& m, const CacheConfig& config) {
  std::string registers, reset, count;
  const auto add = [](std::string& text, const std::string& line) {
    text += (text.empty() ? "" : "\n") + line;
  };
  for (const Counter& counter : Counters(config)) {
    add(registers, fmt::format("reg [CounterW-1:0] {};", counter.name));
    add(reset, fmt::format("{:<16} <= {{CounterW{{1'b0}}}};", counter.name));
    add(count, fmt::format("if ({}) {} <= {} + 1'b1;", counter.event, counter.name, counter.name));
  }
  m.Body(kCounters);
  m.Set("registers", registers);
  m.Set("reset", reset);
  m.Set("reset2", reset);
  m.Set("count", count);
}

constexpr const char* kRead = R"v(
  reg [63:0] rdata;

  always @* begin
    rdata = 64'd0;
    case (addr_i)
      ${cases}
      default: rdata = 64'd0;
    endcase
  end

  assign rdata_o = rdata;
)v";

void AddRead(rtl::ModuleBuilder& m, const CacheConfig& config) {
  std::string cases, unused;
  const auto add = [&](int address, const std::string& value) {
    cases += fmt::format("{}5'd{}: {};", cases.empty() ? "" : "\n", address, value);
  };
  if (config.null_cache) {
    add(0, Approximates(config) ? "rdata[3:0] = {lanes_q, 1'b0, enable_q}" : "rdata[0] = enable_q");
    if (Approximates(config)) add(1, "rdata[31:0] = threshold_q");
  }
  for (const Counter& counter : Counters(config)) {
    add(counter.address, fmt::format("rdata[CounterW-1:0] = {}", counter.name));
  }
  m.Body(kRead);
  m.Set("cases", cases);
  // What the registers of this configuration do not keep.
  std::string kept = "wdata_i[63:5]";
  if (Approximates(config)) {
    kept = config.counter_width > 0 ? "wdata_i[63:32]" : "wdata_i[63:32], wdata_i[4]";
  } else {
    if (config.counter_width == 0) kept += ", wdata_i[4]";
    kept += config.null_cache ? ", wdata_i[3:2]" : ", wdata_i[3:0]";
  }
  m.Body(fmt::format("  wire unused_data = &{{1'b0, {}}};\n", kept));
}

}  // namespace

rtl::Module BuildCacheRegisters(const CacheConfig& config) {
  rtl::ModuleBuilder m("cache_registers", "control and counters",
                       "gen/nullcache/cache_registers.cc");
  if (config.counter_width > 0) {
    m.Param("CounterW", config.counter_width, "Counter width, bits");
    m.Require("CounterW >= 16 && CounterW <= 64", "CounterW_is_16_to_64");
  }
  AddInterface(m, config);
  if (config.null_cache) AddControl(m, config);
  if (config.counter_width > 0) AddCounters(m, config);
  AddRead(m, config);
  return std::move(m).Finish();
}

}  // namespace systole
