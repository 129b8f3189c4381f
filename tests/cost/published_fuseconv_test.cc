// SPDX-License-Identifier: Apache-2.0
#include "sw/cost/published_fuseconv.h"

#include <gtest/gtest.h>

#include "tests/cost/mobilenet.h"

namespace systole {
namespace {

constexpr ArrayConfig kOs = {.rows = 64, .cols = 64, .dataflow = Dataflow::kOs};
constexpr ArrayConfig kStos = {.rows = 64, .cols = 64, .dataflow = Dataflow::kOsStos};

ArrayLayer MatMul(std::int64_t m, std::int64_t k, std::int64_t n) {
  ArrayLayer layer;
  layer.kind = ArrayLayer::Kind::kMatMul;
  layer.m = m;
  layer.k = k;
  layer.n = n;
  return layer;
}

TEST(PublishedFuseConv, KeepsTheFractionOfAStridedLayer) {
  // 226 padded rows, kernel 3, stride 2: 112.5 of them, 12656.25 = 197 * 64 + 48.25 positions.
  const ArrayLayer stem = Convolution(3, 32, 1, Axis(224, 3, 2), Axis(224, 3, 2));
  EXPECT_EQ(PublishedFuseConvCycles(stem, kOs),
            std::uint64_t{197 * (27 + 64 + 32 - 1)} + (27 + 48 + 32 - 1));
}

TEST(PublishedFuseConv, RoundsTheSumDownAndNothingBefore) {
  // (5 - 1 + 3) / 3 = 7/3 positions a side: 49/9 on 2 rows are two folds and 13/9 rows, which count
  // 4 + 13/9 + 2 - 1 = 6.4 cycles.
  const ArrayLayer layer = Convolution(4, 2, 1, Axis(5, 1, 3), Axis(5, 1, 3));
  const ArrayConfig config = {.rows = 2, .cols = 2, .dataflow = Dataflow::kOs};
  EXPECT_EQ(PublishedFuseConvCycles(layer, config), std::uint64_t{2 * (4 + 2 + 2 - 1) + 6});
}

TEST(PublishedFuseConv, ThirdsThatMakeAWholeNumberAreOne) {
  const ArrayLayer layer = Convolution(4, 2, 1, Axis(7, 1, 3), Axis(5, 1, 3));  // 3 * 7/3
  const ArrayConfig config = {.rows = 7, .cols = 2, .dataflow = Dataflow::kOs};
  EXPECT_EQ(PublishedFuseConvCycles(layer, config), std::uint64_t{4 + 7 + 2 - 1});
}

TEST(PublishedFuseConv, AddsPartialFoldsOfBothSides) {
  // 70 x 10 by 10 x 130 on 64 x 64: 1 fold and 6 rows; 2 folds and 2 columns.
  EXPECT_EQ(PublishedFuseConvCycles(MatMul(70, 10, 130), kOs),
            std::uint64_t{2 * (10 + 64 + 64 - 1) + 2 * (10 + 6 + 64 - 1) + (10 + 64 + 2 - 1) +
                          (10 + 6 + 2 - 1)});
}

TEST(PublishedFuseConv, ALinearLayerIsAProductOfOneRow) {
  EXPECT_EQ(PublishedFuseConvCycles(MatMul(1, 1024, 1000), kOs),
            std::uint64_t{15 * (1024 + 1 + 63) + (1024 + 1 + 40 - 1)});
}

TEST(PublishedFuseConv, ADepthwiseLayerIsOneProductAChannel) {
  const ArrayLayer layer = Convolution(32, 32, 32, Axis(112, 3, 1), Axis(112, 3, 1));
  EXPECT_EQ(PublishedFuseConvCycles(layer, kOs), std::uint64_t{32 * 196 * (9 + 64 + 1 - 1)});
  EXPECT_EQ(PublishedFuseConvCycles(layer, kStos), PublishedFuseConvCycles(layer, kOs));
}

TEST(PublishedFuseConv, TruncatesADepthwiseProductBeforeItMultiplies) {
  // 56.5^2 = 3192.25 positions on 64 rows are 49 folds and 56.25 rows.
  const ArrayLayer layer = Convolution(64, 64, 64, Axis(112, 3, 2), Axis(112, 3, 2));
  EXPECT_EQ(PublishedFuseConvCycles(layer, kOs), std::uint64_t{64 * (49 * 73 + (9 + 56 + 1 - 1))});
}

TEST(PublishedFuseConv, LinesOnStosRowsLeaveOutTheStride) {
  const ConvAxis line = Axis(112, 3, 1), other = Axis(112, 1, 1);
  const std::uint64_t cycles = 28 * (64 + 3) * 2;  // 16 * 112 / 64 lines a row, 114 wide
  EXPECT_EQ(PublishedFuseConvCycles(Convolution(16, 16, 16, other, line), kStos), cycles);
  EXPECT_EQ(PublishedFuseConvCycles(Convolution(16, 16, 16, line, other), kStos), cycles);
  const ArrayLayer strided = Convolution(15, 15, 15, Axis(111, 1, 2), Axis(111, 3, 2));
  EXPECT_EQ(PublishedFuseConvCycles(strided, kStos), std::uint64_t{(27 * 67 * 2 + 1) / 2});
}

TEST(PublishedFuseConv, OnlyTheStrideAcrossTheKernelLeavesLinesOut) {
  EXPECT_EQ(
      PublishedFuseConvCycles(Convolution(16, 16, 16, Axis(112, 1, 4), Axis(112, 3, 2)), kStos),
      std::uint64_t{28 * 67 * 2 / 4});
}

TEST(PublishedFuseConv, ABatchMultipliesPositionsAndLines) {
  ArrayLayer line = Convolution(16, 16, 16, Axis(112, 1, 1), Axis(112, 3, 1));
  line.batch = 3;
  EXPECT_EQ(PublishedFuseConvCycles(line, kStos), std::uint64_t{3 * 28 * 67 * 2});
  ArrayLayer point = Convolution(10, 64, 1, Axis(8, 1, 1), Axis(8, 1, 1));
  point.batch = 3;
  EXPECT_EQ(PublishedFuseConvCycles(point, kOs), std::uint64_t{3 * (10 + 64 + 63)});
}

TEST(PublishedFuseConv, AGroupedConvolutionIsAProductAGroup) {
  const ArrayLayer layer = Convolution(8, 12, 4, Axis(8, 3, 1), Axis(8, 3, 1));
  EXPECT_EQ(PublishedFuseConvCycles(layer, kOs), std::uint64_t{4 * (18 + 64 + 3 - 1)});
}

TEST(PublishedFuseConv, WithoutStosALineIsADepthwiseProduct) {
  const ArrayLayer layer = Convolution(16, 16, 16, Axis(112, 1, 1), Axis(112, 3, 1));
  EXPECT_EQ(PublishedFuseConvCycles(layer, kOs), std::uint64_t{16 * 196 * (3 + 64 + 1 - 1)});
}

TEST(PublishedFuseConv, MobileNetV1EqualsThePublishedCounts) {
  const auto total = [](bool fused) {
    std::uint64_t cycles = 0;
    for (const ArrayLayer& layer : MobileNetV1(fused)) {
      cycles += PublishedFuseConvCycles(layer, kStos);
    }
    return cycles;
  };
  EXPECT_EQ(total(false), 2'536'900u);
  EXPECT_EQ(total(true), 375'260u);
}

}  // namespace
}  // namespace systole
