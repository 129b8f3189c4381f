// SPDX-License-Identifier: Apache-2.0
// Tools that fail, lie, or are not there.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "synth/flow/synthesize.h"
#include "synth/flow/timing.h"
#include "synth/flow/yosys.h"
#include "tests/flow/fixture.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

rtl::File Text(const std::string& body) {
  return {"m.v", "module m (input wire clk_i, input wire a_i, output wire q_o);\n" + body +
                     "\nendmodule\n"};
}

TEST(Failure, AMissingYosysSaysHowToInstallIt) {
  const ScratchFolder empty;
  const Environment path("PATH", empty.path().string());
  EXPECT_THAT(FailureOf(RequestOf({kTiny}, "tiny")),
              HasSubstr("yosys is not installed\n  fix: run `apt-get install yosys`"));
  SynthesisRequest request = RequestOf({kTiny}, "tiny");
  request.yosys = "/nowhere/yosys";
  EXPECT_THAT(FailureOf(request), HasSubstr("--yosys /nowhere/yosys is no program"));
}

/// A Yosys that answers -V and runs `script` otherwise.
std::string FailureOfFake(const std::string& script, const fs::path& cache = {}) {
  const ScratchFolder folder;
  SynthesisRequest request = RequestOf({kTiny}, "tiny");
  request.yosys = MakeProgram(folder.path() / "yosys",
                              "if [ \"$1\" = -V ]; then yosys -V; exit; fi\n" + script);
  request.use_cache = !cache.empty();
  request.cache_dir = cache;
  return FailureOf(request);
}

TEST(Failure, AYosysThatSaysErrorAndEndsWellIsNotBelieved) {
  EXPECT_EQ(FailureOfFake("echo 'ERROR: disk on fire'\necho 'End of script. Bye'\nexit 0\n"),
            "Yosys says ERROR: disk on fire");
}

TEST(Failure, AYosysThatFailsIsQuoted) {
  EXPECT_EQ(FailureOfFake("echo 'ERROR: no such thing'\nexit 3\n"),
            "yosys ended with status 3: ERROR: no such thing");
  EXPECT_EQ(FailureOfFake("kill -9 $$\n"), "yosys was ended by signal 9");
}

TEST(Failure, AYosysThatStopsHalfwayIsNotBelieved) {
  EXPECT_EQ(FailureOfFake("exit 0\n"), "Yosys ended before the end of its script");
}

TEST(Failure, AResultThatIsMissingEmptyOrCutIsNotBelieved) {
  // The true Yosys, whose results then vanish as on a full disk.
  const std::string run = "yosys \"$@\" || exit 1\n";
  EXPECT_THAT(FailureOfFake(run + "rm -f mapped.json\n"), HasSubstr("wrote no mapped.json"));
  EXPECT_THAT(FailureOfFake(run + "[ -f mapped.json ] && : > mapped.json; true\n"),
              HasSubstr("wrote no mapped.json"));
  EXPECT_THAT(FailureOfFake(run + "[ -f mapped.json ] && truncate -s 900 mapped.json; true\n"),
              HasSubstr("cut short by a full disk"));
  EXPECT_THAT(FailureOfFake(run + "[ -f stat.txt ] && echo > stat.txt; true\n"),
              HasSubstr("33 um2 by counts and Liberty areas, none by Yosys' stat"));
  EXPECT_THAT(FailureOfFake(run + "[ -f stat.txt ] && sed -i 's/33.0/34.0/' stat.txt; true\n"),
              HasSubstr("33 um2 by counts and Liberty areas, 34 by Yosys' stat"));
}

