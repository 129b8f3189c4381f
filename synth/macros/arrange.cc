// SPDX-License-Identifier: Apache-2.0
#include "synth/macros/arrange.h"

#include <cmath>
#include <tuple>

#include "base/error.h"
#include "base/math.h"
#include "synth/macros/reference_sram.h"

namespace systole {
namespace {

Arrangement Arrange(const RealMacro& macro, const MacroShape& shape) {
  Arrangement made;
  made.macro = macro;
  made.across = static_cast<int>(CeilDiv(shape.width, macro.width));
  made.down = static_cast<int>(CeilDiv(shape.depth, macro.depth));
  const double count = static_cast<double>(made.across) * made.down;
  made.unused_bits =
      count * macro.depth * macro.width - static_cast<double>(shape.depth) * shape.width;
  made.figures = {.area = Band::Exactly(count * macro.area),
                  .read = Band::Exactly(made.across * macro.read.value()),
                  .write = Band::Exactly(made.across * macro.write.value()),
                  .search = {},
                  .leakage = Band::Exactly(count * macro.leakage),
                  .access = Band::Exactly(macro.access)};
  return made;
}

}  // namespace

Arrangement ArrangeSram(const MacroShape& shape, const std::string& kind) {
  std::optional<Arrangement> best;
  const auto cost = [](const Arrangement& made) {
    return std::tuple(made.figures.area.typical, made.figures.read.typical);
  };
  for (const RealMacro& macro : Macros().macros) {
    if (macro.source != kind || !macro.read || !macro.write) continue;
    CheckMacro(shape, macro.node);
    const Arrangement made = Arrange(macro, shape);
    if (!best || cost(made) < cost(*best)) best = made;
  }
  if (!best) throw RequestError("there are no SRAM macros " + kind + " with known energies");
  return *best;
}

bool HasRealSram(const MacroNode& node) {
  const MacroNode& real = Reference().node;
  return std::abs(node.feature - real.feature) < 1e-6 &&
         std::abs(node.voltage - real.voltage) < 1e-6;
}

}  // namespace systole
