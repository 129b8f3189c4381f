// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace systole {

/// Results of long work, kept in a folder, each under the content hash of the description of
/// everything that made it: work that was done is found again, work that is described differently
/// in one word is not. An entry is one JSON file, written whole: the description, the result and
/// the result's hash.
class ResultStore {
 public:
  /// The folder is made by the first Put().
  explicit ResultStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// The result of that description; nothing if there is none. A damaged entry (cut, changed, of
  /// another description) counts as none, and Put() replaces it.
  std::optional<nlohmann::json> Find(const nlohmann::json& description);
  /// Throws RunError when the folder cannot be written.
  void Put(const nlohmann::json& description, const nlohmann::json& result) const;

  /// Damaged entries that Find() met.
  int damaged() const { return damaged_; }
  std::filesystem::path PathOf(const nlohmann::json& description) const;

 private:
  std::filesystem::path folder_;
  int damaged_ = 0;
};

/// What `make` gives, or gave before, kept in `folder`; an empty folder keeps nothing. T goes to
/// JSON and back.
template <typename T, typename Make>
T Kept(const std::filesystem::path& folder, const nlohmann::json& description, Make make) {
  if (folder.empty()) return make();
  ResultStore store(folder);
  if (const auto found = store.Find(description)) return found->template get<T>();
  T result = make();
  store.Put(description, result);
  return result;
}

/// The content of this program: names everything that this build computes, in descriptions.
const std::string& ProgramHash();

}  // namespace systole
