// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace systole {

/// The whole file as bytes. Throws RequestError that names the path and the system's reason.
std::string ReadFile(const std::filesystem::path& path);

/// Writes a file whole or not at all: into a sibling temporary file that is then renamed. Creates
/// the parent folders. Throws RunError that names the path and the system's reason; the old file,
/// if there was one, is then untouched. A device or a pipe is written to.
void WriteFile(const std::filesystem::path& path, std::string_view bytes);

}  // namespace systole
