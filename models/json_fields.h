// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace systole::models {

/// A JSON object of a file that anybody may have written: reading a field that is missing or of
/// another kind throws RequestError "WHO: 'KEY' is ...".
class Fields {
 public:
  /// `who` names the object in messages; `json` has to live on.
  Fields(const nlohmann::json& json, std::string who);

  const std::string& who() const { return who_; }
  /// True when the field is there and not null.
  bool Has(const std::string& key) const;
  std::string Text(const std::string& key) const;
  std::string Text(const std::string& key, const std::string& fallback) const;
  bool Flag(const std::string& key, bool fallback) const;
  double Number(const std::string& key) const;
  double Number(const std::string& key, double fallback) const;
  /// An integer of at least `low` and at most 65,536.
  std::int64_t Integer(const std::string& key, std::int64_t low) const;
  /// Two such integers, or one that stands for both.
  std::array<std::int64_t, 2> Pair(const std::string& key, std::int64_t low) const;
  Fields Object(const std::string& key) const;
  const nlohmann::json& Any(const std::string& key) const;
  const nlohmann::json& Array(const std::string& key) const;

  /// The value as such an integer; `key` stands in messages.
  std::int64_t IntegerOf(const nlohmann::json& value, const std::string& key,
                         std::int64_t low) const;
  [[noreturn]] void Refuse(const std::string& key, const nlohmann::json& value,
                           const std::string& wanted) const;

 private:
  const nlohmann::json* json_;
  std::string who_;
};

}  // namespace systole::models
