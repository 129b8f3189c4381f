// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace systole {

/// A mistake put into one emitted Verilog file by replacing a text that stands there once.
struct Mutant {
  std::string name, file, from, to;
};

/// Mistakes that the core's tests have to find.
const std::vector<Mutant>& Mutants();

}  // namespace systole
