// SPDX-License-Identifier: Apache-2.0
#include "sw/study/study.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace systole
