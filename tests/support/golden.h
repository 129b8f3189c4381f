// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "base/file.h"

namespace systole {

/// Expects `text` to equal the file tests/NAME. With SYSTOLE_UPDATE_GOLDEN=1 in the environment
/// the file is rewritten instead; the difference is then reviewed like code.
inline void ExpectGolden(const std::string& name, const std::string& text) {
  const std::string path = SYSTOLE_SOURCE_DIR "/tests/" + name;
  if (const char* update = std::getenv("SYSTOLE_UPDATE_GOLDEN");
      update != nullptr && *update == '1') {
    WriteFile(path, text);
    return;
  }
  EXPECT_EQ(ReadFile(path), text) << "golden file " << name
                                  << "; SYSTOLE_UPDATE_GOLDEN=1 rewrites it";
}

}  // namespace systole
