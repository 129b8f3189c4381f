// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "synth/liberty/library.h"

namespace systole {

/// A file of the running test's own.
inline std::filesystem::path TestFile(const std::string& name) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  return std::filesystem::path(testing::TempDir()) /
         ("systole_" + std::to_string(getpid()) + "." + test->test_suite_name() + "." +
          test->name()) /
         name;
}

inline Library ReadText(const std::string& text) {
  const auto path = TestFile("cells.lib");
  WriteFile(path, text);
  return ReadLiberty(path);
}

/// What ReadLiberty says about a text that it must refuse.
inline std::string Refusal(const std::string& text) {
  try {
    ReadText(text);
  } catch (const RequestError& error) {
    return error.problems().at(0).what;
  }
  return "was read";
}

}  // namespace systole
