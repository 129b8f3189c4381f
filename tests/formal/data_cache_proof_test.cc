// SPDX-License-Identifier: Apache-2.0
// No stale data from the whole data cache, with and without null cache: proved by induction on
// small instances of the emitted text, for any program, any times of memory and any line. Yosys
// proves, and ABC (yosys-abc) finds the runs that show what is reached and what a mistake breaks.
// SYSTOLE_DEEP=1 adds instances. docs/null-cache.md, Proof.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/file.h"
#include "tests/formal/proof.h"

namespace systole {
namespace {

using ::testing::HasSubstr;

constexpr int kWays = 2;

struct Instance {
  const char* name;
  int watched_bit = 0;  ///< of the line's 128
  int line_address_bits = 3;
  bool null_cache = false;
  NullCacheConfig null = {};

  friend void PrintTo(const Instance& instance, std::ostream* out) { *out << instance.name; }
};

constexpr Instance kBaseline = {"Baseline"};
constexpr Instance kNull = {"Null_2_entries", 0, 3, true, {.entries = 2}};
constexpr Instance kZap = {"Zero_at_store", 0, 3, true, {.entries = 2, .zero_at_store = true}};

constexpr Instance kInstances[] = {kBaseline, kNull};
constexpr Instance kDeepInstances[] = {
    {"Baseline_last_bit", 127},
    {"Null_2_entries_last_bit", 127, 3, true, {.entries = 2}},
    {"Drop", 64, 3, true, {.entries = 2, .store_policy = NullStorePolicy::kDrop}},
    {"Zero_at_eviction", 63, 3, true, {.entries = 2, .zero_at_eviction = true}},
    kZap,
    {"Parallel_lru",
     0,
     3,
     true,
     {.entries = 2,
      .merge_search = MergeSearch::kParallel,
      .merge_trigger = MergeTrigger::kSweep,
      .replacement = NullReplacement::kLru}},
    {"Null_3_entries_4_bits", 0, 4, true, {.entries = 3}},
};

CacheConfig Config(const Instance& instance) {
  return {.size_bytes = 64,
          .ways = kWays,
          .line_bytes = 16,
          .address_width = instance.line_address_bits + 4,
          .counter_width = 0,
          .null_cache = instance.null_cache,
          .null = instance.null};
}

/// `count` registers that differ in an index, the highest first.
std::string Indexed(const std::string& format, int count) {
  std::string text;
  for (int i = count - 1; i >= 0; --i) {
    text += fmt::format("{}{}", text.empty() ? "" : ",", fmt::format(fmt::runtime(format), i));
  }
  return text;
}

std::string OfWays(const std::string& format, int count) {
  std::string text;
  for (int way = kWays - 1; way >= 0; --way) {
    for (int i = count - 1; i >= 0; --i) {
      text +=
          fmt::format("{}{}", text.empty() ? "" : ",", fmt::format(fmt::runtime(format), way, i));
    }
  }
  return text;
}

std::string ConnectRegisters(const Instance& instance) {
  const CacheConfig config = Config(instance);
  std::string text;
  for (const char* name :
       {"state", "init", "write", "line", "word", "be", "wdata", "got", "fetch", "count", "data",
        "wb_valid", "wb_line", "wb_data", "victim", "victim_tag", "victim_dirty"}) {
    text += Connect(fmt::format("{}_q", name), fmt::format("\\dut.{}_q", name));
  }
  const std::string bit = fmt::format("[{}]", instance.watched_bit % 64);
  text += Connect("tag_ram", OfWays("\\dut.g_way[{}].u_tags.ram_q[{}]", 2)) +
          Connect("tag_read", OfWays("\\dut.g_way[{}].u_tags.rdata_q", 1)) +
          Connect("data_ram", OfWays("\\dut.g_way[{}].u_data.ram_q[{}]" + bit, 4)) +
          Connect("data_read", OfWays("\\dut.g_way[{}].u_data.rdata_q" + bit, 1)) +
          Connect("dirty_file", Indexed("\\dut.u_dirty.word_q[{}]", 2));
  if (!config.null_cache) return text;
  if (config.null.zero_at_store) {
    text += Connect("nonzero_file", Indexed("\\dut.u_nonzero.word_q[{}]", 2));
  }
  return text + Connect("covered", "\\dut.covered") + Connect("inserts", "\\dut.insert") +
         Connect("insert_line", "\\dut.insert_line") +
         Connect("hit_before", "\\dut.u_null_cache.hit_q") +
         ConnectEntries(config, "\\dut.u_null_cache");
}

/// Asserts that stay.
constexpr const char* kProved = "delete c:reached_*\n";
constexpr const char* kPromised =
    "delete t:$assert c:fresh %d c:one_hit %d c:one_way %d c:one_response %d c:none_lost %d "
    "c:memory_alone %d c:the_law %d\n";
/// A run is looked for with line 0, a memory that never lets wait and whole words stored.
std::string Simple() {
  std::string text;
  for (const auto& [input, value] : {std::pair{"mem_ready", "1'b1"},
                                     {"mem_answers", "1'b1"},
                                     {"reg_valid", "1'b0"},
                                     {"watched", "3'd0"},
                                     {"req_be", "8'd255"}}) {
    text += fmt::format("delete -input w:{}\n", input) + Connect(input, value);
  }
  return text;
}

/// Writes harness and Verilog files to `folder`, and makes `law.il` and `law.aig` of them: one flat
/// netlist, in which what is undefined is free.
void Prepare(const ScratchFolder& folder, const Instance& instance, const Edit* edit,
             const std::string& asserts) {
  const CacheConfig config = Config(instance);
  const bool zap = config.null_cache && config.null.zero_at_store;
  const std::string sources = WriteProofFiles(
      folder.path(), config,
      config.null_cache ? std::vector<std::string>{"null_entries.v", "data_cache_law.v"}
                        : std::vector<std::string>{"data_cache_law.v"},
      edit);
  const int last_state = zap ? 8 : config.null_cache ? 7 : 6;
  WriteFile(folder.path() / "prepare.ys",
            fmt::format("read_verilog -formal -DWATCH={} -DLINE_ADDR_W={} -DWAYS={} "
                        "-DLAST_STATE={}{}{}{}\n"
                        "hierarchy -check -top data_cache_law\nproc\nflatten\nmemory_map\n{}{}"
                        "opt_clean\ncheck -assert\nasync2sync\n"
                        "setundef -undriven -anyseq\nsetundef -anyseq\n"
                        "opt -full\ntechmap\nopt -fast\ndffunmap\nsimplemap\nopt_clean\n"
                        "abc -fast -g AND\nopt_clean\nwrite_rtlil law.il\n"
                        "write_aiger -I -B -zinit law.aig\n",
                        instance.watched_bit, instance.line_address_bits, kWays, last_state,
                        config.null_cache ? " -DNULL_CACHE " + EntriesDefines(config) : "",
                        zap ? " -DZAP" : "", sources, ConnectRegisters(instance), asserts));
  const ToolResult result = RunTool(folder.path(), "yosys -q prepare.ys");
  ASSERT_EQ(result.status, 0) << result.output;
}

/// A run from reset in which an assert that is left breaks.
ToolResult FindRun(const ScratchFolder& folder, int cycles) {
  return RunTool(
      folder.path(),
      fmt::format("yosys-abc -c 'read_aiger law.aig; strash; scorr; bmc3 -F {} -T 100'", cycles));
}

class DataCacheProof : public YosysTest, public ::testing::WithParamInterface<Instance> {};

TEST_P(DataCacheProof, LoadsReturnWhatWasStoredByInduction) {
  const ScratchFolder folder;
  ASSERT_NO_FATAL_FAILURE(Prepare(folder, GetParam(), nullptr, kProved));
  const ToolResult result =
      RunTool(folder.path(),
              "yosys -p 'read_rtlil law.il; sat -tempinduct -prove-asserts -maxsteps 3 "
              "-timeout 1500 -verify'");
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.output, HasSubstr("Induction step proven: SUCCESS!"));
}

std::vector<Instance> Chosen() {
  std::vector<Instance> instances(std::begin(kInstances), std::end(kInstances));
  if (Deep()) {
    instances.insert(instances.end(), std::begin(kDeepInstances), std::end(kDeepInstances));
  }
  return instances;
}

INSTANTIATE_TEST_SUITE_P(Instances, DataCacheProof, ::testing::ValuesIn(Chosen()),
                         [](const auto& info) { return info.param.name; });

struct Run {
  const char* name;
  Instance instance;
  int cycles;  ///< in which it is found

