// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <thread>

namespace systole {

std::optional<std::int64_t> ParseInteger(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

int Processors() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

std::optional<double> ParseNumber(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

std::vector<std::string> SplitNames(const std::vector<std::string>& lists) {
  std::vector<std::string> names;
  for (const std::string& list : lists) {
    for (std::size_t at = 0; at <= list.size();) {
      const std::size_t end = std::min(list.find(',', at), list.size());
      if (end > at) names.push_back(list.substr(at, end - at));
      at = end + 1;
    }
  }
  return names;
}

std::string Nearest(const std::string& word, const std::vector<std::string>& candidates) {
  const auto distance = [](const std::string& a, const std::string& b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 0; i < a.size(); ++i) {
      std::size_t diagonal = row[0];
      row[0] = i + 1;
      for (std::size_t j = 0; j < b.size(); ++j) {
        const std::size_t change = diagonal + (a[i] == b[j] ? 0 : 1);
        diagonal = row[j + 1];
        row[j + 1] = std::min({change, row[j] + 1, row[j + 1] + 1});
      }
    }
    return row.back();
  };
  std::string best;
  std::size_t best_distance = word.size() / 3 + 2;
  for (const std::string& candidate : candidates) {
    const std::size_t d = distance(word, candidate);
    if (d < best_distance) {
      best = candidate;
      best_distance = d;
    }
  }
  return best;
}

Options::Options(const Command& command) : command_(command) { command_.AllowExtras(); }

void Options::Declare(const std::string& name, const std::string& value_name,
                      const std::string& help, const std::string& group, bool repeatable) {
  Declared& option = declared_.emplace_back();
  option.name = name;
  option.repeatable = repeatable;
  command_.AddOption(name, value_name, help, group, option.values);
}

void Options::DeclareFlag(const std::string& name, const std::string& help,
                          const std::string& group) {
  Declared& option = declared_.emplace_back();
  option.name = name;
  option.is_flag = true;
  command_.AddFlag(name, help, group, [&option] { option.values = {"true"}; });
}

void Options::DeclareArgument(const std::string& name, const std::string& help) {
  Declared& option = declared_.emplace_back();
  option.name = name;
  option.is_argument = true;
  // All of them: a value behind a misspelt option arrives here as well.
  command_.AddArguments(name, help, option.values);
}

void Options::SetDefault(const std::string& name, const std::string& text,
                         const std::string& origin) {
  for (Declared& option : declared_) {
    if (option.name == name && option.values.empty()) {
      option.values = {text};
      option.origin = origin;
    }
  }
}

const Options::Declared* Options::Find(const std::string& name) const {
  for (const Declared& option : declared_) {
    if (option.name == name) return &option;
  }
  throw std::logic_error("option " + name + " is not declared");
}

bool Options::Has(const std::string& name) const { return !Find(name)->values.empty(); }

std::string Options::Text(const std::string& name, const std::string& fallback) const {
  const Declared* option = Find(name);
  return option->values.empty() ? fallback : option->values.front();
}

std::vector<std::string> Options::All(const std::string& name) const { return Find(name)->values; }

std::string Options::Quote(const Declared& option) const {
  return option.origin + option.name + " " + option.values.front();
}

std::int64_t Options::Integer(const std::string& name, std::int64_t fallback, std::int64_t low,
                              std::int64_t high) {
  const Declared* option = Find(name);
  if (option->values.empty()) return fallback;
  const std::optional<std::int64_t> value = ParseInteger(option->values.front());
  if (value && *value >= low && *value <= high) return *value;
  Note({Quote(*option) + (value ? fmt::format(" is out of range: {} to {}", low, high)
                                : std::string(" is no integer")),
        fmt::format("pass {} {}", name, std::clamp(fallback, low, high))});
  return fallback;
}

double Options::Number(const std::string& name, double fallback, double low, double high) {
  const Declared* option = Find(name);
  if (option->values.empty()) return fallback;
  const std::optional<double> value = ParseNumber(option->values.front());
  if (value && *value >= low && *value <= high) return *value;
  Note({Quote(*option) + (value ? fmt::format(" is out of range: {} to {}", low, high)
                                : std::string(" is no number")),
        fmt::format("pass {} {}", name, fallback)});
  return fallback;
}

std::string Options::Choice(const std::string& name, const std::vector<std::string>& choices,
                            const std::string& fallback) {
  const Declared* option = Find(name);
  if (option->values.empty()) return fallback;
  const std::string& text = option->values.front();
  if (std::find(choices.begin(), choices.end(), text) != choices.end()) return text;
  Note({fmt::format("{} is unknown: {}", Quote(*option), fmt::join(choices, " or ")),
        fmt::format("pass {} {}", name, fallback.empty() ? choices.front() : fallback)});
  return fallback;
}

void Options::Require(const std::string& name, const std::string& example) {
  const Declared* option = Find(name);
  if (!option->values.empty() && !option->values.front().empty()) return;
  Note({fmt::format("{} is missing", name),
        option->is_argument ? fmt::format("pass a file: {} {}", command_.FullName(), example)
                            : fmt::format("pass {} {}", name, example)});
}

void Options::Refuse(const std::string& name, const std::string& why) {
  const Declared* option = Find(name);
  if (option->values.empty()) return;
  Note({(option->is_flag ? option->origin + name : Quote(*option)) + " " + why,
        "leave " + name + " out"});
}

void Options::Note(std::vector<Problem> problems) {
  for (Problem& problem : problems) Note(std::move(problem));
}

void Options::NoteUnknown() {
  const std::string help = fmt::format("`{} --help` lists the options", command_.FullName());
  std::vector<std::string> names = {"--help"};
  for (const Declared& option : declared_) {
    if (!option.is_argument) names.push_back(option.name);
  }
  bool unknown = false;
  const std::vector<std::string> extras = command_.Extras();
  for (const std::string& extra : extras) {
    if (extra.size() < 2 || extra[0] != '-') continue;
    unknown = true;
    const std::string word = extra.substr(0, extra.find('='));
    const std::string near = Nearest(word, names);
    Note({fmt::format("{} is no option of `{}`", word, command_.FullName()),
          near.empty() ? help : fmt::format("did you mean {}? {}", near, help)});
  }
  // Words behind an unknown option are most likely its value: one message is enough.
  if (unknown) return;
  for (const std::string& extra : extras) {
    Note(
        {fmt::format("\"{}\" is not expected: `{}` takes options only", extra, command_.FullName()),
         help});
  }
  for (const Declared& option : declared_) {
    if (option.is_argument && option.values.size() > 1) {
      Note({fmt::format("one {} is expected, {} are given: {}", option.name, option.values.size(),
                        fmt::join(option.values, " ")),
            "run the command once for each"});
    }
  }
}

void Options::NoteCounts() {
  for (const Declared& option : declared_) {
    if (option.is_argument || option.repeatable || option.values.size() < 2) continue;
    Note({fmt::format("{} is given {} times: {}", option.name, option.values.size(),
                      fmt::join(option.values, ", ")),
          fmt::format("pass it once: {} {}", option.name, option.values.back())});
  }
}

void Options::ThrowIfBad() {
  NoteCounts();
  NoteUnknown();
  if (!problems_.empty()) throw RequestError(std::move(problems_));
}

}  // namespace systole
