// SPDX-License-Identifier: Apache-2.0
// The one law of docs/null-cache.md, proved by induction on small instances of the emitted null
// cache: any sequence of requests and any line address. Yosys alone does it. SYSTOLE_DEEP=1 adds a
// larger instance.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

#include "base/file.h"
#include "gen/nullcache/data_cache.h"
#include "tests/support/tool.h"

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

/// A text that stands once in a Verilog file, and what stands there instead.
struct Edit {
  const char *name, *file, *from, *to;

  friend void PrintTo(const Edit& edit, std::ostream* out) { *out << edit.name; }
};

bool Deep() {
  const char* const deep = std::getenv("SYSTOLE_DEEP");
  return deep != nullptr && *deep == '1';
}

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

/// Yosys commands that connect the harness's wires to registers of the flattened null cache.
std::string Connections(const Instance& instance) {
  std::string text;
  const auto connect = [&](const char* wire, const std::string& value) {
    text += fmt::format("connect -nounset -set \\{} {}\n", wire, value);
  };
  for (const char* name : {"valid", "match"}) {
    connect(name, fmt::format("\\dut.{}_q", name));
  }
  connect("hit_before", "\\dut.hit_q");
  if (instance.store == NullStorePolicy::kSplit) {
    for (const char* name : {"leave_read", "leave_value", "leave_mask", "leave_first"}) {
      connect(name, fmt::format("\\dut.{}_q", name));
    }
  }
  connect("merging", "\\dut.u_merger.busy_q");
  connect("current", "\\dut.u_merger.current_q");
  connect("current_value", "\\dut.u_merger.value_q");
  connect("current_mask", "\\dut.u_merger.mask_q");
  const bool marks = instance.trigger != MergeTrigger::kInsert;
  connect("loaded", marks ? "\\dut.u_merger.loaded_q" : "1'b1");
  connect("mark", marks ? "\\dut.u_merger.mark_q"
                        : fmt::format("{}'b{:0{}}", instance.entries, 0, instance.entries));
  if (instance.replacement == NullReplacement::kLru) {
    connect("ranks", "\\dut.u_replacement.rank_q");
  }
  if (instance.search == MergeSearch::kSerial) connect("position", "\\dut.u_merger.position_q");
  for (const char* cell : {"zero", "one"}) {
    std::string columns;
    for (int bit = instance.line_address_bits - 1; bit >= 0; --bit) {
      columns += fmt::format("{}\\dut.u_tcam.g_node[{}].g_column.u_column.{}_q",
                             columns.empty() ? "" : ",", bit, cell);
    }
    connect(fmt::format("{}_cells", cell).c_str(), columns);
  }
  return text;
}

/// Writes harness, Verilog files and `prepare.ys`, and makes `law.il` of them: one flat netlist.
void Prepare(const ScratchFolder& folder, const Instance& instance, const Edit* edit,
             bool example) {
  std::string sources = "null_cache_law.v";
  int changed = 0;
  for (rtl::File& file : rtl::VerilogFiles(BuildDataCache(Config(instance)))) {
    if (edit != nullptr && file.name == edit->file) {
      const std::string from = edit->from;
      const std::size_t at = file.text.find(from);
      ASSERT_NE(at, std::string::npos) << file.name << " does not have: " << from;
      ASSERT_EQ(file.text.find(from, at + 1), std::string::npos) << "more than once: " << from;
      file.text.replace(at, from.size(), edit->to);
      ++changed;
    }
    WriteFile(folder.path() / file.name, file.text);
    sources += " " + file.name;
  }
  ASSERT_EQ(changed, edit != nullptr ? 1 : 0);
  std::filesystem::copy_file(SYSTOLE_SOURCE_DIR "/tests/formal/null_cache_law.v",
                             folder.path() / "null_cache_law.v");
  WriteFile(folder.path() / "prepare.ys",
            fmt::format("read_verilog -formal -DLINE_W={} -DENTRIES={}{}{}{}{} {}\n"
                        "hierarchy -check -top null_cache_law\nproc\nflatten\n{}"
                        "opt_clean\ncheck -assert\nasync2sync\ndffunmap\nopt -full\n"
                        "techmap\nopt -fast\nabc -fast -g AND,XOR,MUX,OR\nopt_clean\n"
                        "write_rtlil law.il\n",
                        instance.line_address_bits, instance.entries,
                        instance.search == MergeSearch::kSerial ? " -DSERIAL" : "",
                        instance.store == NullStorePolicy::kSplit ? " -DSPLIT" : "",
                        instance.replacement == NullReplacement::kLru ? " -DLRU" : "",
                        example ? " -DEXAMPLE" : "", sources, Connections(instance)));
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

bool HasYosys() { return std::system("command -v yosys >/dev/null") == 0; }

class NullCacheProof : public ::testing::TestWithParam<Instance> {
 protected:
  void SetUp() override {
    if (!HasYosys()) GTEST_SKIP() << "yosys is not installed";
  }
};

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
TEST(NullCacheExample, MergesToOrder2HitsSplitsRunsOutOfEntriesAndReplaces) {
  if (!HasYosys()) GTEST_SKIP() << "yosys is not installed";
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

class NullCacheMistake : public ::testing::TestWithParam<Edit> {
 protected:
  void SetUp() override {
    if (!HasYosys()) GTEST_SKIP() << "yosys is not installed";
  }
};

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
