// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/libraries.h"

#include <fmt/format.h>

namespace systole {
namespace {

constexpr const char* kDefaultLibrary = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";

}  // namespace

std::vector<Library> ChosenLibraries(const Options& options) {
  std::vector<std::string> paths = options.All("--liberty");
  if (paths.empty()) {
    std::error_code error;
    if (!std::filesystem::exists(kDefaultLibrary, error)) {
      throw RequestError(fmt::format("the default cell library {} is not there", kDefaultLibrary),
                         "run `apt-get install qflow-tech-osu018`, or pass --liberty FILE");
    }
    paths = {kDefaultLibrary};
  }
  std::vector<Library> libraries;
  for (const std::string& path : paths) libraries.push_back(ReadLiberty(path));
  return libraries;
}

void DeclareClockGating(Options& options, const std::string& group) {
  options.Declare("--clock-gating", "BITS",
                  fmt::format("words of at least so many register bits with one enable get a gated "
                              "clock; 0: none [{}]",
                              kClockGatingBits),
                  group);
}

int ReadClockGating(Options& options) {
  return static_cast<int>(options.Integer("--clock-gating", kClockGatingBits, 0, 4096));
}

void ReadStudyRun(Options& options, StudyRun& run) {
  run.wire_per_fanout = options.Number("--wire-load", 0, 0, 1000) * 1e-15;
  run.clock_gating = ReadClockGating(options);
  run.jobs = static_cast<int>(options.Integer("--jobs", Processors(), 1, 1024));
  run.cache_dir = options.Text("--cache-dir");
}

}  // namespace systole
