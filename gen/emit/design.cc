// SPDX-License-Identifier: Apache-2.0
#include "gen/emit/design.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/error.h"
#include "base/file.h"
#include "gen/emit/check.h"
#include "gen/emit/side_files.h"

namespace systole::rtl {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void Fail(const fs::path& path, const std::error_code& error) {
  throw RunError(fmt::format("cannot write {}: {}", path.string(), error.message()));
}

/// A new folder that is gone again at the end of the scope, unless it has been moved away.
class StagingFolder {
 public:
  explicit StagingFolder(const fs::path& beside) {
    std::string name = beside.string() + ".XXXXXX";
    if (mkdtemp(name.data()) == nullptr) Fail(beside, {errno, std::generic_category()});
    path_ = name;
    chmod(name.c_str(), 0755);
  }
  StagingFolder(const StagingFolder&) = delete;
  StagingFolder& operator=(const StagingFolder&) = delete;
  ~StagingFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// Moves the staged files into a folder that is there already.
void MoveInto(const fs::path& folder, const fs::path& staging, const std::vector<File>& files) {
  for (const File& file : files) {
    if (fs::is_directory(folder / file.name)) {
      Fail(folder / file.name, std::make_error_code(std::errc::is_a_directory));
    }
  }
  for (const File& file : files) {
    std::error_code error;
    fs::rename(staging / file.name, folder / file.name, error);
    if (error) Fail(folder / file.name, error);
  }
}

}  // namespace

const Module& Design::Top() const {
  const auto found = std::find_if(modules.begin(), modules.end(),
                                  [&](const Module& module) { return module.name == top; });
  if (found == modules.end()) throw EmitError("design " + top + ": the top module is missing");
  return *found;
}

std::vector<File> VerilogFiles(const Design& design) {
  CheckDesign(design);
  std::vector<File> files;
  for (const Module& module : design.modules) {
    files.push_back({module.name + ".v", module.ToVerilog()});
  }
  return files;
}

std::vector<File> DesignFiles(const Design& design, const nlohmann::json& configuration) {
  std::vector<File> files = VerilogFiles(design);
  files.push_back({"filelist.f", FileList(design)});
  files.push_back({design.top + ".core", FuseSocCore(design)});
  files.push_back({design.top + ".json", JsonDescription(design, configuration)});
  files.push_back({design.top + "_params.h", CHeader(design.Top())});
  return files;
}

void WriteDesign(const Design& design, const nlohmann::json& configuration,
                 const fs::path& folder) {
  const std::vector<File> files = DesignFiles(design, configuration);
  fs::path target = fs::absolute(folder).lexically_normal();
  if (!target.has_filename()) target = target.parent_path();  // "out/"
  std::error_code error;
  const bool exists = fs::exists(target, error);
  if (exists && !fs::is_directory(target)) {
    Fail(target, std::make_error_code(std::errc::not_a_directory));
  }
  if (!exists) fs::create_directories(target.parent_path(), error);
  if (error) Fail(target, error);
  // Beside or inside the target, so that moving is a rename in one file system.
  const StagingFolder staging(exists ? target / ".systole" : target);
  for (const File& file : files) WriteFile(staging.path() / file.name, file.text);
  if (exists) {
    MoveInto(target, staging.path(), files);
  } else {
    fs::rename(staging.path(), target, error);
    if (error) Fail(target, error);
  }
}

}  // namespace systole::rtl
