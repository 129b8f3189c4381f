// SPDX-License-Identifier: Apache-2.0
// The baselines are read by every tool without a word, and multiply matrices exactly on gates.
#include "gen/peers/peers.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/stimulus.h"
#include "synth/peers/study.h"
#include "tests/support/tool.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kLibrary = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";
constexpr const char* kCache = SYSTOLE_BINARY_DIR "/test-cache";

PeerConfig Small(PeerKind kind, MacStyle mac = MacStyle::kOwnWidth) {
  return {.kind = kind, .mac = mac, .rows = 2, .cols = 3, .data_width = 4, .acc_width = 16};
}

std::vector<PeerConfig> AllSmall() {
  std::vector<PeerConfig> configs;
  for (const PeerRequest& peer : AllPeers(2, 3)) {
    if (peer.synth_options.empty()) configs.push_back(Small(peer.config.kind, peer.config.mac));
  }
  return configs;
}

class Peer : public ::testing::TestWithParam<PeerConfig> {};
INSTANTIATE_TEST_SUITE_P(All, Peer, ::testing::ValuesIn(AllSmall()), [](const auto& info) {
  std::string name = ToString(info.param);
  for (char& letter : name) letter = letter == ' ' || letter == '-' ? '_' : letter;
  return name;
});

TEST_P(Peer, IsReadByEveryToolWithoutAWord) {
  for (const int size : {2, 5}) {
    PeerConfig config = GetParam();
    config.rows = size;
    config.data_width = size == 2 ? 4 : 8;
    config.acc_width = 32;
    const ScratchFolder folder;
    rtl::WriteDesign(BuildPeer(config), {}, folder.path());
    for (const char* command :
         {"verilator --lint-only -Wall " SYSTOLE_SOURCE_DIR
          "/rtl/lint.vlt -F filelist.f --top-module peer_array",
          "iverilog -g2005 -Wall -Wno-timescale -s peer_array -tnull -c filelist.f",
          "yosys -q -w \"Replacing memory\" -p \"read_verilog $(tr '\\n' ' ' < filelist.f); "
          "hierarchy -check -top peer_array; proc; check -assert\""}) {
      const ToolResult result = RunTool(folder.path(), command);
      EXPECT_EQ(result.status, 0) << command;
      EXPECT_EQ(result.output, "") << command;
    }
  }
}

/// A product of random numbers, or of the most negative ones.
GemmOperands Product(const PeerConfig& config, std::size_t m, std::size_t k, std::uint32_t seed) {
  GemmOperands operands{
      .m = m, .k = k, .n = static_cast<std::size_t>(config.cols), .a = {}, .b = {}};
  Stimulus random(seed);
  const std::int32_t lowest = -(1 << (config.data_width - 1));
  const auto value = [&] {
    return seed == 0 ? lowest : static_cast<std::int32_t>(random.Signed(config.data_width));
  };
  for (std::size_t i = 0; i < m * k; ++i) operands.a.push_back(value());
  for (std::size_t i = 0; i < k * operands.n; ++i) operands.b.push_back(value());
  return operands;
}

/// Maps the array, its text changed by `from` and `to`, and runs products on the gates; what was
/// wrong, or empty.
std::string Fault(const PeerConfig& config, const std::string& from = "",
                  const std::string& to = "") {
  static const std::vector<Library> libraries = {ReadLiberty(kLibrary)};
  SynthesisRequest request;
  request.files = rtl::VerilogFiles(BuildPeer(config));
  std::size_t changed = 0;
  for (rtl::File& file : request.files) {
    const std::size_t at = from.empty() ? std::string::npos : file.text.find(from);
    if (at == std::string::npos) continue;
    file.text.replace(at, from.size(), to);
    ++changed;
  }
  EXPECT_EQ(changed, from.empty() ? 0U : 1U) << "the mutant's place is not there";
  request.top = "peer_array";
  request.libraries = &libraries;
  request.cache_dir = kCache;
  const SynthesisResult result = Synthesize(request);
  const FlatNetlist flat = Flatten(result.netlist, libraries);
  for (const std::uint32_t seed : {0U, 1U, 2U}) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    const std::size_t m = 2 + 2 * seed, k = 2 + 3 * seed;
    try {
      const PeerSchedule schedule = MakeSchedule(config, Product(config, m, k, seed));
      const PeerRun run = RunSchedule(flat, config, schedule, seed);
      const bool stationary = config.kind == PeerKind::kWeightStationary;
      EXPECT_EQ(run.results, stationary ? m * ((k + 1) / 2) : m);
    } catch (const RunError& error) {
      return error.what();
    }
  }
  return "";
}

