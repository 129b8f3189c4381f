// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sw/cli/options.h"
#include "sw/ir/network.h"

namespace systole {

/// What stands for one input of the network on a command line: its name and the text behind `=`.
using NamedValues = std::vector<std::pair<std::string, std::string>>;

/// The values of a repeatable option `NAME=VALUE`; `NAME=` may be left out when the network has one
/// input. Unknown names and names given twice are noted in `options`.
NamedValues ReadNamed(Options& options, const std::string& option, const Network& network);

/// "1x3x48x192" as a shape; nothing for anything else, for a dimension of 0 and for too many
/// elements.
std::optional<Shape> ParseShape(const std::string& text);

/// The shapes of a repeatable option `NAME=1x3x48x192`.
std::map<std::string, Shape> ReadShapes(Options& options, const std::string& option,
                                        const Network& network);

/// Reads the tensor file of every input of the network from a repeatable option `NAME=FILE`. Notes
/// inputs without a file, unreadable files, and tensors whose type or rank the network does not
/// take.
std::map<std::string, Tensor> ReadInputs(Options& options, const std::string& option,
                                         const Network& network);

}  // namespace systole
