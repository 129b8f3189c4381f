// SPDX-License-Identifier: Apache-2.0
#include "synth/macros/processor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace systole {
namespace {

using ::testing::SizeIs;

constexpr MacroNode k40 = {0.04, 0.9};

CacheExtension Example() {
  return {.area = {500, 1000, 2000},
          .power = Band{1e-4, 2e-4, 4e-4},
          .l1_area = {20000, 40000, 80000},
          .l1_power = Band{1e-3, 4e-3, 8e-3}};
}

const OverheadReading& Find(const std::vector<OverheadReading>& readings, const std::string& name) {
  for (const OverheadReading& reading : readings) {
    if (reading.name == name) return reading;
  }
  throw std::runtime_error("no " + name);
}

TEST(OverheadPercent, EndsAreThoseThatTheBandsAllow) {
  EXPECT_EQ(OverheadPercent({1, 2, 4}, {10, 20, 40}), (Band{2.5, 10, 40}));
  EXPECT_THROW(OverheadPercent({1, 2, 3}, {0, 1, 1}), RequestError);
}

TEST(Overheads, OverTheL1) {
  const OverheadReading l1 = Overheads(Example(), k40, 1, 400e6).front();
  EXPECT_EQ(l1.name, "l1");
  EXPECT_DOUBLE_EQ(l1.area_percent.typical, 2.5);
  EXPECT_DOUBLE_EQ(l1.area_percent.high, 10);
  EXPECT_DOUBLE_EQ(l1.power_percent.value().typical, 5);
}

TEST(Overheads, OverAPublishedProcessorAtItsOwnNode) {
  const auto readings = Overheads(Example(), k40, 1, 400e6);
  const OverheadReading& rocket = Find(readings, "rocket");
  EXPECT_DOUBLE_EQ(rocket.area.typical, 390000);
  EXPECT_DOUBLE_EQ(rocket.area_percent.typical, 100.0 * 1000 / 390000);
  EXPECT_NEAR(rocket.power.value().typical, 34e-12 * 400e6, 1e-15);
  EXPECT_NEAR(rocket.power_percent.value().typical, 100 * 2e-4 / 13.6e-3, 1e-9);
}

TEST(Overheads, ScalesAPublishedProcessorToTheNode) {
  const MacroNode osu018 = {0.18, 1.8};
  const OverheadReading a5 = Find(Overheads(Example(), osu018, 32, 1e6), "cortex-a5");
  EXPECT_NEAR(a5.area.typical, 530000 * 20.25, 1e-3);
  EXPECT_NEAR(a5.power.value().typical, 80e-12 * 4.5 * 4 * 1e6, 1e-12);
  EXPECT_NEAR(a5.area.high / a5.area.low, 2.25, 1e-12);
  EXPECT_NEAR(a5.power.value().high / a5.power.value().low, 4, 1e-12);
}

TEST(Overheads, OverACoreOfGatesWithTwoCaches) {
  const OverheadReading ibex = Find(Overheads(Example(), k40, 2, 1e6), "ibex");
  EXPECT_DOUBLE_EQ(ibex.area.typical, 2 * 26060 + 2 * 40000);
  EXPECT_DOUBLE_EQ(ibex.area_percent.typical, 100.0 * 1000 / (2 * 26060 + 80000));
  EXPECT_FALSE(ibex.power.has_value());
  EXPECT_FALSE(ibex.power_percent.has_value());
}

TEST(Overheads, StandBesideThePublishedOnes) {
  EXPECT_EQ(Macros().published.area_percent, 0.1);
  EXPECT_EQ(Macros().published.power_percent, 3.8);
}

TEST(Overheads, RefusesWhatIsNotPositive) {
  EXPECT_THROW(Overheads(Example(), k40, 0, 1e6), RequestError);
  EXPECT_THROW(Overheads(Example(), k40, 1, -1), RequestError);
  EXPECT_THROW(Overheads({}, k40, 1, 1e6), RequestError);
}

TEST(Overheads, WithoutPowerAreOfAreaAlone) {
  CacheExtension extension = Example();
  const auto with = Overheads(extension, k40, 1, 400e6);
  extension.power.reset();
  extension.l1_power.reset();
  const auto without = Overheads(extension, k40, 1, 400e6);
  ASSERT_EQ(without.size(), with.size());
  for (std::size_t i = 0; i < with.size(); ++i) {
    EXPECT_EQ(without[i].area_percent, with[i].area_percent);
    EXPECT_FALSE(without[i].power_percent.has_value());
  }
}

}  // namespace
}  // namespace systole
