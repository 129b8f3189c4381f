// SPDX-License-Identifier: Apache-2.0
#include "sw/study/study.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace systole {
namespace {

const std::vector<StudyNetwork>& AllNetworks() {
  static const std::vector<StudyNetwork> networks =
      BuildStudyNetworks(PublishedNetworks(), AllNetworkVariants(), 224);
  return networks;
}

TEST(Study, TheTwentyFivePublishedCountsAreEqual) {
  const StudyReport report = Evaluate(AllNetworks(), 64, 64);
  int counts = 0;
  for (const NetworkStudy& network : report.networks) {
    for (const VariantStudy& variant : network.variants) {
      SCOPED_TRACE(fmt::format("{} {}", ToString(network.name), ToString(variant.variant)));
      EXPECT_EQ(variant.published, PublishedCycles(network.name, variant.variant));
      EXPECT_EQ(variant.printed, variant.published);
      ++counts;
    }
  }
  EXPECT_EQ(counts, 25);
}

TEST(Study, TheTwentyPublishedSpeedupsOfFullAreEqual) {
  int ratios = 0;
  for (const int size : {32, 64, 128, 256}) {
    const StudyReport report = Evaluate(AllNetworks(), size, size);
    for (const NetworkStudy& network : report.networks) {
      const double speedup = network.PublishedSpeedup(*network.Find(NetworkVariant::kFull)).value();
      EXPECT_EQ(fmt::format("{:.3f}", speedup),
                fmt::format("{:.3f}", PublishedFullSpeedup(network.name, size).value()))
          << ToString(network.name) << " at " << size;
      ++ratios;
    }
  }
  EXPECT_EQ(ratios, 20);
}

TEST(Study, TotalsAreSumsOfTheLayers) {
  const StudyReport report = Evaluate(
      BuildStudyNetworks({ModelName::kMobileNetV3Small}, {NetworkVariant::kHalf}, 96), 12, 20);
  ASSERT_EQ(report.networks.size(), 1u);
  const VariantStudy& half = report.networks[0].variants.at(0);
  EXPECT_FALSE(half.printed.has_value());
  EXPECT_FALSE(report.networks[0].Speedup(half, Machine::kOs, Machine::kOs).has_value());
  for (const Machine machine : kAllMachines) {
    std::uint64_t cycles = 0, of_kinds = 0;
    for (const LayerStudy& layer : half.layers) {
      cycles += layer.On(machine).cycles;
      EXPECT_GE(layer.On(machine).cycles, layer.On(machine).limit) << layer.layer.name;
    }
    for (const std::uint64_t kind : half.On(machine).by_kind) of_kinds += kind;
    EXPECT_EQ(half.On(machine).cycles, cycles);
    EXPECT_EQ(of_kinds, cycles);
  }
}

TEST(Study, EveryMachineOffersTheMappingsOfTheOneBefore) {
  for (const int size : {8, 64}) {
    for (const NetworkStudy& network : Evaluate(AllNetworks(), size, size).networks) {
      for (const VariantStudy& variant : network.variants) {
        SCOPED_TRACE(
            fmt::format("{} {} {}", ToString(network.name), ToString(variant.variant), size));
        EXPECT_LE(variant.On(Machine::kOs).cycles, variant.On(Machine::kOsBasic).cycles);
        EXPECT_LE(variant.On(Machine::kOsStos).cycles, variant.On(Machine::kOs).cycles);
      }
    }
  }
}

TEST(LayerKind, FollowsTheGeometry) {
  const auto kind = [](std::int64_t group, std::int64_t height, std::int64_t width,
                       std::int64_t outputs) {
    ArrayLayer layer;
    layer.in_channels = layer.out_channels = 8;
    layer.group = group;
    layer.height.kernel = height;
    layer.width.kernel = width;
    layer.height.output = layer.width.output = outputs;
    return KindOf(layer);
  };
  EXPECT_EQ(kind(1, 3, 3, 5), LayerKind::kConvolution);
  EXPECT_EQ(kind(1, 1, 3, 5), LayerKind::kConvolution);
  EXPECT_EQ(kind(1, 1, 1, 5), LayerKind::kPointwise);
  EXPECT_EQ(kind(1, 1, 1, 1), LayerKind::kLinear);
  EXPECT_EQ(kind(8, 3, 3, 1), LayerKind::kDepthwise);
  EXPECT_EQ(kind(8, 1, 1, 5), LayerKind::kDepthwise);
  EXPECT_EQ(kind(8, 1, 3, 5), LayerKind::kLine);
  EXPECT_EQ(kind(8, 5, 1, 5), LayerKind::kLine);
}

TEST(NetworkVariant, IsReadByItsName) {
  for (const NetworkVariant variant : AllNetworkVariants()) {
    EXPECT_EQ(ParseNetworkVariant(ToString(variant)), variant);
  }
  EXPECT_THROW(ParseNetworkVariant("Half"), RequestError);
}

}  // namespace
}  // namespace systole