TEST(Failure, NothingOfAFailedRunStaysInTheCache) {
  const ScratchFolder cache;
  for (const char* script :
       {"yosys \"$@\"\n[ -f stat.txt ] && echo > stat.txt; true\n", "yosys \"$@\"\nkill -9 $$\n"}) {
    EXPECT_NE(FailureOfFake(script, cache.path()), "none");
  }
  SynthesisRequest request = RequestOf({kTiny}, "tiny");
  request.use_cache = true;
  request.cache_dir = cache.path();
  const SynthesisResult result = Synthesize(request);
  EXPECT_EQ(result.modules_made, 1u);
  EXPECT_EQ(result.area.total.area, 33);
}

TEST(Failure, ACacheThatCannotBeWrittenSaysSo) {
  const ScratchFolder folder;
  WriteFile(folder.path() / "file", "");
  SynthesisRequest request = RequestOf({kTiny}, "tiny");
  request.use_cache = true;
  request.cache_dir = folder.path() / "file";
  EXPECT_THAT(FailureOf(request), HasSubstr("--no-cache"));
}

TEST(Failure, ATemporaryFolderThatCannotBeMadeSaysSo) {
  const Environment folder("TMPDIR", "/dev/full");
  EXPECT_THAT(FailureOf(RequestOf({kTiny}, "tiny")), HasSubstr("temporary files"));
}

TEST(Failure, ALibraryThatVanishedIsNamed) {
  std::vector<Library> libraries = ThreeCells();
  libraries[0].path = "/nowhere/cells.lib";
  SynthesisRequest request = RequestOf({kTiny}, "tiny");
  request.libraries = &libraries;
  EXPECT_THAT(FailureOf(request), HasSubstr("/nowhere/cells.lib"));
}

TEST(Failure, ALatchThatNobodyAskedForIsRefused) {
  const rtl::File file = Text("reg q; always @* if (clk_i) q = a_i; assign q_o = q;");
  EXPECT_THAT(FailureOf(RequestOf({file}, "m")), HasSubstr("has a latch"));
}

TEST(Failure, ACombinationalLoopIsRefused) {
  const rtl::File file = Text("wire x = ~(x & a_i); assign q_o = x & clk_i;");
  EXPECT_THAT(FailureOf(RequestOf({file}, "m")), HasSubstr("combinational loop"));
}

TEST(Failure, TwoDriversAreRefused) {
  const rtl::File file = Text("assign q_o = a_i; assign q_o = clk_i;");
  EXPECT_THAT(FailureOf(RequestOf({file}, "m")), HasSubstr("drivers"));
}

TEST(Failure, WhatTheLibraryLacksIsNamed) {
  const NetlistModule module = ModuleBuilderForTests("m")
                                   .In("a")
                                   .Out("q", "q")
                                   .Cell("u", "$_TBUF_", {{"A", "a"}, {"E", "a"}, {"Y", "q"}})
                                   .Done();
  try {
    CheckMapped(module);
    ADD_FAILURE();
  } catch (const RunError& error) {
    EXPECT_THAT(error.what(), HasSubstr("the library has nothing for 1 $_TBUF_"));
  }
  const rtl::File set = Text(
      "reg q; always @(posedge clk_i or posedge a_i) if (a_i) q <= 1; else q <= ~q;\n"
      "assign q_o = q;");
  std::vector<Library> libraries = ThreeCells();
  SynthesisRequest request = RequestOf({set}, "m");
  const ScratchFolder folder;
  std::string text = ReadFile(libraries[0].path);
  text.replace(text.find("clear : \"(!RN)\";"), 16, "");
  WriteFile(folder.path() / "no_reset.lib", text);
  libraries = {ReadLiberty(folder.path() / "no_reset.lib")};
  request.libraries = &libraries;
  EXPECT_THAT(FailureOf(request), HasSubstr("cannot be legalized"));
}