  friend void PrintTo(const Run& run, std::ostream* out) { *out << run.name; }
};

class DataCacheReaches : public YosysTest, public ::testing::WithParamInterface<Run> {};

/// The proof is not empty: the proved instances reach what it is about.
TEST_P(DataCacheReaches, InARunFromReset) {
  const ScratchFolder folder;
  ASSERT_NO_FATAL_FAILURE(
      Prepare(folder, GetParam().instance, nullptr,
              fmt::format("delete t:$assert c:reached_{} %d\n", GetParam().name) + Simple()));
  EXPECT_THAT(FindRun(folder, GetParam().cycles).output, HasSubstr("was asserted in frame"));
}

INSTANTIATE_TEST_SUITE_P(Runs, DataCacheReaches,
                         ::testing::Values(Run{"round", kBaseline, 60}, Run{"split", kNull, 70}),
                         [](const auto& info) { return info.param.name; });

struct Mistake {
  Instance instance;
  Edit edit;

  friend void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.edit.name; }
};

constexpr int kQuickMistakes = 4;  // the first ones; the others with SYSTOLE_DEEP
const Mistake kMistakes[] = {
    {kBaseline,
     {"VictimIsTheOtherWay", "data_cache.v", "victim_word = victim_word | ({64{victim_q[w]}}",
      "victim_word = victim_word | ({64{~victim_q[w]}}"}},
    {kBaseline,
     {"StoreMissIsNotMerged", "data_cache.v", "      if (write_q) begin\n        data_q",
      "      if (1'b0) begin\n        data_q"}},
    {kNull,
     {"CoveredStoresAreSwallowed", "data_cache.v", "null_hit   = covered & ~stores",
      "null_hit   = covered"}},
    {kZap,
     {"TagStaysWhenTheLineMoves", "data_cache.v", "in_init | install | zap_done;",
      "in_init | install;"}},
    {kBaseline,
     {"StoreHitsStayClean", "data_cache.v", ".write_i(in_init | store_hit | install),",
      ".write_i(in_init | install),"}},
    {kBaseline,
     {"WriteBufferHasTheWrongTag", "data_cache.v", "wb_line_q <= {victim_tag_q, index}",
      "wb_line_q <= {tag, index}"}},
    {kBaseline,
     {"CopyBeginsACycleLate", "data_cache.v", "(count_q != {CountW{1'b0}}) &",
      "(count_q > 2'd1) &"}},
    {kNull,
     {"FetchedZerosHideAStore", "data_cache.v", "fetch_q & enable & zero & ~stores",
      "fetch_q & enable & zero"}},
    {kNull,
     {"SplitKeepsTheLine", "null_cache.v", "gone      = halve & single", "gone      = 1'b0"}},
};

class DataCacheMistake : public YosysTest, public ::testing::WithParamInterface<Mistake> {};

/// With each mistake in the RTL a run from reset breaks a promise.
TEST_P(DataCacheMistake, BreaksAPromise) {
  const ScratchFolder folder;
  ASSERT_NO_FATAL_FAILURE(
      Prepare(folder, GetParam().instance, &GetParam().edit, kPromised + Simple()));
  EXPECT_THAT(FindRun(folder, 60).output, HasSubstr("was asserted in frame"));
}

INSTANTIATE_TEST_SUITE_P(Rtl, DataCacheMistake,
                         ::testing::ValuesIn(std::begin(kMistakes),
                                             Deep() ? std::end(kMistakes)
                                                    : std::begin(kMistakes) + kQuickMistakes),
                         [](const auto& info) { return info.param.edit.name; });

}  // namespace
}  // namespace systole
