// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace systole {

/// A command of the command line: the program itself, `systole gen`, `systole gen array`. Refers to
/// CLI11's, which must outlive it; the commands' own files do without CLI11's header, which takes a
/// compiler several seconds.
class Command {
 public:
  explicit Command(CLI::App& app) : app_(&app) {}

  /// Adds the command `name` under this one.
  Command Add(const std::string& name, const std::string& description) const;
  /// Text behind the help.
  void SetFooter(const std::string& text) const;
  /// What it does, once the whole command line has been parsed.
  void SetRun(const std::function<void()>& run) const;
  /// Nothing to run: one of its own commands must be named.
  void NeedCommand() const;

  /// Takes words that are no option instead of refusing them: Extras().
  void AllowExtras() const;
  std::vector<std::string> Extras() const;
  /// `name VALUE` as often as it is given; `values` gets the texts and must outlive the parsing.
  void AddOption(const std::string& name, const std::string& value_name, const std::string& help,
                 const std::string& group, std::vector<std::string>& values) const;
  void AddFlag(const std::string& name, const std::string& help, const std::string& group,
               const std::function<void()>& given) const;
  /// Words without a name, all of them.
  void AddArguments(const std::string& name, const std::string& help,
                    std::vector<std::string>& values) const;

  /// "systole gen array".
  std::string FullName() const;

 private:
  CLI::App* app_;
};

/// What CLI11 found wrong with a command line, in our form. `app` is the root of the commands; the
/// fix names the help of the command that was being parsed.
Problem ToProblem(const CLI::App& app, const CLI::ParseError& error);

}  // namespace systole
