// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace systole {

/// Whether a module of the RTL is the TCAM, or a part of it: what a custom macro would replace.
inline bool IsTcam(const std::string& module) {
  return module == "tcam" || module.starts_with("tcam_");
}

/// The two readings of the TCAM (docs/synthesis-memories.md).
enum class TcamReading {
  kMacro,      ///< a custom macro, modelled
  kFlipFlops,  ///< what synthesis makes of the RTL
};

}  // namespace systole
