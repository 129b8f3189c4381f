// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "gen/emit/design.h"
#include "gen/emit/module.h"

namespace systole::rtl {

/// Throws EmitError that lists everything wrong with the module, one line each, naming the module.
/// `written` is the body as its author wrote it, without the text of `instances`.
void CheckModule(const Module& module, const std::string& written,
                 const std::vector<Instance>& instances);

/// Throws EmitError unless module names are unique, every instantiated module comes before those
/// that instantiate it, the top is there and every module is used.
void CheckDesign(const Design& design);

}  // namespace systole::rtl
