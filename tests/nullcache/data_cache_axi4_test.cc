// SPDX-License-Identifier: Apache-2.0
// The whole data_cache_axi4, Verilated, with an AXI4 memory that stalls on every channel: every
// load returns what was stored, and L1, null cache and memory answer as in the model of the cache.
// SYSTOLE_DEEP=1: four caches and all mutants, else two and one.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/stimulus.h"
#include "gen/nullcache/data_cache.h"
#include "sw/cache/cache_model.h"
#include "tests/support/tool.h"

namespace systole {
namespace {

constexpr std::uint64_t kSeed = 1;

bool Deep() {
  const char* const deep = std::getenv("SYSTOLE_DEEP");
  return deep != nullptr && *deep == '1';
}

struct Case {
  std::string name;
  CacheConfig config;
  /// Which accesses miss does not depend on when memory answers: no merger runs in between.
  bool sources = true;

  friend void PrintTo(const Case& test, std::ostream* out) { *out << test.name; }
};

std::vector<Case> Cases() {
  const CacheConfig base{.size_bytes = 128, .ways = 2, .line_bytes = 16, .address_width = 12};
  CacheConfig entries = base, merging = base, wide = base;
  entries.null_cache = merging.null_cache = wide.null_cache = true;
  entries.null = {.entries = 6, .merge_order = 0, .zero_at_eviction = true, .zero_at_store = true};
  merging.null = {.entries = 6, .zero_at_eviction = true, .zero_at_store = true};
  wide.line_bytes = 64;
  wide.size_bytes = 512;
  wide.null = {.entries = 4, .merge_order = 0};
  std::vector<Case> cases = {{"Entries", entries}, {"Merging", merging, false}};
  if (Deep()) cases.insert(cases.end(), {{"Baseline", base}, {"Wide", wide}});
  return cases;
}

/// The stream as data_cache_axi4_main.cpp reads it: random accesses of a few lines at a time, many
/// of them zero, and at the end loads of the whole memory.
std::string Stream(const Case& test, std::uint64_t count) {
  Stimulus random(kSeed);
  MemoryImage image(test.config.address_width);
  const auto line_bytes = static_cast<std::uint64_t>(test.config.line_bytes);
  std::vector<std::uint64_t> numbers = {image.size() / 8};
  for (std::uint64_t line = 0; line < image.size() / line_bytes; ++line) {
    if (random.Below(5) < 2) image.Store(line * line_bytes + 8 * random.Below(2), 8, random.Next());
  }
  for (std::uint64_t at = 0; at < image.size(); at += 8) numbers.push_back(image.Load(at, 8));
  const std::uint64_t sweep = image.size() / 8;
  numbers.push_back(count + sweep);
  CacheModel model(test.config, image);
  std::uint64_t base = 0;
  for (std::uint64_t i = 0; i < count + sweep; ++i) {
    if (i % 32 == 0) base = line_bytes * random.Below(image.size() / line_bytes);
    Access access{.address = 8 * (i - count), .bytes = 8};
    if (i < count) {
      access.bytes = static_cast<std::uint8_t>(1 << random.Below(4));
      access.address = (base + line_bytes * random.Below(16)) % image.size() +
                       random.Below(line_bytes / access.bytes) * access.bytes;
      access.write = random.Below(3) == 0;
    }
    access.value = image.Load(access.address, access.bytes);
    if (access.write) {
      const std::uint64_t all = ~std::uint64_t{0} >> (64 - 8 * access.bytes);
      access.value = random.Below(2) == 0 ? 0 : random.Next() & all;
    }
    const CacheResponse response = model.Respond(access);
    if (access.write) image.Store(access.address, access.bytes, access.value);
    numbers.insert(numbers.end(),
                   {access.address, access.write ? std::uint64_t{1} : 0, access.bytes, access.value,
                    test.sources ? static_cast<std::uint64_t>(response.source) : 3});
  }
  return {reinterpret_cast<const char*>(numbers.data()), 8 * numbers.size()};
}

/// Builds and plays the stream without, with some and with many stalls; the first run that fails.
ToolResult Play(const Case& test, const std::vector<rtl::File>& verilog, std::uint64_t count) {
  const ScratchFolder folder;
  std::string names;
  for (const rtl::File& file : verilog) {
    WriteFile(folder.path() / file.name, file.text);
    names += " " + file.name;
  }
  WriteFile(folder.path() / "stream", Stream(test, count));
  const ToolResult build = RunTool(
      folder.path(),
      fmt::format("verilator --cc --exe --build -Wno-lint -Wno-style --top-module data_cache_axi4 "
                  "--Mdir obj -CFLAGS '-std=c++20 -O1 -DLINE_BYTES={}'{} "
                  "{}/tests/nullcache/data_cache_axi4_main.cpp",
                  test.config.line_bytes, names, SYSTOLE_SOURCE_DIR));
  if (build.status != 0) throw std::runtime_error(build.output);
  ToolResult run;
  for (const char* options : {"1 0", "2 50", "3 85"}) {
    run = RunTool(folder.path(), fmt::format("obj/Vdata_cache_axi4 stream {}", options));
    if (run.status != 0) break;
  }
  return run;
}

class WholeDataCacheAxi4 : public ::testing::TestWithParam<Case> {};

TEST_P(WholeDataCacheAxi4, AnswersAsTheModelWhenEveryChannelStalls) {
  constexpr std::uint64_t kAccesses = 20000;
  const ToolResult run =
      Play(GetParam(), rtl::VerilogFiles(BuildDataCacheAxi4(GetParam().config)), kAccesses);
  EXPECT_EQ(run.status, 0) << "seed " << kSeed;
  const std::uint64_t all = kAccesses + (std::uint64_t{1} << GetParam().config.address_width) / 8;
  EXPECT_TRUE(run.output.starts_with(fmt::format("{} accesses equal", all)))
      << "seed " << kSeed << ": " << run.output;
}

INSTANTIATE_TEST_SUITE_P(Caches, WholeDataCacheAxi4, ::testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

struct Mutant {
  std::string name, file, from, to;

  friend void PrintTo(const Mutant& mutant, std::ostream* out) { *out << mutant.name; }
};

std::vector<Mutant> Mutants() {
  std::vector<Mutant> mutants = {
      {"ReadsPassTheWriteOfTheirLine", "line_to_axi4.v", "~read_q & ~behind_write", "~read_q"},
      {"WordsOfALineAreReversed", "line_to_axi4.v", "{axi_rdata_i, rdata_q[LineW-1:64]}",
       "{rdata_q[LineW-65:0], axi_rdata_i}"},
      {"AWordIsWrittenTwice", "line_to_axi4.v", "wdata_q  <= {64'd0, wdata_q[LineW-1:64]};", ""},
      {"WriteAddressIsWithdrawn", "line_to_axi4.v", "if (axi_awready_i)   aw_q", "if (1'b1) aw_q"},
      {"ReadsEndABeatEarly", "line_to_axi4.v", "if (r_move & r_last) ", "if (r_move) "},
      {"WritesGoToTheLineOfTheRead", "line_to_axi4.v", "axi_awaddr_o  = {write_line_q",
       "axi_awaddr_o  = {read_line_q"},
  };
  if (!Deep()) mutants.resize(1);
  return mutants;
}

class Axi4Mutant : public ::testing::TestWithParam<Mutant> {};

TEST_P(Axi4Mutant, IsFound) {
  const Case test = Cases()[0];
  std::vector<rtl::File> verilog = rtl::VerilogFiles(BuildDataCacheAxi4(test.config));
  int changed = 0;
  for (rtl::File& file : verilog) {
    const std::size_t at = file.text.find(GetParam().from);
    if (file.name != GetParam().file || at == std::string::npos) continue;
    file.text.replace(at, GetParam().from.size(), GetParam().to);
    ++changed;
  }
  ASSERT_EQ(changed, 1);
  const ToolResult run = Play(test, verilog, 5000);
  EXPECT_EQ(run.status, 1) << run.output;
}

INSTANTIATE_TEST_SUITE_P(Adapter, Axi4Mutant, ::testing::ValuesIn(Mutants()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace systole
