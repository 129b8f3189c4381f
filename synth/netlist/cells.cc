// SPDX-License-Identifier: Apache-2.0
#include "synth/netlist/cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/error.h"

namespace systole {
namespace {

/// A function that is one pin and nothing else, in brackets or not.
std::string OnlyPin(const std::string& function) {
  std::string pin;
  for (const char c : function) {
    if (c != '(' && c != ')' && c != ' ' && c != '"') pin += c;
  }
  return pin;
}

}  // namespace

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
      if (input.direction != CellPin::Direction::kInput ||
          output.direction != CellPin::Direction::kOutput ||
          OnlyPin(output.function) != input.name) {
        continue;
      }
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
