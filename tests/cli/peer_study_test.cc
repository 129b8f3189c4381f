// SPDX-License-Identifier: Apache-2.0
// `systole study peers` as a user meets it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "tests/cli/command.h"
#include "tests/cli/json_schema.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kModels = SYSTOLE_SOURCE_DIR "/models";
constexpr const char* kCache = SYSTOLE_BINARY_DIR "/test-cache";

TEST(PeerStudy, MeasuresEveryArrayOnARealLayer) {
  if (!fs::exists("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")) {
    GTEST_SKIP() << "qflow-tech-osu018 is not installed";
  }
  const fs::path folder = TestFolder();
  const Outcome outcome =
      RunCommand({"study", "peers", "--rows", "2", "--cols", "2", "--pixels", "8", "--models",
                  kModels, "--cache-dir", kCache, "--json", (folder / "p.json").string()});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("array 2x2"), HasSubstr("os-broadcast"), HasSubstr("ws"),
                                 HasSubstr("os booth"), HasSubstr("GMAC/s/mm2"),
                                 HasSubstr("every result was exact")));
  const auto json = nlohmann::json::parse(ReadFile(folder / "p.json"));
  const auto schema = nlohmann::json::parse(
      ReadFile(fs::path(SYSTOLE_SOURCE_DIR) / "docs/schema/peers.schema.json"));
  EXPECT_THAT(SchemaViolations(schema, json), IsEmpty());
  const nlohmann::json& study = json.at("studies").at(0);
  for (const nlohmann::json& array : study.at("arrays")) {
    EXPECT_EQ(array.at("macs"), study.at("m").get<int>() * study.at("k").get<int>() * 2);
    EXPECT_GE(array.at("exact_rows_of_results"), study.at("m")) << array.at("name");
    // Glitches only add; the array is its elements and more.
    EXPECT_GE(array.at("energy_per_mac_j"), array.at("energy_per_mac_without_glitches_j"));
    EXPECT_GT(array.at("energy_per_mac_j"), array.at("element_energy_per_mac_j"));
    EXPECT_GT(array.at("area_um2").get<double>(), 4 * array.at("element_area_um2").get<double>());
    EXPECT_EQ(array.contains("sum_memory"), array.at("name") == "ws");
  }
}

TEST(PeerStudy, BadRequestsGiveAllProblems) {
  const Outcome outcome = RunCommand(
      {"study", "peers", "--rows", "1", "--cols", "99", "--pixels", "0", "--wire-load", "much"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("--rows 1"), HasSubstr("--cols 99"),
                                 HasSubstr("--pixels 0"), HasSubstr("--wire-load much")));
}

TEST(PeerStudy, LayersThatAreNotThereOrTooShortAreNamed) {
  Outcome outcome = RunCommand({"study", "peers", "--layer", "no_such", "--models", kModels});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("lenet has no layer no_such"));
  outcome = RunCommand({"study", "peers", "--models", "/nowhere"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("pass --models DIR"));
}

}  // namespace
}  // namespace systole
