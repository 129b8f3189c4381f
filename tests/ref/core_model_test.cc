// SPDX-License-Identifier: Apache-2.0
#include "sw/ref/core_model.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/stimulus.h"

namespace systole {
namespace {

std::vector<std::int8_t> Random(Stimulus& random, std::size_t count) {
  std::vector<std::int8_t> values(count);
  for (auto& value : values) value = static_cast<std::int8_t>(random.Signed(8));
  return values;
}

TEST(CoreModel, GemmDrainsTheMatrixProductBottomRowFirst) {
  constexpr std::size_t kRows = 3, kCols = 2, kTaps = 5;
  Stimulus random(1);
  CoreModel model({.rows = kRows, .cols = kCols, .dataflow = Dataflow::kOs});
  const TileStream tile{.passes = {{.taps = kTaps, .rows = 2, .raw = 1}},
                        .activations = Random(random, kTaps * kRows),
                        .weights = Random(random, kTaps * kCols)};
  const std::vector<std::int32_t> beats = model.Run(tile);
  ASSERT_EQ(beats.size(), 2 * kCols);
  for (std::size_t beat = 0; beat < 2; ++beat) {
    for (std::size_t c = 0; c < kCols; ++c) {
      int sum = 0;
      for (std::size_t k = 0; k < kTaps; ++k) {
        sum += tile.activations[k * kRows + kRows - 1 - beat] * tile.weights[k * kCols + c];
      }
      EXPECT_EQ(beats[beat * kCols + c], sum) << "beat " << beat << " column " << c;
    }
  }
}

TEST(CoreModel, StosWindowsOfOneStreamMakeTheConvolution) {
  constexpr int kCols = 4, kTaps = 3, kSpacing = 2, kWindows = 5;
  constexpr int kReach = (kTaps - 1) * kSpacing + 1;
  Stimulus random(2);
  const std::vector<std::int8_t> weights = Random(random, kTaps);
  // Window n ends in step last(n); its first tap is in step last(n) - kReach + 1.
  const auto line = Random(random, kCols - 1 + kReach + (kWindows - 1) * 8);
  for (const int pitch : {kReach, kReach + 3}) {
    CoreModel model({.rows = 1, .cols = kCols});
    std::size_t sent = 0;
    for (int n = 0; n < kWindows; ++n) {
      const std::uint32_t fill = n == 0 ? kCols - 1 : static_cast<std::uint32_t>(pitch - kReach);
      TileStream tile{
          .passes = {{.fill = fill, .taps = kTaps, .spacing = kSpacing, .stos = 1, .raw = 1}}};
      const std::size_t steps = Steps(tile.passes[0]);
      tile.activations.assign(line.begin() + static_cast<std::ptrdiff_t>(sent),
                              line.begin() + static_cast<std::ptrdiff_t>(sent + steps));
      for (const std::int8_t weight : weights) tile.weights.insert(tile.weights.end(), 4, weight);
      const std::vector<std::int32_t> beats = model.Run(tile);
      sent += steps;
      const std::size_t first_tap = sent - kReach;
      for (std::size_t j = 0; j < kCols; ++j) {
        int sum = 0;
        for (std::size_t k = 0; k < kTaps; ++k) {
          sum += weights[k] * line[first_tap - j + k * kSpacing];
        }
        EXPECT_EQ(beats[j], sum) << fmt::format("pitch {} window {} column {}", pitch, n, j);
      }
    }
  }
}

TEST(CoreModel, PassesOfATileAddUpAndABankHoldsUntilTheNext) {
  CoreModel model({.rows = 2, .cols = 1, .acc_width = 16});
  const TileStream two_passes{
      .passes = {{.taps = 1, .last = 0}, {.taps = 2, .rows = 2, .first = 0, .raw = 1, .params = 1}},
      .activations = {-128, 1, -128, 2, 3, 3},
      .weights = {-128, 0, -128, 0, 1, 0},
      .params = {{.bias = 7, .end = 1}}};
  // Row 1: 1 * -128 + 2 * -128 + 3 + 7; row 0 wraps: 16384 + 16384 + 3 + 7 in 16 bits.
  EXPECT_EQ(model.Run(two_passes), (std::vector<std::int32_t>{-374, -32758}));
  const TileStream next{.passes = {{.rows = 1}}, .activations = {0, 5}, .weights = {2, 0}};
  EXPECT_EQ(model.Run(next), (std::vector<std::int32_t>{17}));
}

TEST(CoreModel, StosChannelsAreRowsFromTheBottom) {
  CoreModel model({.rows = 3, .cols = 1});
  const TileStream tile{
      .passes = {{.rows = 3, .stos = 1, .params = 1}},
      .activations = {1, 2, 3},
      .weights = {1, 1, 1},
      .params = {{.bias = 10}, {.bias = 20, .scale = 0.5F}, {.bias = 30, .max = 32, .end = 1}}};
  EXPECT_EQ(model.Run(tile), (std::vector<std::int32_t>{13, 11, 31}));
}

TEST(CoreModel, RefusesTilesThatBreakTheContract) {
  CoreModel model({.rows = 2, .cols = 2, .dataflow = Dataflow::kOs, .count_width = 4});
  const TileStream good{
      .passes = {{.taps = 1, .rows = 2}}, .activations = {1, 2}, .weights = {1, 2}};
  EXPECT_NO_THROW(model.Run(good));
  const auto refuses = [&](auto change) {
    TileStream bad = good;
    change(bad);
    EXPECT_THROW(model.Run(bad), RequestError);
  };
  refuses([](TileStream& tile) { tile.passes[0].rows = 3; });
  refuses([](TileStream& tile) { tile.passes[0].taps = 16; });
  refuses([](TileStream& tile) { tile.passes[0].stos = 1; });
  refuses([](TileStream& tile) { tile.passes[0].fill = 1; });
  refuses([](TileStream& tile) { tile.passes[0].params = 1; });
  refuses([](TileStream& tile) { tile.weights.push_back(0); });
  refuses([](TileStream& tile) { tile.activations.pop_back(); });
  refuses([](TileStream& tile) { tile.params.push_back({.end = 1}); });
  refuses([](TileStream& tile) { tile.passes.clear(); });
  const auto refuses_param = [&](ChannelParam param) {
    param.end = 1;
    refuses([&](TileStream& tile) {
      tile.passes[0].params = 1;
      tile.params = {param};
    });
  };
  refuses_param({.scale = 0.0F});
  refuses_param({.scale = -1.0F});
  refuses_param({.scale = 1e-40F});
  refuses_param({.min = 3, .max = 2});
  refuses_param({.max = 128});
  refuses_param({.zero = -129});
}

}  // namespace
}  // namespace systole
