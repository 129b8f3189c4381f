// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace systole {

/// Where PATH finds a program (links not resolved: a compiler acts by its name); nothing when it
/// does not.
std::optional<std::filesystem::path> FindProgram(const std::string& name);

/// Starts `arguments[0]` in `folder`; standard output and error are appended to `log`, input is
/// empty. Throws RunError when it cannot be started.
pid_t StartProcess(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                   const std::filesystem::path& log);

/// Waits for a process; true when it ended with status 0.
bool WaitProcess(pid_t process);

}  // namespace systole
