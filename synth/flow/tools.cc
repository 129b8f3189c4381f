// SPDX-License-Identifier: Apache-2.0
#include "synth/flow/tools.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "base/error.h"
#include "base/file.h"
#include "tb/subprocess.h"

namespace systole {
namespace fs = std::filesystem;
namespace {

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

fs::path Locate(const std::string& given, const std::string& name, const std::string& package,
                const std::string& option) {
  if (given.empty()) {
    if (const auto found = FindProgram(name)) return *found;
    throw RunError(
        fmt::format("{} is not installed\n  fix: run `apt-get install {}`, or pass {} "
                    "PATH",
                    name, package, option));
  }
  std::error_code error;
  if (given.find('/') == std::string::npos) {
    if (const auto found = FindProgram(given)) return *found;
  } else if (fs::is_regular_file(given, error) && access(given.c_str(), X_OK) == 0) {
    return fs::absolute(given, error);
  }
  throw RunError(
      fmt::format("{} {} is no program\n  fix: run `apt-get install {}` and leave the "
                  "option out",
                  option, given, package));
}

Tool Ask(const fs::path& program, const std::string& option, const std::string& name) {
  const WorkFolder folder;
  const std::string answer =
      FirstLine(RunTool({program.string(), option}, folder.path(), [] { return false; }));
  if (answer.empty()) {
    throw RunError(fmt::format("{} says no version: it is no {}", program.string(), name));
  }
  return {program, answer};
}

/// Waits for the process; ends it when `cancelled` says so. Its status as waitpid gives it.
int Wait(pid_t process, const Cancelled& cancelled) {
  using std::chrono::milliseconds;
  milliseconds pause(1);
  for (int status = 0;;) {
    const pid_t ended = waitpid(process, &status, WNOHANG);
    if (ended == process) return status;
    if (ended < 0 && errno != EINTR) return -1;
    if (cancelled && cancelled()) {
      kill(process, SIGTERM);
      WaitProcess(process);
      throw RunError("interrupted");
    }
    std::this_thread::sleep_for(pause);
    if (pause < milliseconds(20)) pause *= 2;
  }
}

}  // namespace

std::string FindLine(const std::string& log, const std::string& begins) {
  for (std::size_t at = 0; at < log.size();) {
    const std::size_t end = std::min(log.find('\n', at), log.size());
    if (log.compare(at, begins.size(), begins) == 0) return log.substr(at, end - at);
    at = end + 1;
  }
  return "";
}

Tool FindYosys(const std::string& given) {
  return Ask(Locate(given, "yosys", "yosys", "--yosys"), "-V", "Yosys");
}

Tool FindSta(const std::string& given) {
  Tool tool = Ask(Locate(given, "sta", "opensta", "--sta"), "-version", "OpenSTA");
  tool.version = "OpenSTA " + tool.version;
  return tool;
}

std::string RunTool(const std::vector<std::string>& arguments, const fs::path& folder,
                    const Cancelled& cancelled) {
  const std::string name = fs::path(arguments[0]).filename().string();
  std::string file = (folder / (name + ".log.XXXXXX")).string();
  const int log = mkstemp(file.data());  // jobs may share a folder
  if (log < 0) {
    throw RunError(fmt::format("cannot write {}: {}", file, std::strerror(errno)));
  }
  close(log);
  const int status = Wait(StartProcess(arguments, folder, file), cancelled);
  std::string output = ReadFile(file);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return output;
  std::string reason;
  for (std::size_t at = 0; reason.empty() && at < output.size();) {
    const std::size_t end = std::min(output.find('\n', at), output.size());
    const std::string line = output.substr(at, end - at);
    if (line.find("rror") != std::string::npos || line.find("ERROR") != std::string::npos) {
      reason = ": " + line;
    }
    at = end + 1;
  }
  throw RunError(WIFSIGNALED(status)
                     ? fmt::format("{} was ended by signal {}{}", name, WTERMSIG(status), reason)
                     : fmt::format("{} ended with status {}{}", name, WEXITSTATUS(status), reason));
}

WorkFolder::WorkFolder() {
  std::error_code error;
  std::string name = (fs::temp_directory_path(error) / "systole-synth.XXXXXX").string();
  if (error || mkdtemp(name.data()) == nullptr) {
    throw RunError(
        fmt::format("cannot make a folder for temporary files ({}): {}\n  fix: set "
                    "TMPDIR to a folder that can be written",
                    name, error ? error.message() : std::strerror(errno)));
  }
  path_ = name;
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace systole
