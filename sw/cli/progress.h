// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

namespace systole {

/// One line about how far long work has come. On a terminal the line is rewritten in place, ten
/// times a second at most; elsewhere a line is printed now and then.
class ProgressLine {
 public:
  /// `out` is where the line goes; whether it is a terminal decides how.
  explicit ProgressLine(std::FILE* out);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Shows `text`, or drops it when the last one is too recent.
  void Show(const std::string& text);
  /// Removes the line from a terminal, so that other output may follow.
  void Clear();

 private:
  using Clock = std::chrono::steady_clock;

  std::FILE* out_;
  bool terminal_;
  bool shown_ = false;
  Clock::time_point next_;
};

/// 75 as "1:15", 3725 as "1:02:05".
std::string Duration(double seconds);
/// 1234567 as "1.23 M", with three digits.
std::string Short(double value);

}  // namespace systole
