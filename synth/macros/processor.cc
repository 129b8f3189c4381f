// SPDX-License-Identifier: Apache-2.0
#include "synth/macros/processor.h"

#include <fmt/format.h>

#include "base/error.h"
#include "synth/macros/macro_figures.h"

namespace systole {
namespace {

constexpr double kAreaBand = 1.5, kPowerBand = 2;  // of scaled processors, assumed

Band Within(double typical, double factor) { return {typical / factor, typical, typical * factor}; }

OverheadReading Reading(const CacheExtension& extension, const std::string& name,
                        const std::string& what, const Band& area,
                        const std::optional<Band>& power) {
  OverheadReading reading = {name, what, area, power, OverheadPercent(extension.area, area), {}};
  if (power && extension.power) reading.power_percent = OverheadPercent(*extension.power, *power);
  return reading;
}

}  // namespace

Band OverheadPercent(const Band& extension, const Band& base) {
  if (!(base.low > 0)) throw RequestError("an overhead needs a base that is more than 0");
  return {100 * extension.low / base.high, 100 * extension.typical / base.typical,
          100 * extension.high / base.low};
}

std::vector<OverheadReading> Overheads(const CacheExtension& extension, const MacroNode& node,
                                       double nand2_area, double clock) {
  if (!(nand2_area > 0) || !(clock > 0) || !(node.feature > 0) || !(node.voltage > 0)) {
    throw RequestError(fmt::format(
        "a NAND2 of {} um2, a clock of {} Hz, {} um and {} V: all have to be more than 0",
        nand2_area, clock, node.feature, node.voltage));
  }
  std::vector<OverheadReading> readings = {Reading(extension, "l1",
                                                   "the L1 data cache without the extension",
                                                   extension.l1_area, extension.l1_power)};
  for (const Processor& processor : Macros().processors) {
    const double area = processor.area * AreaScale(processor.node, node);
    const double power = processor.energy_per_cycle * EnergyScale(processor.node, node) * clock;
    readings.push_back(Reading(extension, processor.name,
                               fmt::format("{}, {} KB caches, scaled from {:.0f} nm and {} V",
                                           processor.what, processor.cache_bytes / 1024,
                                           1000 * processor.node.feature, processor.node.voltage),
                               Within(area, kAreaBand), Within(power, kPowerBand)));
  }
  for (const ProcessorCore& core : Macros().cores) {
    readings.push_back(Reading(extension, core.name,
                               fmt::format("{}, {:.2f} kGE, with two caches as large as the L1",
                                           core.what, core.gates / 1000),
                               Band::Exactly(core.gates * nand2_area) + 2 * extension.l1_area,
                               std::nullopt));
  }
  return readings;
}

}  // namespace systole
