// SPDX-License-Identifier: Apache-2.0
#include "synth/netlist/cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "synth/liberty/function.h"

namespace systole {

const Cell* CellFinder::Find(const std::string& name) const {
  const auto [at, fresh] = found_.emplace(name, nullptr);
  if (!fresh) return at->second;
  for (const Library& library : *libraries_) {
    if (at->second == nullptr) at->second = library.Find(name);
  }
  return at->second;
}

const Cell& CellFinder::Get(const std::string& name) const {
  if (const Cell* cell = Find(name)) return *cell;
  std::string names;
  for (const Library& library : *libraries_) {
    names += (names.empty() ? "" : ", ") + library.name;
  }
  throw RequestError(fmt::format("cell {} is in no library ({})", name, names),
                     "pass the library that has it with --liberty FILE");
}

std::optional<OneInput> AsOneInput(const Cell& cell, const std::string& function) try {
  if (function.empty()) return {};
  std::vector<std::string> names;
  for (const CellPin& pin : cell.pins) names.push_back(pin.name);
  if (cell.sequential) {
    names.push_back(cell.sequential->state);
    names.push_back(cell.sequential->inverted_state);
  }
  const LogicFunction logic(function, names);
  if (logic.inputs().size() != 1) return {};
  const std::size_t pin = logic.inputs()[0];
  if (pin >= cell.pins.size() || cell.pins[pin].direction != CellPin::Direction::kInput) return {};
  std::vector<std::uint64_t> values(names.size());
  values[pin] = 1;
  return OneInput{names[pin], (logic.Evaluate(values) & 1) == 0};
} catch (const RequestError&) {
  return {};
}

std::vector<BufferCell> BufferCells(const std::vector<Library>& libraries) {
  std::vector<BufferCell> buffers;
  for (const Library& library : libraries) {
    for (const Cell& cell : library.cells) {
      if (cell.dont_use || cell.memory || cell.sequential || !cell.area || cell.pins.size() != 2) {
        continue;
      }
      const bool first = cell.pins[0].direction == CellPin::Direction::kInput;
      const CellPin& input = cell.pins[first ? 0 : 1];
      const CellPin& output = cell.pins[first ? 1 : 0];
      if (output.direction != CellPin::Direction::kOutput) continue;
      const auto same = AsOneInput(cell, output.function);
      if (!same || same->inverted) continue;
      buffers.push_back({&cell, input.name, output.name, input.capacitance,
                         output.max_capacitance.value_or(std::numeric_limits<double>::infinity())});
    }
  }
  std::stable_sort(buffers.begin(), buffers.end(), [](const BufferCell& a, const BufferCell& b) {
    return *a.cell->area < *b.cell->area;
  });
  return buffers;
}

const CellPin& GetPin(const Cell& cell, const std::string& pin) {
  if (const CellPin* found = cell.FindPin(pin)) return *found;
  // A bus of one bit is named as such in Liberty.
  if (const CellPin* found = cell.FindPin(pin + "[0]")) return *found;
  throw RunError(fmt::format("cell {} has no pin {}", cell.name, pin));
}

}  // namespace systole
