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

}  // namespace systole
