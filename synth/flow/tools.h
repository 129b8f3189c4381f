// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace systole {

/// A program from outside, found and asked for its version.
struct Tool {
  std::filesystem::path program;
  std::string version;  ///< its own words, e.g. "Yosys 0.23 (git sha1 7ce5011c24b)"
};

/// Yosys, and OpenSTA as `sta`: `given` where it is not empty, else from PATH. Throw RunError with
/// the command that installs it when it is missing or says no version.
Tool FindYosys(const std::string& given);
Tool FindSta(const std::string& given);

/// Asked now and then while a tool runs; true: the tool is ended and RunError thrown.
using Cancelled = std::function<bool()>;

/// Runs a program in `folder` until it ends; its output, standard and error mixed, is the result.
/// Throws RunError when it cannot be started, ends with another status than 0 (the message then has
/// the first line of its output that has "rror" in it), or is cancelled.
std::string RunTool(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                    const Cancelled& cancelled);

/// The first line of `log` that `begins` so; empty if there is none.
std::string FindLine(const std::string& log, const std::string& begins);

/// A folder for a tool's files, gone at the end of the scope.
class WorkFolder {
 public:
  WorkFolder();  ///< Throws RunError when it cannot be made.
  ~WorkFolder();
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace systole
