// SPDX-License-Identifier: Apache-2.0
#include "synth/liberty/lef.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>

namespace systole {
namespace fs = std::filesystem;
namespace {

/// The next word, empty at the end. A comment goes up to the end of its line.
std::string_view NextWord(std::string_view& text) {
  constexpr std::string_view kSpace = " \t\r\n";
  for (;;) {
    text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
    if (!text.starts_with('#')) break;
    text.remove_prefix(std::min(text.find('\n'), text.size()));
  }
  const std::string_view word = text.substr(0, text.find_first_of(kSpace));
  text.remove_prefix(word.size());
  return word;
}

std::optional<double> Number(std::string_view word) {
  double number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size() || !(number > 0)) return {};
  return number;
}

}  // namespace

std::map<std::string, double> ReadLefAreas(std::string_view text) {
  std::map<std::string, double> areas;
  std::string macro;
  for (std::string_view word; !(word = NextWord(text)).empty();) {
    if (word == "MACRO") {
      macro = NextWord(text);
    } else if (word == "END" && !macro.empty()) {
      if (NextWord(text) == macro) macro.clear();
    } else if (word == "SIZE" && !macro.empty()) {
      const auto width = Number(NextWord(text));
      const bool by = NextWord(text) == "BY";
      const auto height = Number(NextWord(text));
      if (by && width && height) areas[macro] = *width * *height;
    }
  }
  return areas;
}

fs::path FindLef(const fs::path& liberty) {
  std::error_code error;
  fs::path only;
  fs::path same = fs::path(liberty).replace_extension(".lef");
  if (fs::is_regular_file(same, error)) return same;
  const fs::path folder = liberty.has_parent_path() ? liberty.parent_path() : ".";
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".lef") continue;
    if (!only.empty()) return {};
    only = entry.path();
  }
  return only;
}

}  // namespace systole
