// SPDX-License-Identifier: Apache-2.0
// The one law of docs/null-cache.md, proved by induction on small instances of the emitted null
// cache: any sequence of requests and any line address. Yosys alone does it. SYSTOLE_DEEP=1 adds a
// larger instance.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/file.h"
#include "tests/formal/proof.h"

namespace systole {
namespace {

using ::testing::HasSubstr;

struct Instance {
  const char* name;
  int entries;
  int line_address_bits;
  MergeSearch search = MergeSearch::kSerial;
  NullStorePolicy store = NullStorePolicy::kSplit;
  MergeTrigger trigger = MergeTrigger::kBoth;
  int merge_order = -1;
  NullReplacement replacement = NullReplacement::kCoverage;

  friend void PrintTo(const Instance& instance, std::ostream* out) { *out << instance.name; }
};

constexpr Instance kSerial = {"Serial_3_entries_4_bits", 3, 4};
constexpr Instance kParallel = {"Parallel_3_entries_4_bits", 3, 4, MergeSearch::kParallel};

constexpr Instance kInstances[] = {
    kSerial,
    kParallel,
    {"Drop_3_entries_4_bits", 3, 4, MergeSearch::kSerial, NullStorePolicy::kDrop},
    {"Sweep_3_entries_5_bits_order_2", 3, 5, MergeSearch::kParallel, NullStorePolicy::kSplit,
     MergeTrigger::kSweep, 2},
    {"Lru_3_entries_4_bits", 3, 4, MergeSearch::kSerial, NullStorePolicy::kSplit,
     MergeTrigger::kInsert, -1, NullReplacement::kLru},
    {"Serial_4_entries_5_bits", 4, 5},
};

constexpr int kLineBytes = 16;

CacheConfig Config(const Instance& instance) {
  return {.size_bytes = 64,
          .ways = 1,
          .line_bytes = kLineBytes,
          .address_width = instance.line_address_bits + 4,
          .counter_width = 0,
          .null_cache = true,
          .null = {.entries = instance.entries,
                   .merge_order = instance.merge_order,
                   .merge_search = instance.search,
                   .merge_trigger = instance.trigger,
                   .store_policy = instance.store,
                   .replacement = instance.replacement}};
}

/// Writes harness, Verilog files and `prepare.ys`, and makes `law.il` of them: one flat netlist.
void Prepare(const ScratchFolder& folder, const Instance& instance, const Edit* edit,
             bool example) {
  const CacheConfig config = Config(instance);
  const std::string sources =
      WriteProofFiles(folder.path(), config, {"null_entries.v", "null_cache_law.v"}, edit);
  WriteFile(
      folder.path() / "prepare.ys",
      fmt::format("read_verilog -formal -DLINE_W={} {}{}{}\n"
                  "hierarchy -check -top null_cache_law\nproc\nflatten\n{}{}"
                  "opt_clean\ncheck -assert\nasync2sync\ndffunmap\nopt -full\n"
                  "techmap\nopt -fast\nabc -fast -g AND,XOR,MUX,OR\nopt_clean\n"
                  "write_rtlil law.il\n",
                  instance.line_address_bits, EntriesDefines(config), example ? " -DEXAMPLE" : "",
                  sources, Connect("hit_before", "\\dut.hit_q"), ConnectEntries(config, "\\dut")));
  const ToolResult result = RunTool(folder.path(), "yosys -q prepare.ys");
  ASSERT_EQ(result.status, 0) << result.output;
}

/// Asserts of the harness and of the null cache, for all times: from reset for one cycle, and from
/// any state in which they hold to the next, up to three cycles back.
ToolResult Prove(const ScratchFolder& folder) {
  return RunTool(folder.path(),
                 "yosys -p 'read_rtlil law.il; sat -tempinduct -prove-asserts -set-assumes "
                 "-maxsteps 3 -timeout 100 -verify'");
}

class NullCacheProof : public YosysTest, public ::testing::WithParamInterface<Instance> {};

TEST_P(NullCacheProof, CoveredLinesAreZeroByInduction) {
  const ScratchFolder folder;
  ASSERT_NO_FATAL_FAILURE(Prepare(folder, GetParam(), nullptr, false));
  const ToolResult result = Prove(folder);
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.output, HasSubstr("Induction step proven: SUCCESS!"));
}

std::vector<Instance> Chosen() {
  std::vector<Instance> instances(std::begin(kInstances), std::end(kInstances));
  if (Deep()) instances.push_back({"Serial_5_entries_6_bits", 5, 6});
  return instances;
}

INSTANTIATE_TEST_SUITE_P(Instances, NullCacheProof, ::testing::ValuesIn(Chosen()),
                         [](const auto& info) { return info.param.name; });

constexpr int kExampleCycles = 34;

/// The proof is not empty: the proved instance reaches what the law is about.
using NullCacheExample = YosysTest;
TEST_F(NullCacheExample, MergesToOrder2HitsSplitsRunsOutOfEntriesAndReplaces) {
  const ScratchFolder folder;
  ASSERT_NO_FATAL_FAILURE(Prepare(folder, kSerial, nullptr, true));
  std::string reached;
  for (const char* name : {"order2", "hit", "kept", "forgot", "victim"}) {
    reached += fmt::format(" -set-at {} reached_{} 1", kExampleCycles, name);
  }
  const ToolResult result =
      RunTool(folder.path(), fmt::format("yosys -p 'read_rtlil law.il; sat -set-assumes -seq {}{} "
                                         "-timeout 100 -verify -show running'",
                                         kExampleCycles, reached));
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.output, HasSubstr("SAT solving finished - model found"));
}

class NullCacheMistake : public YosysTest, public ::testing::WithParamInterface<Edit> {};

constexpr Edit kMistakes[] = {
    {"MergesOtherMasks", "address_merger.v", "& (mask_i == mask_q)", ""},
    {"SplitKeepsTheHalfWithTheLine", "null_cache.v", "leave_value_q | (~line_i & half);",
     "leave_value_q | (line_i & half);"},
    {"SplitOfOneLineKeepsIt", "null_cache.v", "gone      = halve & single", "gone      = 1'b0"},
    {"MergerWorksOnASplitEntry", "address_merger.v", "(leave_i & |(leave_entry_i & current_q))",
     "1'b0"},
    {"MergerWorksOnAReplacedEntry", "address_merger.v", "(write_i & |(entry_i & current_q))",
     "1'b0"},
    {"TcamKeepsOldCells", "tcam_column.v", "(zero_q & ~entry_i) |", "zero_q |"},
    {"PartnerStaysValid", "null_cache.v",
     "else if (merge)        valid_q <= valid_q & ~read_entry;", ""},
};

/// With each mistake in the RTL an assert cannot be proved: a sequence of requests from reset
/// breaks it, or a step of the induction fails.
TEST_P(NullCacheMistake, IsNotProved) {
  const ScratchFolder folder;
  ASSERT_NO_FATAL_FAILURE(Prepare(folder, kSerial, &GetParam(), false));
  const ToolResult result = Prove(folder);
  EXPECT_NE(result.status, 0);
  EXPECT_THAT(result.output, HasSubstr("proof did fail"));
}

INSTANTIATE_TEST_SUITE_P(Rtl, NullCacheMistake, ::testing::ValuesIn(kMistakes),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace systole
