// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace systole {

/// `name` itself, if it may stand in a message, a table, a JSON file or a terminal: valid UTF-8
/// without control characters, at most 4096 bytes. Throws RequestError whose text starts with
/// `what`
/// ("the tensor name") otherwise.
const std::string& CheckedName(const std::string& name, const char* what);

}  // namespace systole
