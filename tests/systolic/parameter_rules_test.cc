// SPDX-License-Identifier: Apache-2.0
// Parameters that are changed in Verilog, after generation: what the core cannot do stops each
// tool.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "gen/systolic/systolic_core.h"
#include "tests/support/tool.h"

namespace systole {
namespace {

using ::testing::HasSubstr;

struct BrokenRule {
  const char* param;
  int value;
  const char* rule;
};

// Cols = 0 is left out: Verilator 5.006 ends in an internal error before it looks for modules.
const BrokenRule kBroken[] = {
    {"Rows", 0, "Rows_is_1_to_256"},       {"Rows", 257, "Rows_is_1_to_256"},
    {"Cols", 257, "Cols_is_1_to_256"},     {"DataW", 3, "DataW_is_4_to_16"},
    {"DataW", 17, "DataW_is_4_to_16"},     {"AccW", 15, "AccW_is_2_DataW_to_48"},
    {"AccW", 49, "AccW_is_2_DataW_to_48"},
};

/// Command lines; `{0}` is the parameter, `{1}` its value.
const char* const kTools[] = {
    "verilator --lint-only -Wall " SYSTOLE_SOURCE_DIR
    "/rtl/lint.vlt -F filelist.f --top-module systolic_core -G{0}={1}",
    "iverilog -g2005 -s systolic_core -Psystolic_core.{0}={1} -tnull -c filelist.f",
    "yosys -q -p \"read_verilog $(tr '\\n' ' ' < filelist.f); "
    "hierarchy -check -top systolic_core -chparam {0} {1}\"",
};

class ParameterRule : public ::testing::TestWithParam<BrokenRule> {};

TEST_P(ParameterRule, StopsEveryToolAndIsNamed) {
  const ScratchFolder folder;
  rtl::WriteDesign(BuildSystolicCore({.rows = 4, .cols = 4}), {}, folder.path());
  for (const char* tool : kTools) {
    const std::string command = fmt::format(fmt::runtime(tool), GetParam().param, GetParam().value);
    const ToolResult result = RunTool(folder.path(), command);
    EXPECT_NE(result.status, 0) << command;
    EXPECT_THAT(result.output, HasSubstr(std::string("PARAMETER_ERROR_") + GetParam().rule))
        << command;
  }
}

INSTANTIATE_TEST_SUITE_P(Core, ParameterRule, ::testing::ValuesIn(kBroken), [](const auto& info) {
  return fmt::format("{}_{}", info.param.param, info.param.value);
});

}  // namespace
}  // namespace systole
