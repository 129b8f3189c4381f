// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/json_schema.h"

#include <set>

namespace systole {
namespace {

using nlohmann::json;
using Violations = std::vector<std::string>;

bool HasType(const std::string& type, const json& value) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  return type == "null" && value.is_null();
}

bool HasAnyType(const json& types, const json& value) {
  if (types.is_string()) return HasType(types, value);
  for (const json& type : types) {
    if (HasType(type, value)) return true;
  }
  return false;
}

void CheckObject(const json& schema, const json& value, const std::string& at, Violations& found) {
  const json properties = schema.value("properties", json::object());
  for (const json& name : schema.value("required", json::array())) {
    if (!value.contains(name)) found.push_back(at + ": " + name.get<std::string>() + " is missing");
  }
  for (const auto& [key, member] : value.items()) {
    if (properties.contains(key)) {
      for (const std::string& text : SchemaViolations(properties[key], member, at + "." + key)) {
        found.push_back(text);
      }
    } else if (!schema.value("additionalProperties", true)) {
      found.push_back(at + ": " + key + " is not allowed");
    }
  }
}

}  // namespace

Violations SchemaViolations(const json& schema, const json& value, const std::string& at) {
  static const std::set<std::string> known = {
      "$schema",  "title",      "description",          "type",  "enum",
      "required", "properties", "additionalProperties", "items", "minimum"};
  Violations found;
  for (const auto& [keyword, ignored] : schema.items()) {
    if (!known.contains(keyword)) found.push_back(at + ": keyword " + keyword + " is unknown");
  }
  if (schema.contains("type") && !HasAnyType(schema["type"], value)) {
    found.push_back(at + ": " + value.dump() + " is no " + schema["type"].dump());
    return found;
  }
  if (schema.contains("enum") &&
      schema["enum"].end() == std::find(schema["enum"].begin(), schema["enum"].end(), value)) {
    found.push_back(at + ": " + value.dump() + " is none of " + schema["enum"].dump());
  }
  if (schema.contains("minimum") && value.is_number() && value < schema["minimum"]) {
    found.push_back(at + ": " + value.dump() + " is below " + schema["minimum"].dump());
  }
  if (value.is_object()) CheckObject(schema, value, at, found);
  if (value.is_array() && schema.contains("items")) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      const std::string place = at + "[" + std::to_string(i) + "]";
      for (const std::string& text : SchemaViolations(schema["items"], value[i], place)) {
        found.push_back(text);
      }
    }
  }
  return found;
}

}  // namespace systole
