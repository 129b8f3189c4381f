// SPDX-License-Identifier: Apache-2.0
#include "synth/netlist/area.h"

#include <fmt/format.h>

#include "base/error.h"
#include "synth/netlist/cells.h"

namespace systole {
namespace {

double AreaOf(const Cell& cell) {
  if (cell.area) return *cell.area;
  throw RequestError(
      fmt::format("cell {} has no area in its library: the design's area is not known", cell.name),
      "use a library that gives it");
}

/// `times` instances of what `part` is.
void AddTimes(ModuleArea& sum, const ModuleArea& part, std::uint64_t times) {
  const double factor = static_cast<double>(times);
  sum.cells += times * part.cells;
  sum.registers += times * part.registers;
  sum.buffers += times * part.buffers;
  sum.clock_buffers += times * part.clock_buffers;
  sum.area += factor * part.area;
  sum.buffer_area += factor * part.buffer_area;
  sum.clock_buffer_area += factor * part.clock_buffer_area;
  sum.macro_area += factor * part.macro_area;
  for (const auto& [type, count] : part.types) sum.types[type] += times * count;
}

void AddCell(ModuleArea& module, const NetlistInstance& instance, const Cell& cell) {
  const double area = AreaOf(cell);
  ++module.cells;
  ++module.types[instance.type];
  if (cell.sequential) ++module.registers;
  module.area += area;
  if (instance.name.starts_with(kBufferPrefix)) {
    ++module.buffers;
    module.buffer_area += area;
  } else if (instance.name.starts_with(kClockBufferPrefix)) {
    ++module.clock_buffers;
    module.clock_buffer_area += area;
  }
}

}  // namespace

ModuleArea& ModuleArea::operator+=(const ModuleArea& other) {
  AddTimes(*this, other, 1);
  return *this;
}

std::vector<std::uint64_t> CountInstances(const Netlist& netlist) {
  std::map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < netlist.modules.size(); ++i) index[netlist.modules[i].name] = i;
  std::vector<std::uint64_t> counts(netlist.modules.size(), 0);
  counts.back() = 1;
  for (std::size_t i = netlist.modules.size(); i-- > 0;) {
    for (const NetlistInstance& instance : netlist.modules[i].instances) {
      if (instance.is_module) counts[index.at(instance.type)] += counts[i];
    }
  }
  return counts;
}

DesignArea MeasureArea(const Netlist& netlist, const std::vector<Library>& libraries) {
  const CellFinder cells(libraries);
  const std::vector<std::uint64_t> counts = CountInstances(netlist);
  DesignArea design;
  std::map<std::string, MacroCount> macros;
  design.total.module = netlist.top().name;
  design.total.block = netlist.top().block;
  design.total.instances = 1;
  for (std::size_t i = 0; i < netlist.modules.size(); ++i) {
    const NetlistModule& module = netlist.modules[i];
    ModuleArea area;
    area.module = module.name;
    area.block = module.block;
    area.instances = counts[i];
    for (const NetlistInstance& instance : module.instances) {
      if (instance.is_module) continue;
      if (instance.block.empty()) {
        AddCell(area, instance, cells.Get(instance.type));
        continue;
      }
      MacroCount& macro = macros[instance.type];
      macro.type = instance.type;
      macro.instances += counts[i];
      if (const Cell* cell = cells.Find(instance.type)) {
        macro.area = AreaOf(*cell);
        area.area += *macro.area;
        area.macro_area += *macro.area;
      }
    }
    AddTimes(design.total, area, counts[i]);
    design.modules.push_back(std::move(area));
  }
  for (auto& [type, macro] : macros) design.macros.push_back(std::move(macro));
  return design;
}

}  // namespace systole
