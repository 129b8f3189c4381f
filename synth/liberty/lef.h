// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace systole {

/// Areas of the macros of a LEF text in um2: width times height of SIZE (LEF/DEF 5.8 Language
/// Reference, "Macro"). Macros without a SIZE are left out.
std::map<std::string, double> ReadLefAreas(std::string_view text);

/// The LEF file that belongs to a Liberty file: the one of its name, else the only one in its
/// folder. Empty: there is none.
std::filesystem::path FindLef(const std::filesystem::path& liberty);

}  // namespace systole
