// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "synth/gates/simulator.h"
#include "tests/gates/hand_made.h"

namespace systole {
namespace {

using ::testing::HasSubstr;

const std::vector<Library>& Libraries() {
  static const std::vector<Library> libraries = {MakeLibrary(
      {Gate("INV", {"A"}, "!A"), FlipFlop("DFF", {}), FlipFlop("LATCH", {"CK", "", "", true})})};
  return libraries;
}

/// q[1] = d a cycle ago, q[0] = not d.
Netlist Design() {
  ModuleMaker top("top");
  top.In("clk_i", {"clk"}).In("d_i", {"d"}).Out("q_o", {"n", "q"});
  top.Add("u_inv", "INV", {{"A", {"d"}}, {"Y", {"n"}}});
  top.Add("u_dff", "DFF", {{"CK", {"clk"}}, {"D", {"d"}}, {"Q", {"q"}}});
  return {{top}};
}

const std::vector<RecordedPort> kPorts = {{"d_i", 1, PortDirection::kInput},
                                          {"q_o", 2, PortDirection::kOutput}};

/// What Design does on `data`; q is 0 at first.
PortRecording Record(const std::vector<int>& data) {
  PortRecording recording(kPorts);
  int before = 0;
  for (const int d : data) {
    recording.AddCycle();
    recording.Set(0, 0, 1, static_cast<std::uint64_t>(d));
    recording.Set(1, 0, 2, static_cast<std::uint64_t>((d == 0 ? 1 : 0) | before << 1));
    before = d;
  }
  return recording;
}

struct ReplayOf {
  Netlist netlist = Design();
  FlatNetlist flat = Flatten(netlist, Libraries());
  GateSimulator simulator{flat, {}};

  Replay Run(const PortRecording& recording, const ReplayOptions& options) {
    return ReplayRecording(simulator, recording, options);
  }
  std::string ErrorOf(const PortRecording& recording, const ReplayOptions& options = {}) {
    try {
      Run(recording, options);
    } catch (const RequestError& error) {
      return error.what();
    }
    return "none";
  }
};

const std::vector<int> kData = {0, 1, 1, 0, 1, 0, 0, 1};

TEST(ReplayRecording, ComparesEveryBitOfEveryCycle) {
  const Replay replay = ReplayOf().Run(Record(kData), {.compare_from = 1});
  EXPECT_FALSE(replay.difference);
  EXPECT_EQ(replay.cycles, 8u);
  EXPECT_EQ(replay.compared_bits, 14u);
  EXPECT_EQ(replay.activity.cycles, 8u);
}

TEST(ReplayRecording, StopsAtTheFirstDifferenceAndNamesIt) {
  for (std::uint32_t bit = 0; bit < 2; ++bit) {
    PortRecording recording(kPorts);
    for (std::uint64_t cycle = 0; cycle < kData.size(); ++cycle) {
      recording.AddCycle();
      recording.Set(0, 0, 1, static_cast<std::uint64_t>(kData[cycle]));
      recording.Set(1, 0, 2, Record(kData).Bits(cycle, 1, 0, 2) ^ (cycle >= 5 ? 1u << bit : 0));
    }
    const Replay replay = ReplayOf().Run(recording, {.compare_from = 1});
    ASSERT_TRUE(replay.difference);
    EXPECT_EQ(replay.difference->cycle, 5u);
    EXPECT_EQ(replay.difference->port, "q_o");
    EXPECT_EQ(replay.difference->bit, bit);
    EXPECT_EQ(replay.difference->expected, recording.Bit(5, 1, bit));
    EXPECT_EQ(replay.cycles, 6u);
    EXPECT_FALSE(ReplayOf().Run(recording, {.compare_from = 8}).difference);
  }
}

TEST(ReplayRecording, CountsTogglesInItsWindow) {
  // d is 1 0 1 in cycles 2 to 4, and 1 before; q follows a cycle later.
  ReplayOf replay;
  const Activity activity =
      replay.Run(Record(kData), {.first = 2, .count = 3, .compare_from = 1}).activity;
  EXPECT_EQ(activity.cycles, 3u);
  EXPECT_EQ(activity.toggles[NetOf(replay.flat, "d")], 2u);
  EXPECT_EQ(activity.toggles[NetOf(replay.flat, "n")], 2u);
  EXPECT_EQ(activity.toggles[NetOf(replay.flat, "q")], 2u);
  EXPECT_EQ(activity.toggles[NetOf(replay.flat, "clk")], 6u);
  EXPECT_EQ(activity.cycles_high[NetOf(replay.flat, "d")], 2u);
}

TEST(ReplayRecording, RefusesARecordingOfAnotherDesign) {
  using enum PortDirection;
  const auto of = [](const std::vector<RecordedPort>& ports) {
    PortRecording recording(ports);
    recording.AddCycle();
    return recording;
  };
  EXPECT_EQ(ReplayOf().ErrorOf(of({{"q_o", 2, kOutput}})),
            "input d_i of the netlist was not recorded");
  EXPECT_EQ(ReplayOf().ErrorOf(of({{"d_i", 1, kInput}, {"x", 1, kInput}})),
            "the netlist has no port x");
  EXPECT_THAT(ReplayOf().ErrorOf(of({{"d_i", 2, kInput}})), HasSubstr("port d_i"));
  EXPECT_THAT(ReplayOf().ErrorOf(of({{"d_i", 1, kOutput}})), HasSubstr("port d_i"));
  EXPECT_EQ(ReplayOf().ErrorOf(of({{"d_i", 1, kInput}})), "none");
}

TEST(ReplayRecording, RefusesAWindowOutside) {
  EXPECT_THAT(ReplayOf().ErrorOf(Record(kData), {.first = 8}), HasSubstr("recording of 8"));
  EXPECT_THAT(ReplayOf().ErrorOf(Record(kData), {.first = 4, .count = 5}),
              HasSubstr("recording of 8"));
  EXPECT_THAT(ReplayOf().ErrorOf(Record(kData), {.first = 4, .count = ~0ULL}),
              HasSubstr("recording of 8"));
  EXPECT_EQ(ReplayOf().ErrorOf(Record(kData), {.first = 4, .count = 4, .compare_from = 1}), "none");
}

TEST(GateSimulator, SaysThatALatchOscillates) {
  ModuleMaker top("top");
  top.Out("q", {"q"});
  top.Add("u_inv", "INV", {{"A", {"q"}}, {"Y", {"n"}}});
  top.Add("u_latch", "LATCH", {{"CK", {"1"}}, {"D", {"n"}}, {"Q", {"q"}}});
  const Netlist netlist{{top}};
  const FlatNetlist flat = Flatten(netlist, Libraries());
  EXPECT_THROW(GateSimulator(flat, {}), RunError);
}

}  // namespace
}  // namespace systole
