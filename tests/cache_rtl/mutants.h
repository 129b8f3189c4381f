// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "gen/config/cache_config.h"

namespace systole {

/// A mistake put into one emitted Verilog file by replacing a text that stands there once.
struct CacheMutant {
  std::string name;
  CacheConfig config;
  std::string file, from, to;

  friend void PrintTo(const CacheMutant& mutant, std::ostream* out) { *out << mutant.name; }
};

/// Mistakes of the TCAM, the address merger, the zero detector, splitting, replacement and the
/// controller that the comparison with the model has to find.
std::vector<CacheMutant> CacheMutants();

}  // namespace systole
