// SPDX-License-Identifier: Apache-2.0
#include "tb/model_library.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"

namespace systole {
namespace fs = std::filesystem;
namespace {

/// Holds a lock file; the system lets go of it when the process ends, however it ends.
class Lock {
 public:
  explicit Lock(const fs::path& path)
      : file_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    if (file_ < 0) {
      throw RunError(fmt::format("cannot write {}: {}\n  fix: pass --cache-dir with another folder",
                                 path.string(), std::strerror(errno)));
    }
    while (flock(file_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  ~Lock() { close(file_); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  int file_;
};

/// The manifest of an entry: the library's content hash and the tools' versions, a line each. An
/// entry is good when the hash is that of the library beside it.
std::optional<std::string> ToolsOfGoodEntry(const fs::path& entry) {
  std::error_code error;
  if (!fs::is_regular_file(entry / "manifest", error) ||
      !fs::is_regular_file(entry / "model.so", error)) {
    return std::nullopt;
  }
  const std::string manifest = ReadFile(entry / "manifest");
  const std::size_t end = manifest.find('\n');
  if (end == std::string::npos || manifest.back() != '\n') return std::nullopt;
  if (manifest.substr(0, end) != ContentHash(ReadFile(entry / "model.so"))) return std::nullopt;
  return manifest.substr(end + 1, manifest.size() - end - 2);
}

std::string FirstError(const std::string& log) {
  for (std::size_t at = 0; at < log.size();) {
    const std::size_t end = std::min(log.find('\n', at), log.size());
    std::string line = log.substr(at, end - at);
    if (line.find("rror") != std::string::npos) return line;
    at = end + 1;
  }
  return "";
}

/// Builds the entry in a folder beside it and moves it into place; the caller holds its lock.
void BuildEntry(const ModelRecipe& recipe, const fs::path& cache, const fs::path& entry) {
  const fs::path folder = entry.string() + ".build", log = entry.string() + ".log";
  fs::remove_all(folder);  // left by a build that was interrupted: the lock is ours
  fs::remove(log);
  fs::create_directories(folder);
  try {
    BuildModel(recipe, folder, cache / ("runtime-" + recipe.runtime_key), log);
  } catch (const RunError& error) {
    fs::remove_all(folder);
    std::error_code missing;
    const std::string first = fs::exists(log, missing) ? FirstError(ReadFile(log)) : "";
    throw RunError(fmt::format("the simulation of the {} could not be built: {}\n  {}\n  log: {}",
                               recipe.source.kind, error.what(), first, log.string()));
  }
  const fs::path ready = entry.string() + ".ready";
  fs::remove_all(ready);
  fs::create_directories(ready);
  const std::string tools = ToolVersions(recipe, folder);
  fs::rename(folder / "model.so", ready / "model.so");
  WriteFile(ready / "manifest", ContentHash(ReadFile(ready / "model.so")) + "\n" + tools + "\n");
  fs::remove_all(entry);
  fs::rename(ready, entry);
  fs::remove_all(folder);
  fs::remove(log);
}

}  // namespace

fs::path DefaultCacheDir() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0') {
    return fs::path(cache) / "systole";
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    return fs::path(home) / ".cache" / "systole";
  }
  return fs::temp_directory_path() / "systole-cache";
}

ModelLibrary::ModelLibrary(ModelSource source, const ModelOptions& options) {
  const ModelRecipe recipe = MakeRecipe(std::move(source), options.assertions, options.trace);
  // Absolute: the compiler runs in a folder of its own.
  const fs::path cache =
      fs::absolute(options.cache_dir.empty() ? DefaultCacheDir() : options.cache_dir);
  const fs::path entry = cache / recipe.key;
  path_ = entry / "model.so";
  try {
    std::optional<std::string> tools = ToolsOfGoodEntry(entry);
    if (!tools) {
      fs::create_directories(cache);
      const Lock lock(cache / (recipe.key + ".lock"));
      tools = ToolsOfGoodEntry(entry);  // another process may have built it meanwhile
      if (!tools) {
        if (options.on_build) options.on_build(recipe.source.name);
        const auto start = std::chrono::steady_clock::now();
        BuildEntry(recipe, cache, entry);
        build_seconds_ =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        tools = ToolsOfGoodEntry(entry);
      }
    }
    tools_ = tools.value_or("");
  } catch (const fs::filesystem_error& error) {
    throw RunError(
        fmt::format("the cache of compiled models cannot be used: {}\n  fix: pass "
                    "--cache-dir with a folder that can be written",
                    error.what()));
  }
  handle_ = dlopen(path_.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle_ == nullptr) {
    throw RunError(fmt::format("cannot load {}: {}", path_.string(), dlerror()));
  }
}

void* ModelLibrary::Symbol(const char* name) const {
  void* const address = dlsym(handle_, name);
  if (address == nullptr) {
    throw RunError(fmt::format("cannot load {}: {} is missing", path_.string(), name));
  }
  return address;
}

ModelLibrary::~ModelLibrary() {
  if (handle_ != nullptr) dlclose(handle_);
}

}  // namespace systole
