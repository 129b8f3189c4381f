// SPDX-License-Identifier: Apache-2.0
#include "synth/liberty/library.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "synth/liberty/function.h"

namespace systole {

namespace {

/// A place on an axis: between points `low` and `low + 1`, at `fraction` of the way, which is below
/// 0 or above 1 beyond the ends.
struct Place {
  std::size_t low = 0;
  double fraction = 0;
};

Place Locate(const std::vector<double>& points, double at) {
  if (points.size() < 2) return {};
  const auto above = std::upper_bound(points.begin() + 1, points.end() - 1, at);
  const auto low = static_cast<std::size_t>(above - points.begin()) - 1;
  return {low, (at - points[low]) / (points[low + 1] - points[low])};
}

/// Between two values; exact at the ends.
double Between(double a, double b, double fraction) { return a * (1 - fraction) + b * fraction; }

bool IsNand2(const Cell& cell) {
  if (cell.pins.size() != 3 || cell.dont_use || cell.sequential) return false;
  std::vector<std::string> inputs;
  std::string function;
  for (const CellPin& pin : cell.pins) {
    if (pin.direction == CellPin::Direction::kInput) inputs.push_back(pin.name);
    if (pin.direction == CellPin::Direction::kOutput) function = pin.function;
  }
  if (inputs.size() != 2 || function.empty()) return false;
  try {
    const LogicFunction parsed(function, inputs);
    return parsed.inputs().size() == 2 && (parsed.TruthTable() & 0xf) == 0x7;
  } catch (const RequestError&) {
    return false;  // whatever it is, it is no NAND
  }
}

}  // namespace

double Table::At(double input_transition, double output_load) const {
  if (values.empty()) return 0;
  Place places[2];
  for (std::size_t i = 0; i < axes.size(); ++i) {
    places[i] =
        Locate(points[i], axes[i] == Axis::kInputTransition ? input_transition : output_load);
  }
  const std::size_t columns = axes.size() == 2 ? points[1].size() : 1;
  const auto row = [&](std::size_t first) {
    const double* value = &values[first * columns];
    if (columns < 2) return value[0];
    return Between(value[places[1].low], value[places[1].low + 1], places[1].fraction);
  };
  if (axes.empty() || points[0].size() < 2) return row(0);
  return Between(row(places[0].low), row(places[0].low + 1), places[0].fraction);
}

const CellPin* Cell::FindPin(const std::string& pin) const {
  for (const CellPin& candidate : pins) {
    if (candidate.name == pin) return &candidate;
  }
  return nullptr;
}

const Cell* Library::Find(const std::string& cell) const {
  const auto found = index.find(cell);
  return found == index.end() ? nullptr : &cells[found->second];
}

double Library::Nand2Area() const {
  std::optional<double> smallest;
  for (const Cell& cell : cells) {
    if (!cell.area || *cell.area <= 0 || !IsNand2(cell)) continue;
    if (!smallest || *cell.area < *smallest) smallest = *cell.area;
  }
  if (!smallest) {
    throw RequestError(
        fmt::format("{} has no two-input NAND with an area: gate equivalents need one",
                    path.string()),
        "give a library of standard cells");
  }
  return *smallest;
}

}  // namespace systole
