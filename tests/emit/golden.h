// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace systole {

/// Expects `text` to equal tests/emit/golden/NAME. With SYSTOLE_UPDATE_GOLDEN=1 in the environment
/// the file is rewritten instead; the difference is then reviewed like code.
void ExpectGolden(const std::string& name, const std::string& text);

}  // namespace systole
