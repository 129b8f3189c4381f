// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What the Verilated runtime calls: a harness includes this file in its one translation unit.
#include <cstdarg>
#include <cstdio>
#include <stdexcept>
#include <string>

#include "tb/harness/print.h"

namespace {
thread_local std::string runtime_text;  // by the Verilated runtime since the run began
}

int SystolePrint(const char* format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  const int length = std::vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  if (runtime_text.size() < 4 * sizeof(text)) runtime_text += text;
  return length;
}

// The Verilated runtime calls these where a failed assertion would end the process.
void vl_finish(const char*, int, const char*) {}
void vl_fatal(const char* file, int line, const char*, const char* message) {
  throw std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": " + message + "\n" +
                           runtime_text);
}
void vl_stop(const char* file, int line, const char* hierarchy) {
  vl_fatal(file, line, hierarchy, "an assertion of the RTL failed");
}
