// SPDX-License-Identifier: Apache-2.0
#include "tests/emit/golden.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.h"

namespace systole {

void ExpectGolden(const std::string& name, const std::string& text) {
  const std::string path = SYSTOLE_SOURCE_DIR "/tests/emit/golden/" + name;
  if (const char* update = std::getenv("SYSTOLE_UPDATE_GOLDEN"); update && *update == '1') {
    WriteFile(path, text);
    return;
  }
  EXPECT_EQ(ReadFile(path), text) << "golden file " << name
                                  << "; SYSTOLE_UPDATE_GOLDEN=1 rewrites it";
}

}  // namespace systole
