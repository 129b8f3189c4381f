// SPDX-License-Identifier: Apache-2.0
#include "sw/scale_sim/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace systole {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

std::string ErrorOf(const std::string& text) {
  try {
    ParseScaleSimConfig(text, "scale.cfg");
  } catch (const RequestError& error) {
    return error.what();
  }
  return "no error";
}

TEST(ScaleSimConfig, GivesTheArray) {
  EXPECT_THAT(ParseScaleSimConfig("[general]\nrun_name = os_run\n\n[architecture_presets]\n"
                                  "ArrayHeight:    12\r\nArrayWidth = 20\nIfmapSramSzkB: 64\n"
                                  "# a comment\nDataflow : os\n[sparsity]\nSparsitySupport : "
                                  "false\n[run_presets]\nInterfaceBandwidth: USER ",
                                  "scale.cfg"),
              ElementsAre(Pair("rows", "12"), Pair("cols", "20"), Pair("dataflow", "os")));
}

TEST(ScaleSimConfig, RefusesWhatTheCoreIsNot) {
  const std::string sizes = "ArrayHeight: 12\nArrayWidth: 20\n";
  EXPECT_THAT(ErrorOf(sizes + "Dataflow : ws\n"),
              HasSubstr("scale.cfg, line 3: Dataflow ws is not supported"));
  EXPECT_THAT(ErrorOf(sizes + "SparsitySupport : True\n"), HasSubstr("SparsitySupport True"));
  EXPECT_THAT(ErrorOf("ArrayHeight: 12\n"), HasSubstr("scale.cfg has no ArrayWidth"));
  EXPECT_THAT(ErrorOf("ArrayHeight: 12\nnonsense\n"), HasSubstr("line 2: \"nonsense\""));
  EXPECT_THAT(ErrorOf(sizes + "arrayheight: 13\n"),
              HasSubstr("line 3: arrayheight is given twice"));
}

}  // namespace
}  // namespace systole
