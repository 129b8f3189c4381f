// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace systole {
namespace {

/// Characters, not bytes, of UTF-8 text: names in a model may be anything.
std::size_t Width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

}  // namespace

std::string ToText(const TextTable& table) {
  std::vector<std::size_t> widths;
  for (const TextTable::Column& column : table.columns) widths.push_back(Width(column.title));
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; row.size() > 1 && i < row.size(); ++i) {
      widths[i] = std::max(widths[i], Width(row[i]));
    }
  }
  std::size_t total = 0;
  for (const std::size_t width : widths) total += width + 2;
  const std::string rule = std::string(total - 2, '-') + "\n";

  std::string text;
  const auto add = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string pad(widths[i] - Width(cells[i]), ' ');
      line += (i == 0 ? "" : "  ") + (table.columns[i].right ? pad + cells[i] : cells[i] + pad);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  };
  std::vector<std::string> titles;
  for (const TextTable::Column& column : table.columns) titles.push_back(column.title);
  add(titles);
  text += rule;
  for (const auto& row : table.rows) {
    if (row.size() > 1) {
      add(row);
    } else {
      text += rule;
    }
  }
  return text;
}

std::string Grouped(std::uint64_t value) {
  const std::string digits = std::to_string(value);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i != 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string Rounded(double value) {
  return Grouped(static_cast<std::uint64_t>(std::llround(value)));
}

std::string Percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string Nanoseconds(double seconds) { return fmt::format("{:.2f}", seconds * 1e9); }

}  // namespace systole
