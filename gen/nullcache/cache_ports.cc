// SPDX-License-Identifier: Apache-2.0
#include "gen/nullcache/blocks.h"

namespace systole {

void AddCachePorts(rtl::ModuleBuilder& m, const CacheConfig& config) {
  const rtl::Expr line_addr_w = "AddrW - $clog2(LineBytes)", line_w = "8*LineBytes";
  m.ClockAndReset();
  m.Group("Requests: a load or store in one 64-bit word");
  m.Bit("req_valid_i", "A request is offered");
  m.Bit("req_ready_o", rtl::Latency{0}, "It is taken");
  m.Bit("req_write_i", "Store");
  m.In("req_addr_i", "AddrW", "Byte address, low 3 bits ignored");
  m.In("req_be_i", 8, "Stores: bytes of the word");
  m.In("req_wdata_i", 64, "In the word's byte lanes");
  m.Group("Responses: one cycle each, always taken");
  m.Bit("resp_valid_o", rtl::Latency{0}, "The response");
  m.Out("resp_rdata_o", 64, rtl::Latency{0}, "Loads: the word");
  m.Out("resp_source_o", 2, rtl::Latency{0},
        config.null_cache ? "L1, null, miss" : "0 L1 hit, 2 miss");
  m.Group("Memory: whole lines");
  m.Bit("mem_req_valid_o", "A line is asked for or written");
  m.Bit("mem_req_ready_i", "It is taken");
  m.Bit("mem_req_write_o", "Written back");
  m.Out("mem_req_line_o", line_addr_w, "Line address");
  m.Out("mem_req_wdata_o", line_w, "The line, written back");
  m.Bit("mem_resp_valid_i", "The line asked for is offered");
  m.Bit("mem_resp_ready_o", "It is taken");
  m.In("mem_resp_rdata_i", line_w, "The line");
  m.Group("Registers");
  m.Bit("reg_valid_i", "A register is read or written");
  m.Bit("reg_ready_o", rtl::Latency{0}, "Now");
  m.Bit("reg_write_i", "Written");
  m.In("reg_addr_i", 5, "The register");
  m.In("reg_wdata_i", 64, "What is written");
  m.Out("reg_rdata_o", 64, rtl::Latency{0}, "Its value");
}

void AddCacheParams(rtl::ModuleBuilder& m, const CacheConfig& config) {
  m.Param("AddrW", config.address_width, "Byte address width, bits");
  m.Param("Sets", Sets(config), "Sets, a power of two");
  m.Param("Ways", config.ways, config.ways == 1 ? "Ways of a set: 1" : "Ways of a set: 2, 4 or 8");
  m.Param("LineBytes", config.line_bytes, "Bytes of a line: 16, 32 or 64");
  if (config.counter_width > 0) m.Param("CounterW", config.counter_width, "Counter width, bits");
  if (config.ways == 1) {
    m.Require("Ways == 1", "Ways_is_1");
  } else {
    m.Require("Ways == 2 || Ways == 4 || Ways == 8", "Ways_is_2_4_or_8");
  }
  m.Require("Sets >= 2 && (Sets & (Sets - 1)) == 0", "Sets_is_a_power_of_two");
  m.Require("LineBytes == 16 || LineBytes == 32 || LineBytes == 64", "Line_16_32_64");
  m.Require("AddrW > $clog2(LineBytes*Sets)", "AddrW_holds_a_tag");
  m.Require("AddrW <= 48", "AddrW_is_up_to_48");
  if (!config.null_cache) return;
  m.Param("Entries", config.null.entries, "Entries of the null cache");
  m.Require("Entries >= 1 && Entries <= 1024", "Entries_is_1_to_1024");
  if (!HasMerger(config)) return;
  m.Param("MergeOrder", MergeOrderLimit(config), "Highest order that merging reaches");
  m.Require("MergeOrder >= 1", "MergeOrder_is_1_or_more");
  m.Require("MergeOrder <= AddrW - $clog2(LineBytes)", "MergeOrder_is_an_order");
}

}  // namespace systole
