// SPDX-License-Identifier: Apache-2.0
#include "synth/flow/result_cache.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "tb/model_library.h"

namespace systole {
namespace fs = std::filesystem;

ResultCache::ResultCache(const fs::path& folder)
    : folder_((folder.empty() ? DefaultCacheDir() : folder) / "synth") {}

std::optional<std::string> ResultCache::Read(const std::string& key) const {
  if (folder_.empty()) return std::nullopt;
  std::error_code error;
  if (!fs::is_regular_file(folder_ / key, error)) return std::nullopt;
  std::string text;
  try {
    text = ReadFile(folder_ / key);
  } catch (const RequestError&) {
    return std::nullopt;  // gone meanwhile, or unreadable: it is made again
  }
  const std::size_t end = text.find('\n');
  if (end == std::string::npos) return std::nullopt;
  if (ContentHash(std::string_view(text).substr(end + 1)) != text.substr(0, end)) {
    return std::nullopt;
  }
  text.erase(0, end + 1);
  return text;
}

void ResultCache::Write(const std::string& key, std::string_view result) const {
  if (folder_.empty()) return;
  try {
    WriteFile(folder_ / key, fmt::format("{}\n{}", ContentHash(result), result));
  } catch (const RunError& error) {
    throw RunError(
        fmt::format("{}\n  fix: pass --cache-dir with a folder that can be written, or "
                    "--no-cache",
                    error.what()));
  }
}

}  // namespace systole
