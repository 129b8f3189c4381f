// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/cli.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "sw/onnx/onnx_io.h"
#include "tests/cli/command.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

TEST(CommandLine, WithoutACommandNamesTheCommands) {
  const Outcome outcome = RunCommand({});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, StartsWith("systole: error: `systole` needs a command: "));
  EXPECT_THAT(outcome.err, HasSubstr("  fix: `systole --help` shows what works\n"));
}

TEST(CommandLine, GuessesAMisspeltCommand) {
  const Outcome outcome = RunCommand({"inspekt"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, StartsWith("systole: error: \"inspekt\" is no command of `systole`: "));
  EXPECT_THAT(outcome.err, HasSubstr("  fix: did you mean `systole inspect`? "));
}

TEST(CommandLine, VersionAndHelpGoToStandardOutputWithStatus0) {
  for (const auto& words : std::vector<std::vector<std::string>>{{"--version"}, {"--help"}}) {
    const Outcome outcome = RunCommand(words);
    EXPECT_EQ(outcome.status, 0);
    EXPECT_THAT(outcome.out, HasSubstr("ystole"));
    EXPECT_EQ(outcome.err, "");
  }
}

TEST(CommandLine, HelpOfEveryCommandHasExamples) {
  for (const auto& words : std::vector<std::vector<std::string>>{{"gen", "array", "--help"},
                                                                 {"inspect", "--help"},
                                                                 {"model", "--help"},
                                                                 {"study", "fuseconv", "--help"},
                                                                 {"quantize", "--help"},
                                                                 {"run", "--help"}}) {
    const Outcome outcome = RunCommand(words);
    EXPECT_EQ(outcome.status, 0);
    EXPECT_THAT(outcome.out, HasSubstr("Examples:\n  systole " + words.front()));
  }
}

TEST(Inspect, ShowsShapesWorkAndPlacesOfAFloatNetwork) {
  const fs::path model = TestFolder() / "net.onnx";
  WriteOnnx(SmallFloatNetwork(), model);
  const Outcome outcome = RunCommand({"inspect", model.string(), "--rows", "4", "--cols", "4"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("conv      Conv      1x5x6x6  float32  3,240          95  "
                                     "array, gemm blocked 1x3, when quantized\n"));
  EXPECT_THAT(outcome.out, HasSubstr("relu      Relu      1x5x6x6  float32                     "
                                     "host\n"));
  EXPECT_THAT(outcome.out, HasSubstr("array: 4x4 os+stos int8/int32\n"));
}

TEST(Inspect, JsonReplacesTheTable) {
  const fs::path model = TestFolder() / "net.onnx";
  WriteOnnx(SmallQuantizedNetwork(), model);
  const Outcome outcome =
      RunCommand({"inspect", model.string(), "--shape", "x=2x2x6x6", "--json", "-"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const nlohmann::json json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["inputs"]["x"], (std::vector<int>{2, 2, 6, 6}));
  ASSERT_EQ(json["layers"].size(), 6U);
  const nlohmann::json& line = json["layers"][2];
  EXPECT_EQ(line["name"], "line");
  EXPECT_EQ(line["place"], "array");
  EXPECT_EQ(line["shape"], (std::vector<int>{2, 5, 6, 6}));
  EXPECT_EQ(line["macs"], 2 * 5 * 36 * 3);
  EXPECT_EQ(line["parameters"], 20);
  EXPECT_EQ(json["layers"][3]["place"], "host");
}

TEST(Inspect, NamesNodeAndOperatorThatAreNotSupported) {
  const fs::path model = TestFolder() / "net.onnx";
  Network network = SmallFloatNetwork();
  network.nodes[1].op = "Celu";
  network.nodes[3].op = "Det";
  WriteOnnx(network, model);
  const Outcome outcome = RunCommand({"inspect", model.string()});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, StartsWith("systole: error: node \"relu\": operator Celu is not "
                                      "supported\n"
                                      "systole: error: node \"flat\": operator Det is not "
                                      "supported\n"
                                      "  fix: export the model with these operators: "));
}

TEST(Inspect, MissingAndTruncatedModelsAreClearErrors) {
  const fs::path folder = TestFolder();
  const Outcome missing = RunCommand({"inspect", (folder / "absent.onnx").string()});
  EXPECT_EQ(missing.status, 2);
  EXPECT_EQ(missing.err, "systole: error: cannot read " + (folder / "absent.onnx").string() +
                             ": No such file or directory\n");
  WriteOnnx(SmallFloatNetwork(), folder / "net.onnx");
  const std::string bytes = ReadFile(folder / "net.onnx");
  for (const std::size_t size : {std::size_t{0}, bytes.size() / 3, bytes.size() - 1}) {
    WriteFile(folder / "cut.onnx", bytes.substr(0, size));
    const Outcome cut = RunCommand({"inspect", (folder / "cut.onnx").string()});
    EXPECT_EQ(cut.status, 2) << size;
    EXPECT_THAT(cut.err, StartsWith("systole: error: " + (folder / "cut.onnx").string()));
  }
}

TEST(Inspect, WrongShapesAreReportedTogether) {
  const fs::path model = TestFolder() / "net.onnx";
  WriteOnnx(SmallFloatNetwork(), model);
  const Outcome outcome =
      RunCommand({"inspect", model.string(), "--shape", "x=1x0x6x6", "--shape", "image=1x2x6x6"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err,
            "systole: error: --shape image=1x2x6x6: the network has no input \"image\"\n"
            "  fix: its inputs are: x\n"
            "systole: error: --shape x=1x0x6x6 is no shape\n"
            "  fix: pass dimensions of 1 or more: --shape x=1x3x224x224\n");
}

TEST(Inspect, AnUnwritableJsonFileIsAFailedRun) {
  const fs::path folder = TestFolder();
  WriteOnnx(SmallFloatNetwork(), folder / "net.onnx");
  const std::string target = (folder / "net.onnx" / "out.json").string();  // below a file
  const Outcome outcome = RunCommand({"inspect", (folder / "net.onnx").string(), "--json", target});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "systole: error: cannot write " + target + ": Not a directory\n");
  EXPECT_THAT(FilesIn(folder), testing::ElementsAre("net.onnx"));
}

}  // namespace
}  // namespace systole
