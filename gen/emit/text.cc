// SPDX-License-Identifier: Apache-2.0
#include "gen/emit/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "gen/emit/expression.h"

namespace systole::rtl {
namespace {

constexpr std::size_t kLineLength = 100;

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(' ') == std::string_view::npos;
}

std::size_t Indentation(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

std::string Join(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

/// One line of Substitute: its lines after replacement.
std::vector<std::string> SubstituteLine(const std::string& module, const std::string& line,
                                        const std::map<std::string, std::string>& values,
                                        std::set<std::string>& used) {
  std::string result;
  std::size_t position = 0;
  bool emptied = false;
  for (std::size_t start; (start = line.find("${", position)) != std::string::npos;) {
    const std::size_t end = line.find('}', start);
    if (end == std::string::npos) {
      throw EmitError(fmt::format("{}: \"${{\" without \"}}\" in \"{}\"", module, line));
    }
    const std::string name = line.substr(start + 2, end - start - 2);
    const auto value = values.find(name);
    if (value == values.end()) {
      throw EmitError(fmt::format("{}: placeholder ${{{}}} has no value: Set it", module, name));
    }
    used.insert(name);
    emptied = emptied || value->second.empty();
    result += line.substr(position, start - position);
    const std::string indent(Indentation(line), ' ');
    for (const char c : value->second) {
      result += c;
      if (c == '\n') result += indent;
    }
    position = end + 1;
  }
  result += line.substr(position);
  if (emptied && IsBlank(result)) return {};
  std::vector<std::string> lines = SplitLines(result);
  for (std::string& text : lines) {
    if (IsBlank(text)) text.clear();
  }
  return lines;
}

}  // namespace

std::vector<std::string> SplitLines(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    lines.emplace_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

std::string Reindent(std::string_view text, int indent) {
  std::vector<std::string> lines = SplitLines(text);
  while (!lines.empty() && IsBlank(lines.back())) lines.pop_back();
  lines.erase(lines.begin(), std::find_if_not(lines.begin(), lines.end(), IsBlank));
  std::size_t least = std::string::npos;
  for (const std::string& line : lines) {
    if (!IsBlank(line)) least = std::min(least, Indentation(line));
  }
  for (std::string& line : lines) {
    line = IsBlank(line) ? ""
                         : std::string(static_cast<std::size_t>(indent), ' ') + line.substr(least);
  }
  return Join(lines);
}

std::string Substitute(const std::string& module, const std::string& text,
                       const std::map<std::string, std::string>& values) {
  std::vector<std::string> result;
  std::set<std::string> used;
  std::vector<std::string> lines = SplitLines(text);
  if (!lines.empty() && lines.back().empty()) lines.pop_back();  // after the last newline
  for (const std::string& line : lines) {
    for (std::string& piece : SubstituteLine(module, line, values, used)) {
      result.push_back(std::move(piece));
    }
  }
  for (const auto& [name, value] : values) {
    if (!used.contains(name)) {
      throw EmitError(
          fmt::format("{}: no ${{{}}} in the body takes the value set for it", module, name));
    }
  }
  return Join(result);
}

void CheckLayout(const std::string& module, const std::string& text) {
  int number = 0;
  for (const std::string& line : SplitLines(text)) {
    ++number;
    const char* problem = nullptr;
    if (line.find('\t') != std::string::npos) problem = "has a tab";
    if (!line.empty() && line.back() == ' ') problem = "ends in a space";
    if (line.size() > kLineLength) problem = "is longer than 100 characters";
    if (problem != nullptr) {
      throw EmitError(fmt::format("{}: line {} {}: \"{}\"", module, number, problem, line));
    }
  }
}

}  // namespace systole::rtl
