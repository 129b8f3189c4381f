// SPDX-License-Identifier: Apache-2.0
// The lock-step comparison can fail: each of these mistakes in the RTL is found, without the RTL's
// own assertions. SYSTOLE_DEEP=1 tries all, else the first two.
#include "tests/cache_rtl/mutants.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/error.h"
#include "gen/nullcache/data_cache.h"
#include "tests/cache_rtl/stream_run.h"

namespace systole {
namespace {

std::string Mutate(std::string text, const CacheMutant& mutant) {
  const std::size_t at = text.find(mutant.from);
  if (at == std::string::npos || text.find(mutant.from, at + 1) != std::string::npos) {
    throw RunError(mutant.file + " does not have once: " + mutant.from);
  }
  return text.replace(at, mutant.from.size(), mutant.to);
}

/// The first thing that streams find wrong with a cache; empty when they find nothing.
std::string FirstComplaint(const CacheLibrary& library) {
  const MemoryTiming stalls = {.latency = 1, .extra_accept = 5, .extra_latency = 12};
  const StreamMix zeros = {.zero_lines = 240, .footprint = 64};
  const StreamMix quiet = {.zero_lines = 256, .stores = 10, .zero_stores = 200, .footprint = 64};
  const StreamMix small = {
      .zero_lines = 120, .small_lines = 180, .zero_stores = 180, .registers = 100, .footprint = 64};
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    for (const StreamMix& mix : {StreamMix{}, zeros, quiet, small}) {
      const std::string difference = FirstDifference(library, {mix, seed, 2000, stalls});
      if (!difference.empty()) return difference;
    }
  }
  return "";
}

class CacheMutantTest : public ::testing::TestWithParam<CacheMutant> {};

TEST_P(CacheMutantTest, IsFound) {
  std::vector<rtl::File> verilog = rtl::VerilogFiles(BuildDataCache(GetParam().config));
  int changed = 0;
  for (rtl::File& file : verilog) {
    if (file.name != GetParam().file) continue;
    file.text = Mutate(file.text, GetParam());
    ++changed;
  }
  ASSERT_EQ(changed, 1);
  const CacheLibrary library(GetParam().config, verilog,
                             {.cache_dir = SYSTOLE_BINARY_DIR "/test-cache"}, true);
  const std::string complaint = FirstComplaint(library);
  EXPECT_NE(complaint, "");
  RecordProperty("complaint", complaint);
}

TEST(CacheWithoutMutation, GivesNoComplaint) {
  for (const CacheConfig& config : {CacheMutants().front().config, CacheMutants().back().config}) {
    const CacheLibrary library(config, {.cache_dir = SYSTOLE_BINARY_DIR "/test-cache"}, true);
    EXPECT_EQ(FirstComplaint(library), "");
  }
}

std::vector<CacheMutant> Chosen() {
  std::vector<CacheMutant> mutants = CacheMutants();
  const char* const deep = std::getenv("SYSTOLE_DEEP");
  if (deep == nullptr || *deep != '1') mutants.resize(2);
  return mutants;
}

INSTANTIATE_TEST_SUITE_P(Rtl, CacheMutantTest, ::testing::ValuesIn(Chosen()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace systole
