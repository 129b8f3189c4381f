// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace systole {

/// Results kept by the content hash of everything that made them, in the folder `synth` of the
/// cache folder. An entry appears whole or not at all; a damaged one is as good as none.
class ResultCache {
 public:
  /// Keeps nothing.
  ResultCache() = default;
  /// `folder`: empty for DefaultCacheDir().
  explicit ResultCache(const std::filesystem::path& folder);

  std::optional<std::string> Read(const std::string& key) const;
  /// Throws RunError when the folder cannot be written.
  void Write(const std::string& key, std::string_view result) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace systole
