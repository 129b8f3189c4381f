// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace systole {

/// "systole: error: ...\n  fix: ...\n" for every problem.
std::string ToText(const std::vector<Problem>& problems);

/// What CLI11 found wrong with a command line, in our form. `app` is the root of the commands; the
/// fix names the help of the command that was being parsed.
Problem ToProblem(const CLI::App& app, const CLI::ParseError& error);

}  // namespace systole
