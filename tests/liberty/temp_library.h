// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "synth/liberty/library.h"
#include "tests/support/tool.h"

namespace systole {

/// A file of this run's own.
inline std::filesystem::path TestFile(const std::string& name) {
  static const ScratchFolder folder;
  return folder.path() / name;
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
