// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/output.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"

namespace systole {
namespace fs = std::filesystem;

void DeclareJson(Options& options) {
  options.Declare("--json", "FILE|-", "the result as JSON, to a file or in place of the table",
                  "Output");
}

void WriteOutput(const Options& options, const std::string& text, const nlohmann::json& json) {
  const std::string target = options.Text("--json");
  const std::string dump =
      target.empty() ? ""
                     : json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  fmt::print("{}", target == "-" ? dump : text);
  if (std::fflush(stdout) != 0) {
    throw RunError(fmt::format("cannot write to standard output: {}", std::strerror(errno)));
  }
  if (!target.empty() && target != "-") WriteFile(target, dump);
}

void CheckWritable(const fs::path& path) {
  const auto fail = [&](int code) {
    throw RunError(fmt::format("cannot write {}: {}", path.string(), std::strerror(code)));
  };
  std::error_code error;
  if (fs::is_directory(path, error)) fail(EISDIR);
  error.clear();  // a file that does not exist yet is an error of is_directory
  if (fs::exists(path, error) && !fs::is_regular_file(path, error)) {  // a device, a pipe
    if (access(path.c_str(), W_OK) != 0) fail(errno);
    return;
  }
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
  if (error && !fs::is_directory(path.parent_path())) fail(error.value());
  std::string trial = path.string() + ".XXXXXX";
  const int file = mkstemp(trial.data());
  if (file < 0) fail(errno);
  close(file);
  unlink(trial.c_str());
}

bool SameFile(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code error;
  return std::filesystem::equivalent(a, b, error) && !error;
}

}  // namespace systole
