// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/stimulus.h"
#include "sw/cli/cli.h"
#include "sw/onnx/onnx_io.h"
#include "sw/ref/execute.h"
#include "tests/cli/command.h"
#include "tests/cli/json_schema.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

/// Compiled models are kept from one test run to the next.
std::string CacheDir() { return SYSTOLE_BINARY_DIR "/test-cache"; }

Tensor Samples(std::int64_t count) {
  Stimulus random(3);
  Tensor tensor(ElementType::kFloat32, {count, 2, 6, 6});
  for (float& value : tensor.As<float>()) {
    value = static_cast<float>(random.Between(-200, 200)) / 100.0F;
  }
  return tensor;
}

/// A folder with a quantized network and two samples.
class Run : public testing::Test {
 protected:
  Run() : folder_(TestFolder()) {
    WriteOnnx(SmallQuantizedNetwork(), Path("net.onnx"));
    WriteTensor(Samples(2), Path("x.npy"));
  }
  std::string Path(const std::string& name) const { return (folder_ / name).string(); }
  Outcome OnSmallArray(std::vector<std::string> more) const {
    std::vector<std::string> words = {"run", Path("net.onnx"), "--input", Path("x.npy"), "--rows",
                                      "4",   "--cols",         "4"};
    words.insert(words.end(), more.begin(), more.end());
    return RunCommand(words);
  }

  fs::path folder_;
};

TEST_F(Run, VerifiesEveryLayerOnTheRtlAndWritesTheSchemasJson) {
  const Outcome outcome = OnSmallArray({"--cache-dir", CacheDir(), "--json", Path("run.json")});
  ASSERT_EQ(outcome.status, 0) << outcome.err << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("3 of 3"));
  EXPECT_THAT(outcome.out, HasSubstr("answers: "));
  const auto json = nlohmann::json::parse(ReadFile(Path("run.json")));
  EXPECT_THAT(
      SchemaViolations(
          nlohmann::json::parse(ReadFile(SYSTOLE_SOURCE_DIR "/docs/schema/run.schema.json")), json),
      IsEmpty());
  EXPECT_EQ(json["good"], true);
  EXPECT_EQ(json["totals"]["verified"], 3);
  EXPECT_EQ(json["layers"][1]["mapping"], "st-os 1x3");
  EXPECT_THAT(json["provenance"]["tools"], HasSubstr("erilator"));
  for (const auto& layer : json["layers"]) EXPECT_EQ(layer["cycles"], layer["model_cycles"]);
}

