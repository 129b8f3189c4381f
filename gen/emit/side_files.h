// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "gen/emit/design.h"

namespace systole::rtl {

// The texts of the files beside the Verilog; see DesignFiles.
std::string FileList(const Design& design);
std::string FuseSocCore(const Design& design);
std::string JsonDescription(const Design& design, const nlohmann::json& configuration);
std::string CHeader(const Module& top);

/// `DataW` -> `DATA_W`, `systolic_core` -> `SYSTOLIC_CORE`.
std::string MacroName(const std::string& name);

}  // namespace systole::rtl
