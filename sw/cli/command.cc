// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>

#include "sw/cli/options.h"

namespace systole {
namespace {

std::string FullNameOf(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  return parent == nullptr ? app.get_name() : FullNameOf(*parent) + " " + app.get_name();
}

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

Command Command::Add(const std::string& name, const std::string& description) const {
  return Command(*app_->add_subcommand(name, description));
}
void Command::SetFooter(const std::string& text) const { app_->footer(text); }
void Command::SetRun(const std::function<void()>& run) const { app_->final_callback(run); }
void Command::NeedCommand() const { app_->require_subcommand(1); }

void Command::AllowExtras() const { app_->allow_extras(); }
std::vector<std::string> Command::Extras() const { return app_->remaining(); }

void Command::AddOption(const std::string& name, const std::string& value_name,
                        const std::string& help, const std::string& group,
                        std::vector<std::string>& values) const {
  app_->add_option(name, values, help)
      ->expected(1)
      ->take_all()
      ->type_name(value_name)
      ->group(group);
}

void Command::AddFlag(const std::string& name, const std::string& help, const std::string& group,
                      const std::function<void()>& given) const {
  app_->add_flag_callback(name, given, help)->group(group);
}

void Command::AddArguments(const std::string& name, const std::string& help,
                           std::vector<std::string>& values) const {
  app_->add_option(name, values, help)->expected(0, 1 << 20)->type_name("");
}

std::string Command::FullName() const { return FullNameOf(*app_); }

Problem ToProblem(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = Innermost(app);
  const std::string name = FullNameOf(command);
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
