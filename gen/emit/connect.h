// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gen/emit/module.h"

namespace systole::rtl {

/// What ports, or parameters, are connected to: name, text in the parent.
using Connections = std::vector<std::pair<std::string, std::string>>;

/// Connections for every port of `module`: those of `special`, and for any other port NAME_i,
/// NAME_ni or NAME_o the signal NAME, except clock and reset, which keep their names.
Connections Connect(const Module& module, const Connections& special);

/// The instance `name` of `module`, connected as Connect does. Its parameters are the parent's of
/// the same names but for `params`.
Instance Use(const Module& module, std::string name, const Connections& special,
             const Connections& params = {});

/// The hand-written module `name` of `files`, which are file names and texts of `folder`. Throws
/// EmitError if there is none.
Module HandWritten(const std::vector<std::pair<std::string_view, std::string_view>>& files,
                   const std::string& folder, const std::string& name);

}  // namespace systole::rtl
