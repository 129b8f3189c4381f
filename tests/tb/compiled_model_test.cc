// SPDX-License-Identifier: Apache-2.0
#include "tb/compiled_model.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "gen/systolic/systolic_core.h"
#include "tests/support/tool.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr ArrayConfig kConfig = {.rows = 1, .cols = 1, .dataflow = Dataflow::kOs};

/// The message of the RunError that making a model throws.
std::string Failure(const std::vector<rtl::File>& verilog, const fs::path& cache) {
  try {
    CompiledModel model(kConfig, verilog, {.cache_dir = cache});
  } catch (const RunError& error) {
    return error.what();
  }
  return "no error";
}

std::vector<rtl::File> Core() { return rtl::VerilogFiles(BuildSystolicCore(kConfig)); }

/// PATH is something else while this lives.
class OtherPath {
 public:
  explicit OtherPath(const fs::path& path) : old_(std::getenv("PATH")) {
    setenv("PATH", path.c_str(), 1);
  }
  ~OtherPath() { setenv("PATH", old_.c_str(), 1); }

 private:
  std::string old_;
};

class CompiledModelTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { scratch_ = new ScratchFolder; }
  static void TearDownTestSuite() { delete scratch_; }
  static fs::path Cache() { return scratch_->path() / "cache"; }

  static ScratchFolder* scratch_;
};
ScratchFolder* CompiledModelTest::scratch_ = nullptr;

TEST_F(CompiledModelTest, SecondStartComesFromTheCacheAtOnce) {
  std::vector<std::string> built;
  const ModelOptions options = {
      .cache_dir = Cache(), .on_build = [&](const std::string& what) { built.push_back(what); }};
  fs::path library;
  {
    const CompiledModel model(kConfig, options);
    EXPECT_GT(model.build_seconds(), 0);
    EXPECT_THAT(model.tools(), HasSubstr("Verilator"));
    library = model.library();
  }
  const std::clock_t start = std::clock();
  const CompiledModel again(kConfig, options);
  EXPECT_LT(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, 0.5);
  EXPECT_EQ(again.build_seconds(), 0);
  EXPECT_EQ(again.library(), library);
  EXPECT_THAT(again.tools(), HasSubstr("Verilator"));
  EXPECT_EQ(built, std::vector<std::string>{ToString(kConfig)});
}

TEST_F(CompiledModelTest, DamagedEntryIsBuiltAgain) {
  const fs::path library = CompiledModel(kConfig, {.cache_dir = Cache()}).library();
  const std::string bytes = ReadFile(library);
  WriteFile(library, bytes.substr(0, bytes.size() / 2));
  fs::create_directories(library.parent_path().string() + ".build");  // of an interrupted build
  const CompiledModel again(kConfig, {.cache_dir = Cache()});
  EXPECT_GT(again.build_seconds(), 0);
  EXPECT_GT(fs::file_size(library), bytes.size() / 2);
  EXPECT_FALSE(fs::exists(library.parent_path().string() + ".build"));
}

TEST_F(CompiledModelTest, ConcurrentStartsBuildOnce) {
  std::vector<rtl::File> verilog = Core();
  verilog.back().text += "// another core\n";
  std::vector<double> seconds(3, -1);
  std::vector<std::thread> threads;
  for (double& result : seconds) {
    threads.emplace_back(
        [&] { result = CompiledModel(kConfig, verilog, {.cache_dir = Cache()}).build_seconds(); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::count_if(seconds.begin(), seconds.end(), [](double s) { return s > 0; }), 1);
  EXPECT_EQ(std::count(seconds.begin(), seconds.end(), 0.0), 2);
}

TEST_F(CompiledModelTest, FailedBuildNamesItsLogAndLeavesNoEntry) {
  std::vector<rtl::File> verilog = Core();
  verilog.back().text += "module broken (\n";
  const std::string message = Failure(verilog, Cache());
  EXPECT_THAT(message, HasSubstr("verilator failed"));
  EXPECT_THAT(message, HasSubstr("syntax error"));
  const std::string log = message.substr(message.find("log: ") + 5);
  EXPECT_THAT(ReadFile(log), HasSubstr("syntax error"));
  EXPECT_FALSE(fs::exists(fs::path(log).replace_extension("")));
  EXPECT_FALSE(fs::exists(fs::path(log).replace_extension(".build")));
}

TEST_F(CompiledModelTest, MissingVerilatorNamesTheCommandThatInstallsIt) {
  const OtherPath none(scratch_->path());
  EXPECT_THAT(Failure(Core(), Cache()), HasSubstr("apt-get install verilator"));
}

TEST_F(CompiledModelTest, MissingCompilerNamesTheCommandThatInstallsIt) {
  const fs::path bin = scratch_->path() / "bin";
  fs::create_directories(bin);
  WriteFile(bin / "verilator", "#!/bin/sh\n");
  fs::permissions(bin / "verilator", fs::perms::owner_all);
  const OtherPath only_verilator(bin);
  EXPECT_THAT(Failure(Core(), Cache()), HasSubstr("apt-get install clang"));
}

TEST_F(CompiledModelTest, CacheFolderThatCannotBeWrittenNamesItsOption) {
  const fs::path file = scratch_->path() / "file";
  WriteFile(file, "");
  EXPECT_THAT(Failure(Core(), file / "cache"), HasSubstr("--cache-dir"));
}

TEST(DefaultCacheDir, FollowsTheEnvironment) {
  const char* const old = std::getenv("XDG_CACHE_HOME");
  const std::string saved = old != nullptr ? old : "";
  setenv("XDG_CACHE_HOME", "/some/cache", 1);
  EXPECT_EQ(DefaultCacheDir(), "/some/cache/systole");
  unsetenv("XDG_CACHE_HOME");
  if (const char* home = std::getenv("HOME"); home != nullptr) {
    EXPECT_EQ(DefaultCacheDir(), fs::path(home) / ".cache" / "systole");
  }
  if (old != nullptr) setenv("XDG_CACHE_HOME", saved.c_str(), 1);
}

}  // namespace
}  // namespace systole
