// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace systole {

/// A table for people: columns as wide as their widest cell, two spaces apart.
struct TextTable {
  struct Column {
    std::string title;
    bool right = false;  ///< numbers are set flush right
  };
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  ///< a row of one cell is a rule of dashes
};

/// Header, a rule, the rows; every line ends with a newline and without blanks before it.
std::string ToText(const TextTable& table);

/// 1234567 as "1,234,567".
std::string Grouped(std::uint64_t value);
/// To the next whole number, as Grouped.
std::string Rounded(double value);
/// 0.123 as "12.3 %".
std::string Percent(double share);
/// 7.34e-9 as "7.34".
std::string Nanoseconds(double seconds);

}  // namespace systole
