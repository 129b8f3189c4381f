// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/errors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>

#include "sw/cli/options.h"

namespace systole {
namespace {

/// The innermost command that the user named.
const CLI::App& Innermost(const CLI::App& app) {
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  return chosen.empty() ? app : Innermost(*chosen.front());
}

std::vector<std::string> CommandNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

}  // namespace

std::string ToText(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    text += "systole: error: " + problem.what + "\n";
    if (!problem.fix.empty()) text += "  fix: " + problem.fix + "\n";
  }
  return text;
}

Problem ToProblem(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = Innermost(app);
  const std::string name = CommandName(command);
  const std::vector<std::string> commands = CommandNames(command);
  const std::string help = fmt::format("`{} --help` shows what works", name);
  if (commands.empty()) return {error.what(), help};
  const std::vector<std::string> words = command.remaining();
  if (words.empty()) {
    return {fmt::format("`{}` needs a command: {}", name, fmt::join(commands, ", ")), help};
  }
  const std::string near = Nearest(words.front(), commands);
  return {fmt::format("\"{}\" is no command of `{}`: {}", words.front(), name,
                      fmt::join(commands, ", ")),
          near.empty() ? help : fmt::format("did you mean `{} {}`? {}", name, near, help)};
}

}  // namespace systole