TEST_P(Peer, MultipliesMatricesExactlyOnGatesFromAnyState) {
  if (!fs::exists(kLibrary)) GTEST_SKIP() << "qflow-tech-osu018 is not installed";
  EXPECT_EQ(Fault(GetParam()), "");
}

TEST(PeerMutants, AreFoundByTheSums) {
  if (!fs::exists(kLibrary)) GTEST_SKIP() << "qflow-tech-osu018 is not installed";
  struct Mutant {
    PeerKind kind;
    MacStyle mac;
    const char *from, *to;
  };
  const Mutant mutants[] = {
      {PeerKind::kInPlace, MacStyle::kOwnWidth, "$signed(act) * ", "$signed(act) + "},
      {PeerKind::kInPlace, MacStyle::kOwnWidth, "drain_i ? sum_i", "drain_i ? sum_q"},
      {PeerKind::kInPlace, MacStyle::kBooth, "ones[2*d] = triple[2]", "ones[2*d] = triple[1]"},
      {PeerKind::kInPlace, MacStyle::kRipple, "(carry & (", "(carry | ("},
      {PeerKind::kInPlace, MacStyle::kKoggeStone, "propagates[i-distance]", "propagates[i]"},
      {PeerKind::kInPlace, MacStyle::kPipelined, "prod <= $signed(act)", "prod <= $signed(wgt)"},
      {PeerKind::kInPlace, MacStyle::kFused, "$signed(sum) +", "$signed(sum) -"},
      {PeerKind::kBroadcast, MacStyle::kOwnWidth, "first_i ?", "last_i ?"},
      {PeerKind::kWeightStationary, MacStyle::kOwnWidth, "if (swap_i)", "if (load_i)"},
      {PeerKind::kWeightStationary, MacStyle::kOwnWidth, "AccW-SumW){whole[c*SumW+SumW-1]",
       "AccW-SumW){whole[c*SumW]"},
      {PeerKind::kSystole, MacStyle::kOwnWidth, "Cols - 1 - c", "Cols - 1"},
  };
  for (const Mutant& mutant : mutants) {
    EXPECT_THAT(Fault(Small(mutant.kind, mutant.mac), mutant.from, mutant.to),
                HasSubstr("of the result in cycle"))
        << mutant.from;
  }
}

TEST(PeerConfig, ProblemsAreNamed) {
  EXPECT_THAT(Check(Small(PeerKind::kInPlace, MacStyle::kBooth)), IsEmpty());
  PeerConfig config = Small(PeerKind::kBroadcast, MacStyle::kBooth);
  config.rows = 1;
  config.acc_width = 8;
  EXPECT_EQ(Check(config).size(), 3U);
  EXPECT_THROW(BuildPeer(config), RequestError);
  config.data_width = 5;
  EXPECT_EQ(Check(config).size(), 3U);
}

TEST(MakeSchedule, TakesTheCyclesThatPaperGives) {
  // 3 blocks of 8 rows, sums of 10 products. Ours: 30 steps, the last row of results 8 + 8 + 7
  // cycles after the last step. In place: each block waits 8 + 8 + 6 cycles. Weight stationary: 2
  // blocks of 24 cycles, 8 of loading and the swap before them, results 17 later.
  const auto length = [](PeerKind kind, MacStyle mac = MacStyle::kOwnWidth) {
    const PeerConfig config{.kind = kind, .mac = mac};
    return MakeSchedule(config, Product(config, 24, 10, 1)).length();
  };
  EXPECT_EQ(length(PeerKind::kSystole), 30U + 8 + 8 + 7);
  EXPECT_EQ(length(PeerKind::kBroadcast), 30U + 2 + 7);
  EXPECT_EQ(length(PeerKind::kInPlace), 30U + 2 * (2 * 8 + 8 - 2) + 8 + 8 + 7);
  EXPECT_EQ(length(PeerKind::kInPlace, MacStyle::kPipelined), length(PeerKind::kInPlace) + 1);
  EXPECT_EQ(length(PeerKind::kWeightStationary), 9U + 2 * 24 + 17);
}

TEST(MakeSchedule, RefusesWhatDoesNotFit) {
  const PeerConfig config;
  EXPECT_THROW(MakeSchedule(config, Product(config, 12, 10, 1)), RequestError);
  EXPECT_THROW(MakeSchedule(config, Product(config, 16, 7, 1)), RequestError);
  EXPECT_THROW(MakeSchedule(Small(PeerKind::kSystole), Product(config, 16, 10, 1)), RequestError);
}

}  // namespace
}  // namespace systole
