// SPDX-License-Identifier: Apache-2.0
#include "synth/macros/macro_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "macro_files.h"

namespace systole {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

/// Paths of the numbers in `value` that no "source" stands beside or above, and of unknown sources.
void FindUnsourced(const json& value, const json& sources, const std::string& path, bool sourced,
                   std::set<std::string>& used, std::vector<std::string>& wrong) {
  if (value.is_object()) {
    for (const char* key : {"source", "voltage_source"}) {
      if (!value.contains(key)) continue;
      const std::string source = value.at(key);
      used.insert(source);
      sourced = true;
      if (!sources.contains(source)) wrong.push_back(path + "." + key + " = " + source);
    }
  }
  if (value.is_number() && !sourced) wrong.push_back(path);
  if (!value.is_structured()) return;
  for (const auto& [key, item] : value.items()) {
    FindUnsourced(item, sources, path + "." + key, sourced, used, wrong);
  }
}

TEST(MacroFiles, EveryNumberHasASource) {
  ASSERT_THAT(macro_files(), SizeIs(5));
  for (const auto& [name, text] : macro_files()) {
    const json file = json::parse(text);
    std::vector<std::string> wrong;
    std::set<std::string> used;
    FindUnsourced(file, file.at("sources"), std::string(name), false, used, wrong);
    EXPECT_THAT(wrong, IsEmpty());
    for (const auto& [key, source] : file.at("sources").items()) {
      EXPECT_TRUE(used.contains(key)) << name << ": source " << key << " is not used";
      for (const char* part : {"title", "where", "checked"}) {
        EXPECT_THAT(source.at(part).get<std::string>(), Not(IsEmpty())) << name << " " << key;
      }
    }
  }
}

TEST(MacroFiles, TheCheckFindsANumberWithoutASource) {
  const json file =
      json::parse(R"({"list": [{"a": 1, "source": "x"}, {"b": 2}, {"source": "y"}]})");
  std::vector<std::string> wrong;
  std::set<std::string> used;
  FindUnsourced(file, json::parse(R"({"x": {}})"), "f", false, used, wrong);
  EXPECT_THAT(wrong, testing::UnorderedElementsAre("f.list.1.b", "f.list.2.source = y"));
}

TEST(MacroData, HoldsEverySourceThatItNames) {
  const MacroData& data = Macros();
  EXPECT_THAT(data.macros, SizeIs(8));
  for (const RealMacro& macro : data.macros) EXPECT_TRUE(data.sources.contains(macro.source));
  for (const Processor& processor : data.processors) {
    EXPECT_TRUE(data.sources.contains(processor.source));
  }
  for (const MainMemory& memory : data.memories) {
    EXPECT_TRUE(data.sources.contains(memory.source));
    EXPECT_LT(memory.low, memory.high);
  }
}

TEST(NodeOf, KnowsTheLibrariesThatAreAtHand) {
  Library library;
  library.name = "osu035_stdcells";
  EXPECT_EQ(NodeOf(library), (MacroNode{0.35, 3.3}));
  library.name = "sg13g2_stdcell_slow_1p08V_125C";
  library.voltage = 1.08;
  EXPECT_EQ(NodeOf(library), (MacroNode{0.13, 1.08}));
  library.name = "unknown";
  EXPECT_THROW(NodeOf(library), RequestError);
}

/// The folder of Liberty files that are not part of the repository, or nothing.
std::filesystem::path LibertyFolder() {
  const char* folder = std::getenv("SYSTOLE_LIBERTY_DIR");
  return folder == nullptr ? "" : folder;
}

double EnergyWhen(const Cell& cell, const std::string& when) {
  const auto bare = [](std::string text) {
    text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
    return text;
  };
  for (const PowerArc& arc : cell.FindPin("A_CLK")->power) {
    if (bare(arc.when) == when) return arc.rise.At(0, 0);
  }
  ADD_FAILURE() << cell.name << " has no energy when " << when;
  return 0;
}

TEST(MacroData, EqualsTheLibertyFilesOfTheMacros) {
  if (LibertyFolder().empty()) GTEST_SKIP() << "SYSTOLE_LIBERTY_DIR is not set";
  int compared = 0;
  for (const RealMacro& macro : Macros().macros) {
    if (macro.source != "sram.ihp") continue;
    const auto path = LibertyFolder() / (macro.name + "_typ_1p20V_25C.lib.gz");
    if (!std::filesystem::exists(path)) continue;
    SCOPED_TRACE(macro.name);
    const Library library = ReadLiberty(path);
    const Cell& cell = *library.Find(macro.name);
    EXPECT_DOUBLE_EQ(cell.area.value(), macro.area);
    EXPECT_NEAR(cell.leakage / macro.leakage, 1, 1e-9);
    EXPECT_NEAR(EnergyWhen(cell, "A_MEN&!A_WEN&A_REN") / macro.read.value(), 1, 1e-9);
    EXPECT_NEAR(EnergyWhen(cell, "A_MEN&A_WEN&!A_REN") / macro.write.value(), 1, 1e-9);
    const CellPin& output = *cell.FindPin("A_DOUT[0]");
    ASSERT_FALSE(output.timing.empty());
    EXPECT_NEAR(output.timing[0].delay_rise.At(0.04e-9, 0.01e-12) / macro.access, 1, 1e-9);
    EXPECT_DOUBLE_EQ(library.voltage, macro.node.voltage);
    ++compared;
  }
  EXPECT_THAT(compared, AllOf(Ge(6)));
}

TEST(MacroData, EqualsTheLibertyFileOfTheOpenRamMacro) {
  const auto path = LibertyFolder() / "sky130_sram_1rw1r_64x256_8_TT_1p8V_25C.lib.gz";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "SYSTOLE_LIBERTY_DIR has no such file";
  const Library library = ReadLiberty(path);
  const Cell& cell = *library.Find("sky130_sram_1rw1r_64x256_8");
  const RealMacro& macro = Macros().macros.back();
  EXPECT_EQ(macro.name, cell.name);
  EXPECT_DOUBLE_EQ(cell.area.value(), macro.area);
  EXPECT_NEAR(cell.leakage / macro.leakage, 1, 1e-9);
  EXPECT_NEAR(
      cell.FindPin("dout0[0]")->timing[0].delay_rise.At(0.04e-9, 0.00689e-12) / macro.access, 1,
      1e-9);
}

}  // namespace
}  // namespace systole
