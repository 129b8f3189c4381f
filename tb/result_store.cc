// SPDX-License-Identifier: Apache-2.0
#include "tb/result_store.h"

#include "base/file.h"
#include "base/hash.h"

namespace systole {

namespace fs = std::filesystem;
using nlohmann::json;

fs::path ResultStore::PathOf(const json& description) const {
  return folder_ / (ContentHash(description.dump()) + ".json");
}

std::optional<json> ResultStore::Find(const json& description) {
  const fs::path path = PathOf(description);
  std::error_code error;
  if (!fs::exists(path, error)) return std::nullopt;
  const json entry = json::parse(ReadFile(path), nullptr, /*allow_exceptions=*/false);
  const bool whole = entry.is_object() && entry.value("description", json()) == description &&
                     entry.contains("result") &&
                     entry.value("hash", json()) == ContentHash(entry["result"].dump());
  if (whole) return entry["result"];
  ++damaged_;
  return std::nullopt;
}

void ResultStore::Put(const json& description, const json& result) const {
  const json entry = {
      {"description", description}, {"result", result}, {"hash", ContentHash(result.dump())}};
  WriteFile(PathOf(description), entry.dump(2) + "\n");
}

const std::string& ProgramHash() {
  static const std::string hash = ContentHash(ReadFile("/proc/self/exe"));
  return hash;
}

}  // namespace systole
