// SPDX-License-Identifier: Apache-2.0
// A full disk, and a program that is killed: nothing half-written is believed, then or later.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "tests/flow/fixture.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using ::testing::AnyOf;
using ::testing::HasSubstr;

/// No file of this process and of those that it starts grows beyond `bytes`, as on a disk that is
/// full then: writing fails with EFBIG.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit old_{};
  void (*handler_)(int) = nullptr;
};

SynthesisRequest LinesIn(const fs::path& cache) {
  SynthesisRequest request = RequestOf({kLines, kLine}, "lines");
  request.use_cache = true;
  request.cache_dir = cache;
  return request;
}

TEST(FullDisk, StopsTheSynthesisAndLeavesAGoodCache) {
  const ScratchFolder cache;
  const SynthesisRequest request = LinesIn(cache.path());
  int failed = 0;
  for (const rlim_t bytes : {0, 100, 1000, 3000, 6000, 12000}) {
    {
      const FullDisk disk(bytes);
      try {
        EXPECT_EQ(Synthesize(request).area.total.area, 80) << bytes;
      } catch (const RunError& error) {
        ++failed;
        EXPECT_NE(std::string(error.what()), "") << bytes;
      }
    }
  }
  EXPECT_GE(failed, 3);
  EXPECT_EQ(Synthesize(request).area.total.area, 80);
}

TEST(FullDisk, StopsTheTimingAnalysis) {
  const SynthesisResult result = Synthesize(RequestOf({kTiny}, "tiny"));
  int failed = 0;
  for (const rlim_t bytes : {0, 100, 400, 1000, 2000}) {
    const FullDisk disk(bytes);
    try {
      EXPECT_NEAR(AnalyzeTiming(result.netlist, ThreeCells(), {}).min_period, 0.95e-9, 1e-15);
    } catch (const RunError&) {
      ++failed;
    }
  }
  EXPECT_GE(failed, 2);
}

TEST(Killed, AProgramThatDiesAtAnyTimeLeavesAGoodCache) {
  const ScratchFolder cache;
  const SynthesisRequest request = LinesIn(cache.path());
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(Synthesize(request).area.total.area, 80);
  const auto whole = std::chrono::steady_clock::now() - begin;
  int killed = 0;
  constexpr int kTrials = 8;
  for (int trial = 1; trial <= kTrials; ++trial) {
    fs::remove_all(cache.path() / "synth");
    const pid_t child = fork();
    if (child == 0) {
      FailureOf(request);
      _exit(0);
    }
    std::this_thread::sleep_for(whole * trial / kTrials);
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    killed += WIFSIGNALED(status) ? 1 : 0;
    const SynthesisResult result = Synthesize(request);
    EXPECT_EQ(result.area.total.area, 80) << trial;
    EXPECT_EQ(result.area.total.registers, 8U) << trial;
  }
  EXPECT_GE(killed, 1);
}

TEST(Killed, AYosysThatDiesLeavesAGoodCache) {
  const ScratchFolder cache, folder;
  SynthesisRequest request = LinesIn(cache.path());
  request.yosys = MakeProgram(folder.path() / "yosys",
                              "if [ \"$1\" = -V ]; then yosys -V; exit; fi\n"
                              "yosys \"$@\" & sleep 0.05; kill -9 $!; kill -9 $$\n");
  EXPECT_THAT(FailureOf(request), AnyOf(HasSubstr("signal 9"), HasSubstr("status")));
  request.yosys.clear();
  EXPECT_EQ(Synthesize(request).area.total.area, 80);
}

}  // namespace
}  // namespace systole
