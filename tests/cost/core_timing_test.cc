// SPDX-License-Identifier: Apache-2.0
// The formulas against hand-drawn timing; tests/core compares them with the RTL.
#include "sw/cost/core_timing.h"

#include <gtest/gtest.h>

namespace systole {
namespace {

TEST(CoreTiming, FollowsTheTimingDiagram) {
  // docs/systolic-core.md, "Cycle behaviour", with the command in cycle 0: Rows = 3, Cols = 2, K
  // = 2.
  CoreTiming timing({.rows = 3, .cols = 2});
  const TileTiming tile{.steps = 2, .rows = 3, .raw = true};
  // Steps in 1 and 2; the bottom row ends in 2 + 1 + 2, hands out in 6, column 1 in 7; rows leave
  // in 8, 9, 10. The next tile is held back to end 3 cycles later.
  EXPECT_EQ(timing.Next(tile), 10u);
  EXPECT_EQ(timing.Next(tile), 13u);
  EXPECT_EQ(timing.total(), 14u);
}

TEST(CoreTiming, TilesFollowWithoutAPauseWhenTheyAreLonger) {
  CoreTiming timing({.rows = 4, .cols = 4});
  const TileTiming tile{.steps = 9, .rows = 4};
  const std::uint64_t first = timing.Next(tile);
  EXPECT_EQ(timing.Next(tile), first + 9);
  EXPECT_EQ(timing.Next(tile), first + 18);
}

TEST(CoreTiming, StosAfterGemmWaitsAndGemmAfterStosDoesNot) {
  constexpr std::uint64_t kCols = 5, kRows = 3;
  CoreTiming timing({.rows = kRows, .cols = kCols});
  const TileTiming gemm{.steps = 8, .rows = kRows}, stos{.steps = 8, .rows = kRows, .stos = true};
  const std::uint64_t a = timing.Next(gemm), b = timing.Next(stos), c = timing.Next(gemm);
  // The wait is rows + Cols - 1 instead of 1; the deskew of Cols - 1 cycles is saved.
  EXPECT_EQ(b - a, 8 + (kRows + kCols - 1 - 1) - (kCols - 1));
  EXPECT_EQ(c - b, 8 + (kCols - 1));
}

TEST(CoreTiming, ParametersThatComeLateHoldTheArray) {
  CoreTiming timing({.rows = 1, .cols = 16});
  const TileTiming tile{.steps = 1, .rows = 1, .params = 16};
  std::uint64_t latest = timing.Next(tile);
  for (int i = 0; i < 5; ++i) {
    const std::uint64_t next = timing.Next(tile);
    EXPECT_EQ(next - latest, 16u + 1);  // one cycle a channel and one for the switch
    latest = next;
  }
}

TEST(CoreTiming, UniformFormulaIsTheSumOfTheTiles) {
  for (const bool stos : {false, true}) {
    for (const bool raw : {false, true}) {
      for (std::uint64_t steps = 1; steps < 12; ++steps) {
        for (std::uint32_t rows = 1; rows <= 6; ++rows) {
          for (const std::uint32_t params : {0U, 1U, 7U, 40U}) {
            const ArrayConfig config{.rows = 6, .cols = 7};
            const TileTiming tile{
                .steps = steps, .rows = rows, .params = params, .stos = stos, .raw = raw};
            TileTiming next = tile;
            CoreTiming timing(config);
            for (std::uint64_t n = 1; n < 5; ++n) {
              timing.Next(next);
              EXPECT_EQ(UniformCycles(config, tile, n), timing.total());
              next.params = 0;
            }
          }
        }
      }
    }
  }
}

TEST(CoreTiming, TimingOfATileAddsItsPasses) {
  TileStream tile;
  tile.passes = {{.fill = 3, .taps = 2, .spacing = 2, .stos = 1, .last = 0},
                 {.taps = 4, .rows = 2, .stos = 1, .first = 0, .raw = 1, .params = 1}};
  tile.params = {{}, {.end = 1}};
  const TileTiming timing = TimingOf(tile);
  EXPECT_EQ(timing.steps, 6u + 4);
  EXPECT_EQ(timing.rows, 2u);
  EXPECT_EQ(timing.params, 2u);
  EXPECT_TRUE(timing.stos);
  EXPECT_TRUE(timing.raw);
}

}  // namespace
}  // namespace systole
