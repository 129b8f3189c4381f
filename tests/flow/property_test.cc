// SPDX-License-Identifier: Apache-2.0
// What holds for areas over configurations. Areas carry the noise of mapping (docs/synthesis.md);
// numbers of registers do not.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "gen/config/cache_config.h"
#include "gen/nullcache/data_cache.h"
#include "gen/systolic/systolic_core.h"
#include "tests/flow/fixture.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLibrary = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";

class Property : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kLibrary)) GTEST_SKIP() << "qflow-tech-osu018 is not installed";
  }
};

/// Maps `top` of a design, without buffers.
ModuleArea AreaOf(const rtl::Design& design, const std::string& top,
                  const std::vector<std::string>& black_boxes = {}) {
  static const std::vector<Library> libraries = {ReadLiberty(kLibrary)};
  SynthesisRequest request;
  for (rtl::File& file : rtl::VerilogFiles(design)) {
    if (top == design.top || file.name == top + ".v") request.files.push_back(std::move(file));
  }
  request.top = top;
  request.libraries = &libraries;
  request.black_boxes = black_boxes;
  request.cache_dir = SYSTOLE_BINARY_DIR "/test-cache";
  return Synthesize(request).mapped.total;
}

ModuleArea RowArea(int cols, Dataflow dataflow, int data_width, int acc_width) {
  const ArrayConfig config = {.rows = 1,
                              .cols = cols,
                              .dataflow = dataflow,
                              .data_width = data_width,
                              .acc_width = acc_width};
  return AreaOf(BuildSystolicCore(config), "systolic_row");
}

TEST_F(Property, ARowHasTheRegistersThatPaperGivesAndStosAddsOne) {
  // An element: two operands, sum, result, three flags; the last one hands no activation and no
  // flags on.
  constexpr int kData = 4, kAcc = 8;
  for (const int cols : {2, 3, 5}) {
    const int registers = cols * (2 * kData + 2 * kAcc + 3) - (kData + 3);
    EXPECT_EQ(RowArea(cols, Dataflow::kOs, kData, kAcc).registers, registers) << cols;
    EXPECT_EQ(RowArea(cols, Dataflow::kOsStos, kData, kAcc).registers, registers + 1) << cols;
  }
}

TEST_F(Property, StosOverheadAnElementVariesByLessThanTwoPercentOfAnElementOverSizes) {
  // In shorter rows what a row has once, however long it is, counts more.
  double lowest = 1, highest = -1;
  for (const int cols : {4, 8, 16}) {
    const double os = RowArea(cols, Dataflow::kOs, 8, 32).area;
    const double stos = RowArea(cols, Dataflow::kOsStos, 8, 32).area;
    lowest = std::min(lowest, stos / os - 1);
    highest = std::max(highest, stos / os - 1);
  }
  EXPECT_LT(highest - lowest, 0.02);
  EXPECT_GT(lowest, -0.01);
  EXPECT_LT(highest, 0.04);
}

TEST_F(Property, MoreColumnsAndWiderNumbersAreNeverSmaller) {
  double last = 0;
  for (const int cols : {1, 2, 3, 5}) {
    const double area = RowArea(cols, Dataflow::kOs, 4, 8).area;
    EXPECT_GT(area, last) << cols;
    last = area;
  }
  const double narrow = RowArea(2, Dataflow::kOs, 4, 16).area;
  EXPECT_GT(narrow, RowArea(2, Dataflow::kOs, 4, 8).area);
  EXPECT_GT(RowArea(2, Dataflow::kOs, 8, 16).area, narrow);
}

TEST_F(Property, EveryRowMakesACoreLargerByItselfAndLessThanAsMuchAgain) {
  std::vector<double> areas;
  for (const int rows : {1, 2, 3}) {
    const ArrayConfig config = {
        .rows = rows, .cols = 2, .dataflow = Dataflow::kOs, .data_width = 4, .acc_width = 8};
    areas.push_back(AreaOf(BuildSystolicCore(config), "systolic_core").area);
  }
  // With the row come its line of the skew and its share of edges, drain and counters.
  const double row = RowArea(2, Dataflow::kOs, 4, 8).area;
  for (std::size_t i = 1; i < areas.size(); ++i) {
    EXPECT_GT(areas[i] - areas[i - 1], row) << i;
    EXPECT_LT(areas[i] - areas[i - 1], 2 * row) << i;
  }
}

TEST_F(Property, MoreEntriesOfTheNullCacheAreNeverSmaller) {
  CacheConfig config;
  config.size_bytes = 64;
  config.ways = 1;
  config.line_bytes = 16;
  config.address_width = 10;
  config.counter_width = 0;
  double last = AreaOf(BuildDataCache(config), "data_cache", {"cache_ram"}).area;
  config.null_cache = true;
  for (const int entries : {1, 2, 4}) {
    config.null.entries = entries;
    const double area = AreaOf(BuildDataCache(config), "data_cache", {"cache_ram"}).area;
    EXPECT_GT(area, last) << entries;
    last = area;
  }
}

}  // namespace
}  // namespace systole