TEST(Failure, RequestsThatCannotBeMetAreNamed) {
  EXPECT_THAT(FailureOf(RequestOf({kTiny}, "other")),
              HasSubstr("no file has the top module other"));
  EXPECT_THAT(FailureOf(RequestOf({kTiny, kTiny}, "tiny")),
              HasSubstr("module tiny is there twice"));
  EXPECT_THAT(FailureOf(RequestOf({{"two.v", kTiny.text + kLine.text}}, "tiny")),
              HasSubstr("two.v does not have exactly one module"));
  EXPECT_THAT(FailureOf(RequestOf({{"bad.v", "module bad (;\nendmodule\n"}}, "bad")),
              HasSubstr("bad.v:1: ERROR: syntax error"));
  EXPECT_THAT(FailureOf(RequestOf({kLines}, "lines")), HasSubstr("line"));
  SynthesisRequest request = RequestOf({kTiny}, "tiny");
  request.black_boxes = {"ram"};
  EXPECT_THAT(FailureOf(request), HasSubstr("ram cannot be a black box"));
}

TEST(Failure, ACellWithoutAnAreaIsNamed) {
  std::vector<Library> libraries = ThreeCells();
  for (Cell& cell : libraries[0].cells) {
    if (cell.name == "NAND2") cell.area.reset();
  }
  SynthesisRequest request = RequestOf({kTiny}, "tiny");
  request.libraries = &libraries;
  EXPECT_THAT(FailureOf(request), HasSubstr("cell NAND2 has no area"));
}

TEST(Failure, ACancelledRunEndsItsTools) {
  const ScratchFolder folder, cache;
  SynthesisRequest request = RequestOf({kTiny}, "tiny");
  request.yosys = MakeProgram(folder.path() / "yosys",
                              "if [ \"$1\" = -V ]; then yosys -V; exit; fi\nexec sleep 600\n");
  std::atomic<int> asked = 0;
  request.cancelled = [&asked] { return ++asked > 20; };
  request.use_cache = true;
  request.cache_dir = cache.path();
  EXPECT_EQ(FailureOf(request), "interrupted");
  EXPECT_FALSE(fs::exists(cache.path() / "synth"));
}

/// What AnalyzeTiming says of the tiny design with a fake OpenSTA.
std::string FailureOfSta(const std::string& script) {
  const ScratchFolder folder;
  static const SynthesisResult result = Synthesize(RequestOf({kTiny}, "tiny"));
  TimingOptions options;
  options.sta = MakeProgram(folder.path() / "sta",
                            "if [ \"$1\" = -version ]; then echo 2.0.17; exit; fi\n" + script);
  try {
    AnalyzeTiming(result.netlist, ThreeCells(), options);
  } catch (const RunError& error) {
    return error.what();
  }
  return "none";
}

TEST(Failure, AMissingOpenStaSaysHowToInstallIt) {
  const SynthesisResult result = Synthesize(RequestOf({kTiny}, "tiny"));
  const ScratchFolder empty;
  const Environment path("PATH", empty.path().string());
  try {
    AnalyzeTiming(result.netlist, ThreeCells(), {});
    FAIL();
  } catch (const RunError& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("sta is not installed\n  fix: run `apt-get install opensta"));
  }
}

TEST(Failure, AnOpenStaThatSaysErrorAndEndsWellIsNotBelieved) {
  EXPECT_EQ(FailureOfSta("sta \"$@\"\necho 'Error: run.tcl, 3 no such thing'\nexit 0\n"),
            "OpenSTA says Error: run.tcl, 3 no such thing");
}

TEST(Failure, AnOpenStaThatStopsOrFailsIsNotBelieved) {
  EXPECT_THAT(FailureOfSta("sta \"$@\" | grep -v @done\n"), HasSubstr("is not whole"));
  EXPECT_THAT(FailureOfSta("sta \"$@\" | grep -v '@period'\n"), HasSubstr("no line @period"));
  EXPECT_THAT(FailureOfSta("exit 4\n"), StartsWith("sta ended with status 4"));
  EXPECT_THAT(FailureOfSta("sta \"$@\" | sed 's/@below.*/@below 0.9 0.1/'\n"),
              HasSubstr("no shortest period was found"));
}

}  // namespace
}  // namespace systole
