// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "sw/cli/command.h"

namespace systole {

/// The options of one command, as text. CLI11 takes the command line apart; the values are read
/// here, because a user wants every problem at once and CLI11 stops at the first.
///
/// Declare all options, parse, read the values (a bad one is noted and its fallback returned), then
/// call ThrowIfBad.
class Options {
 public:
  explicit Options(const Command& command);

  /// Declares `--name VALUE`. One that is not `repeatable` may be given once.
  void Declare(const std::string& name, const std::string& value_name, const std::string& help,
               const std::string& group = "Options", bool repeatable = false);
  /// Declares `--name` without a value.
  void DeclareFlag(const std::string& name, const std::string& help,
                   const std::string& group = "Options");
  /// Declares the command's argument without a name; it must be given exactly once.
  void DeclareArgument(const std::string& name, const std::string& help);

  /// Takes `text` as the value of an option that the command line does not give. `origin` stands in
  /// messages ("core.toml: ").
  void SetDefault(const std::string& name, const std::string& text, const std::string& origin);

  bool Has(const std::string& name) const;
  /// The value of an option or of the argument; `fallback` if there is none.
  std::string Text(const std::string& name, const std::string& fallback = "") const;
  /// The values of a repeatable option.
  std::vector<std::string> All(const std::string& name) const;
  /// An integer in [low, high].
  std::int64_t Integer(const std::string& name, std::int64_t fallback, std::int64_t low,
                       std::int64_t high);
  /// A number in [low, high].
  double Number(const std::string& name, double fallback, double low, double high);
  /// One of `choices`.
  std::string Choice(const std::string& name, const std::vector<std::string>& choices,
                     const std::string& fallback);
  /// Notes a problem when the option is absent; `example` is a value that works.
  void Require(const std::string& name, const std::string& example);
  /// Notes a problem when the option is given although `why` ("needs --engine rtl").
  void Refuse(const std::string& name, const std::string& why);

  void Note(Problem problem) { problems_.push_back(std::move(problem)); }
  void Note(std::vector<Problem> problems);
  bool good() const { return problems_.empty(); }

  /// Throws RequestError with everything noted: bad values, options given twice, unknown options.
  void ThrowIfBad();

 private:
  struct Declared {
    std::string name;  // with its dashes; the argument's without
    bool repeatable = false;
    bool is_argument = false;
    bool is_flag = false;
    std::vector<std::string> values;
    std::string origin;  // "" is the command line
  };

  const Declared* Find(const std::string& name) const;
  /// "--rows abc" or "core.toml: rows = abc", for messages.
  std::string Quote(const Declared& option) const;
  void NoteUnknown();
  void NoteCounts();

  Command command_;
  std::list<Declared> declared_;  // a list: CLI11 keeps references to the values
  std::vector<Problem> problems_;
};

/// A whole string as an integer or number; nothing if it is none.
std::optional<std::int64_t> ParseInteger(const std::string& text);
std::optional<double> ParseNumber(const std::string& text);

/// The names in comma-separated lists.
std::vector<std::string> SplitNames(const std::vector<std::string>& lists);

/// The candidate nearest to `word` in edits, if it is near enough to be meant; else "".
std::string Nearest(const std::string& word, const std::vector<std::string>& candidates);

/// Processors of this machine, at least 1: the default of --jobs.
int Processors();

}  // namespace systole
