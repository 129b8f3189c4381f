// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "gen/emit/module.h"

namespace systole {

/// The hand-written module `name` of rtl/prim. Throws as rtl::HandWritten when there is none.
rtl::Module Prim(const std::string& name);

}  // namespace systole
