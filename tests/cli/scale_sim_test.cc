// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/cli/command.h"

namespace systole {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// A folder with a topology whose second layer is written with one filter, and a configuration.
class ScaleSimFiles : public testing::Test {
 protected:
  ScaleSimFiles() : folder_(TestFolder()) {
    WriteFile(folder_ / "net.csv",
              "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num "
              "Filter, Strides,\nConv1, 10, 10, 3, 3, 3, 6, 2,\nConv2_dw, 6, 6, 3, 3, 6, 1, 1,\n"
              "FC,1,1,1,1,20,7,1,\n");
    WriteFile(folder_ / "core.cfg",
              "[architecture_presets]\nArrayHeight: 4\nArrayWidth: 4\nDataflow : os\n");
  }
  std::string Path(const std::string& name) const { return (folder_ / name).string(); }

  std::filesystem::path folder_;
};

TEST_F(ScaleSimFiles, AreReadWhereModelsAndConfigurationsAre) {
  const Outcome outcome = RunCommand({"inspect", Path("net.csv"), "--config", Path("core.cfg")});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("array: 4x4 os int8/int32"));
  EXPECT_THAT(outcome.out, HasSubstr("1x6x4x4"));  // the depthwise layer has six channels
  EXPECT_THAT(outcome.err, HasSubstr("systole: warning: "));
  EXPECT_THAT(outcome.err, HasSubstr("line 3: Conv2_dw is a depthwise layer"));
}

TEST_F(ScaleSimFiles, RunOnTheRtlWithSeededValuesAndMakeAReport) {
  const Outcome outcome =
      RunCommand({"run", Path("net.csv"), "--config", Path("core.cfg"), "--dataflow", "os+stos",
                  "--cache-dir", SYSTOLE_BINARY_DIR "/test-cache", "--compute-report",
                  Path("COMPUTE_REPORT.csv"), "--seed", "5"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("3 of 3"));
  const std::string report = ReadFile(folder_ / "COMPUTE_REPORT.csv");
  EXPECT_THAT(report, StartsWith("LayerID, Total Cycles, Stall Cycles, Overall Util %, Mapping "
                                 "Efficiency %, Compute Util %,"));
  EXPECT_THAT(report, HasSubstr(", FC, gemm, "));
}

TEST_F(ScaleSimFiles, ABadRowIsABadRequestThatNamesItsLine) {
  WriteFile(folder_ / "bad.csv", "Layer, M, N, K,\na, 1, 2, x,\n");
  const Outcome outcome = RunCommand({"inspect", Path("bad.csv")});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("bad.csv, line 2: K \"x\" is no whole number"));
  WriteFile(folder_ / "ws.cfg", "ArrayHeight: 4\nArrayWidth: 3\nDataflow : ws\n");
  const Outcome other = RunCommand({"inspect", Path("net.csv"), "--config", Path("ws.cfg")});
  EXPECT_EQ(other.status, 2);
  EXPECT_THAT(other.err, HasSubstr("ws.cfg, line 3: Dataflow ws is not supported"));
}

}  // namespace
}  // namespace systole
