// SPDX-License-Identifier: Apache-2.0
#include "models/json_fields.h"

#include <fmt/format.h>

#include <utility>

#include "base/error.h"

namespace systole::models {
namespace {

constexpr std::int64_t kMaxInteger = 65536;
constexpr std::size_t kMaxQuoted = 60;

/// The value as it stands in a message: short, and without what JSON cannot say.
std::string Quote(const nlohmann::json& value) {
  std::string text = value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  if (text.size() > kMaxQuoted) text = text.substr(0, kMaxQuoted) + "...";
  return text;
}

}  // namespace

Fields::Fields(const nlohmann::json& json, std::string who) : json_(&json), who_(std::move(who)) {
  if (!json.is_object()) throw RequestError(fmt::format("{} is no object", who_));
}

bool Fields::Has(const std::string& key) const {
  const auto found = json_->find(key);
  return found != json_->end() && !found->is_null();
}

const nlohmann::json& Fields::Any(const std::string& key) const {
  const auto found = json_->find(key);
  if (found == json_->end()) throw RequestError(fmt::format("{}: '{}' is missing", who_, key));
  return *found;
}

void Fields::Refuse(const std::string& key, const nlohmann::json& value,
                    const std::string& wanted) const {
  throw RequestError(fmt::format("{}: '{}' is {}: {} is needed", who_, key, Quote(value), wanted));
}

std::string Fields::Text(const std::string& key) const {
  const nlohmann::json& value = Any(key);
  if (!value.is_string()) Refuse(key, value, "a text");
  return value.get<std::string>();
}

std::string Fields::Text(const std::string& key, const std::string& fallback) const {
  return Has(key) ? Text(key) : fallback;
}

bool Fields::Flag(const std::string& key, bool fallback) const {
  if (!Has(key)) return fallback;
  const nlohmann::json& value = Any(key);
  if (!value.is_boolean()) Refuse(key, value, "true or false");
  return value.get<bool>();
}

double Fields::Number(const std::string& key) const {
  const nlohmann::json& value = Any(key);
  if (!value.is_number()) Refuse(key, value, "a number");
  return value.get<double>();
}

double Fields::Number(const std::string& key, double fallback) const {
  return Has(key) ? Number(key) : fallback;
}

std::int64_t Fields::IntegerOf(const nlohmann::json& value, const std::string& key,
                               std::int64_t low) const {
  const bool fits = value.is_number_integer() &&
                    (!value.is_number_unsigned() || value.get<std::uint64_t>() <= kMaxInteger);
  if (!fits || value.get<std::int64_t>() < low || value.get<std::int64_t>() > kMaxInteger) {
    Refuse(key, value, fmt::format("an integer of {} to {}", low, kMaxInteger));
  }
  return value.get<std::int64_t>();
}

std::int64_t Fields::Integer(const std::string& key, std::int64_t low) const {
  return IntegerOf(Any(key), key, low);
}

std::array<std::int64_t, 2> Fields::Pair(const std::string& key, std::int64_t low) const {
  const nlohmann::json& value = Any(key);
  if (value.is_array() && value.size() == 2) {
    return {IntegerOf(value[0], key, low), IntegerOf(value[1], key, low)};
  }
  if (value.is_array()) Refuse(key, value, "a pair of integers");
  const std::int64_t both = IntegerOf(value, key, low);
  return {both, both};
}

Fields Fields::Object(const std::string& key) const {
  return {Any(key), fmt::format("{}: '{}'", who_, key)};
}

const nlohmann::json& Fields::Array(const std::string& key) const {
  const nlohmann::json& value = Any(key);
  if (!value.is_array()) Refuse(key, value, "a list");
  return value;
}

}  // namespace systole::models
