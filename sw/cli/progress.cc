// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>

namespace systole {
namespace {

constexpr auto kTerminalPause = std::chrono::milliseconds(100);
constexpr auto kLogPause = std::chrono::seconds(10);

std::size_t TerminalWidth(std::FILE* out) {
  winsize size = {};
  if (ioctl(fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col < 2) return 79;
  return size.ws_col - 1U;
}

}  // namespace

ProgressLine::ProgressLine(std::FILE* out)
    : out_(out), terminal_(isatty(fileno(out)) == 1), next_(Clock::now()) {
  if (!terminal_) next_ += kLogPause;  // quick work stays silent
}

ProgressLine::~ProgressLine() { Clear(); }

void ProgressLine::Show(const std::string& text) {
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  if (terminal_) {
    fmt::print(out_, "\r{}\x1b[K", text.substr(0, TerminalWidth(out_)));
    next_ = now + kTerminalPause;
  } else {
    fmt::print(out_, "{}\n", text);
    next_ = now + kLogPause;
  }
  std::fflush(out_);
  shown_ = true;
}

void ProgressLine::Clear() {
  if (!shown_ || !terminal_) return;
  fmt::print(out_, "\r\x1b[K");
  std::fflush(out_);
  shown_ = false;
}

std::string Duration(double seconds) {
  const auto whole = static_cast<long>(std::ceil(seconds));
  if (whole >= 3600) {
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  }
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string Short(double value) {
  const char* unit = "";
  for (const char* next : {" k", " M", " G", " T"}) {
    if (value < 999.5) break;
    value /= 1000;
    unit = next;
  }
  return fmt::format("{:.3g}{}", value, unit);
}

}  // namespace systole