TEST_F(Run, PausesChangeNoByte) {
  const Outcome outcome = OnSmallArray(
      {"--cache-dir", CacheDir(), "--stall", "0.3", "--seed", "5", "--layers", "line"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("1 of 1"));
}

TEST_F(Run, WritesAWaveformOfOneLayer) {
  const Outcome outcome =
      OnSmallArray({"--cache-dir", CacheDir(), "--layers", "line", "--trace", Path("line.fst"),
                    "--trace-layer", "line", "--trace-cycles", "10:40"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_GT(fs::file_size(Path("line.fst")), 0U);
  EXPECT_THAT(FilesIn(folder_), ElementsAre("line.fst", "net.onnx", "x.npy"));
}

TEST_F(Run, TheModelPrintsTheSameCyclesWithoutRtl) {
  const Outcome model = OnSmallArray({"--engine", "model", "--json", "-"});
  const Outcome rtl = OnSmallArray({"--cache-dir", CacheDir(), "--json", "-"});
  ASSERT_EQ(model.status, 0) << model.err;
  ASSERT_EQ(rtl.status, 0) << rtl.err;
  const auto a = nlohmann::json::parse(model.out), b = nlohmann::json::parse(rtl.out);
  EXPECT_EQ(a["totals"]["cycles"], b["totals"]["cycles"]);
  EXPECT_EQ(a["layers"][0]["verified"], "model");
}

TEST_F(Run, CountsTheRightAnswers) {
  const auto answers = nlohmann::json::parse(
      OnSmallArray({"--engine", "model", "--json", "-"}).out)["answers"]["classes"];
  const std::int64_t first = answers[0], second = answers[1];
  WriteTensor(Tensor::Of<std::int64_t>({2}, {first, second == 0 ? 1 : 0}), Path("labels.npy"));
  const Outcome outcome = OnSmallArray({"--engine", "model", "--labels", Path("labels.npy")});
  EXPECT_THAT(outcome.out, HasSubstr("right: 1 of 2\n"));
}

/// Writes every tensor of the network as models/ort_run.mjs does.
void WriteTensors(const fs::path& folder, const Tensors& tensors) {
  nlohmann::json names;
  for (const auto& [name, tensor] : tensors) {
    WriteTensor(tensor, folder / (name + ".npy"));
    names[name] = name + ".npy";
  }
  WriteFile(folder / "index.json", nlohmann::json{{"tensors", names}, {"runtime", "other"}}.dump());
}

TEST_F(Run, ComparesEveryTensorWithTheOtherRuntime) {
  Tensors tensors = ExecuteNetwork(SmallQuantizedNetwork(), {{"x", Samples(2)}});
  WriteTensors(folder_ / "other", tensors);
  const Outcome equal = OnSmallArray({"--engine", "model", "--compare", Path("other")});
  EXPECT_EQ(equal.status, 0) << equal.err;
  EXPECT_THAT(equal.out, HasSubstr("other: 6 tensors compared, 6 equal"));

  // One element of the depthwise layer: its readers are executed again on what the other has.
  tensors.at("l").As<std::int8_t>()[7] ^= 1;
  WriteTensors(folder_ / "other", tensors);
  const Outcome differs = OnSmallArray({"--engine", "model", "--compare", Path("other")});
  EXPECT_EQ(differs.status, 1);
  EXPECT_THAT(differs.out, HasSubstr("differs (1)"));
  EXPECT_THAT(differs.out, HasSubstr("  l (QLinearConv, node line): differs, 1 of 360 elements"));
  EXPECT_THAT(differs.out, HasSubstr("  f (Flatten, node flat): differs, 1 of 360 elements"));
  EXPECT_EQ(differs.err, "systole: error: ONNX Runtime: 2 tensors differ, 0 are missing\n");

  tensors.erase("p");
  WriteTensors(folder_ / "other", tensors);
  const Outcome missing = OnSmallArray({"--engine", "model", "--compare", Path("other")});
  EXPECT_THAT(missing.err, HasSubstr("2 are missing"));  // and the one that reads it
}

TEST_F(Run, AFolderWithoutIndexIsABadRequest) {
  const Outcome outcome = OnSmallArray({"--engine", "model", "--compare", folder_.string()});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, StartsWith("systole: error: --compare " + folder_.string() +
                                      " holds no index.json\n  fix: write the folder with `node "));
}

TEST_F(Run, AFloatModelIsToBeQuantizedFirst) {
  WriteOnnx(SmallFloatNetwork(), Path("float.onnx"));
  const Outcome outcome = RunCommand({"run", Path("float.onnx"), "--input", Path("x.npy")});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err, "systole: error: " + Path("float.onnx") +
                             " is a float model: the array multiplies integers (node \"conv\" is a "
                             "float Conv)\n  fix: run `systole quantize " +
                             Path("float.onnx") +
                             " --calibrate x=FILE.npy -o float.int8.onnx` first\n");
}

TEST_F(Run, EveryWrongOptionIsReportedAtOnce) {
  const Outcome outcome =
      OnSmallArray({"--engine", "fpga", "--jobs", "0", "--stall", "2", "--trace-cycles", "5:2",
                    "--label", "x.npy", "--rows", "5"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.out, "");
  for (const char* line :
       {"systole: error: --engine fpga is unknown: rtl or model\n  fix: pass --engine rtl\n",
        "systole: error: --jobs 0 is out of range: 1 to 1024\n",
        "systole: error: --stall 2 is out of range: 0 to 0.95\n  fix: pass --stall 0\n",
        "systole: error: --trace-cycles 5:2 needs --trace\n  fix: leave --trace-cycles out\n",
        "systole: error: --rows is given 2 times: 4, 5\n  fix: pass it once: --rows 5\n",
        "systole: error: --label is no option of `systole run`\n  fix: did you mean --labels?"}) {
    EXPECT_THAT(outcome.err, HasSubstr(line));
  }
}

TEST_F(Run, WrongInputsAreReportedTogether) {
  WriteTensor(Tensor(ElementType::kInt8, {2, 2, 6, 6}), Path("bytes.npy"));
  const Outcome type = RunCommand({"run", Path("net.onnx"), "--input", "x=" + Path("bytes.npy"),
                                   "--input", "z=" + Path("absent.npy")});
  EXPECT_EQ(type.status, 2);
  EXPECT_EQ(type.err, "systole: error: --input z=" + Path("absent.npy") +
                          ": the network has no input \"z\"\n  fix: its inputs are: x\n"
                          "systole: error: --input x=" +
                          Path("bytes.npy") + " holds int8, the network takes float32\n");
  const Outcome none = RunCommand({"run", Path("net.onnx")});
  EXPECT_EQ(none.status, 2);
  EXPECT_EQ(none.err,
            "systole: error: input \"x\" of the network has no value\n"
            "  fix: pass --input x=FILE.npy\n");
}

TEST_F(Run, AnUnwritableResultIsFoundBeforeTheWork) {
  const std::string target = Path("net.onnx") + "/run.json";
  const Outcome outcome = OnSmallArray({"--json", target});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "systole: error: cannot write " + target + ": Not a directory\n");
  EXPECT_EQ(outcome.out, "");
}

/// Runs the command line in a process of its own, its output in files, and returns its id.
pid_t Start(const std::vector<std::string>& words, const fs::path& folder,
            const std::function<void()>& before = {}) {
  const pid_t process = fork();
  if (process != 0) return process;
  if (std::freopen((folder / "out.txt").c_str(), "w", stdout) == nullptr) _exit(99);
  if (std::freopen((folder / "err.txt").c_str(), "w", stderr) == nullptr) _exit(99);
  if (before) before();
  std::vector<const char*> argv = {"systole"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  const int status = RunCommandLine(static_cast<int>(argv.size()), argv.data());
  std::fflush(nullptr);
  _exit(status);
}

int StatusOf(pid_t process) {
  int status = 0;
  waitpid(process, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST_F(Run, WithoutVerilatorSaysWhatToInstall) {
  const pid_t process =
      Start({"run", Path("net.onnx"), "--input", Path("x.npy"), "--cache-dir", Path("cache")},
            folder_, [&] { setenv("PATH", folder_.c_str(), 1); });
  EXPECT_EQ(StatusOf(process), 1);
  EXPECT_THAT(ReadFile(Path("err.txt")),
              HasSubstr("systole: error: verilator was not found, which simulates the core\n"
                        "  fix: apt-get install verilator\n"));
}

/// The processes that a process has started and not yet waited for.
std::string ChildrenOf(pid_t process) {
  const std::string id = std::to_string(process);
  std::ifstream file("/proc/" + id + "/task/" + id + "/children");
  std::string children;
  std::getline(file, children);
  return children;
}

TEST_F(Run, AnInterruptEndsWorkersAndLeavesNoFile) {
  ASSERT_EQ(OnSmallArray({"--cache-dir", CacheDir()}).status, 0);  // compiled
  WriteTensor(Samples(20000), Path("many.npy"));
  const pid_t process =
      Start({"run", Path("net.onnx"), "--input", Path("many.npy"), "--rows", "4", "--cols", "4",
             "--cache-dir", CacheDir(), "--json", Path("run.json")},
            folder_);
  std::string workers;
  for (int i = 0; i < 12000 && workers.empty(); ++i) {
    usleep(10000);
    workers = ChildrenOf(process);
  }
  ASSERT_NE(workers, "") << "the run has started no worker in two minutes";
  kill(process, SIGINT);
  EXPECT_EQ(StatusOf(process), 130);
  EXPECT_EQ(ReadFile(Path("err.txt")), "systole: error: interrupted; nothing was written\n");
  EXPECT_EQ(ReadFile(Path("out.txt")), "");
  EXPECT_THAT(FilesIn(folder_), ElementsAre("err.txt", "many.npy", "net.onnx", "out.txt", "x.npy"));
  std::istringstream ids(workers);
  for (pid_t worker = 0; ids >> worker;) EXPECT_NE(kill(worker, 0), 0) << "a worker is left";
}

TEST_F(Run, QuantizeMakesModelsInBothFormsThatRun) {
  WriteOnnx(SmallFloatNetwork(), Path("float.onnx"));
  for (const std::string format : {"qoperator", "qdq"}) {
    const Outcome quantize =
        RunCommand({"quantize", Path("float.onnx"), "--calibrate", "x=" + Path("x.npy"), "--format",
                    format, "-o", Path(format + ".onnx")});
    ASSERT_EQ(quantize.status, 0) << quantize.err;
    EXPECT_THAT(quantize.out, HasSubstr("3 layers for the array; calibrated with 2 samples\n"));
    const Outcome run = RunCommand({"run", Path(format + ".onnx"), "--input", Path("x.npy"),
                                    "--rows", "4", "--cols", "4", "--cache-dir", CacheDir()});
    EXPECT_EQ(run.status, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("3 of 3")) << format;
  }
}

TEST_F(Run, RelativePathsAreThoseOfTheCurrentFolder) {
  WriteOnnx(SmallFloatNetwork(), Path("float.onnx"));
  const auto here = [&] { ASSERT_EQ(chdir(folder_.c_str()), 0); };
  const pid_t quantize =
      Start({"quantize", "float.onnx", "--calibrate", "x.npy", "-o", "int8.onnx"}, folder_, here);
  ASSERT_EQ(StatusOf(quantize), 0) << ReadFile(Path("err.txt"));
  const pid_t run = Start({"run", "int8.onnx", "--input", "x.npy", "--rows", "1", "--cols", "1",
                           "--cache-dir", "cache", "--json", "run.json"},
                          folder_, here);
  EXPECT_EQ(StatusOf(run), 0) << ReadFile(Path("err.txt"));
  EXPECT_THAT(ReadFile(Path("out.txt")), HasSubstr("3 of 3"));
  EXPECT_TRUE(fs::exists(folder_ / "run.json"));
}

TEST_F(Run, QuantizeReportsEveryWrongOptionAndWritesNothing) {
  const Outcome outcome = RunCommand({"quantize", Path("net.onnx"), "--method", "median",
                                      "--percentile", "12", "--format", "tflite"});
  EXPECT_EQ(outcome.status, 2);
  for (const char* line :
       {"systole: error: -o is missing\n  fix: pass -o model.int8.onnx\n",
        "systole: error: --calibrate is missing\n  fix: pass --calibrate NAME=samples.npy\n",
        "systole: error: --method median is unknown: minmax or percentile\n",
        "systole: error: --percentile 12 needs --method percentile\n",
        "systole: error: --percentile 12 is out of range: 50.1 to 100\n",
        "systole: error: --format tflite is unknown: qoperator or qdq\n"}) {
    EXPECT_THAT(outcome.err, HasSubstr(line));
  }
  EXPECT_THAT(FilesIn(folder_), ElementsAre("net.onnx", "x.npy"));
}

TEST_F(Run, QuantizeRefusesAQuantizedModelAndItsOwnInput) {
  const Outcome again = RunCommand(
      {"quantize", Path("net.onnx"), "--calibrate", Path("x.npy"), "-o", Path("again.onnx")});
  EXPECT_EQ(again.status, 2);
  EXPECT_THAT(again.err, StartsWith("systole: error: "));
  const Outcome self = RunCommand(
      {"quantize", Path("net.onnx"), "--calibrate", Path("x.npy"), "-o", Path("net.onnx")});
  EXPECT_EQ(self.status, 2);
  EXPECT_EQ(self.err, "systole: error: -o " + Path("net.onnx") +
                          " is the model itself\n  fix: name another file\n");
  EXPECT_THAT(FilesIn(folder_), ElementsAre("net.onnx", "x.npy"));
}

}  // namespace
}  // namespace systole
