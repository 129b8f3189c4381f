// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace systole {

/// Checks `value` against the keywords of JSON Schema that docs/schema uses: type, enum, required,
/// properties, additionalProperties false, items, minimum. Returns one line for every violation;
/// an unknown keyword is one.
std::vector<std::string> SchemaViolations(const nlohmann::json& schema, const nlohmann::json& value,
                                          const std::string& at = "$");

}  // namespace systole
