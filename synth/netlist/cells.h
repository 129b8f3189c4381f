// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "synth/liberty/library.h"
#include "synth/netlist/netlist.h"

namespace systole {

/// Finds the cells of several libraries by name; where two have one of a name, the first counts.
class CellFinder {
 public:
  /// The libraries have to outlive this.
  explicit CellFinder(const std::vector<Library>& libraries) : libraries_(&libraries) {}

  /// Null when no library has it.
  const Cell* Find(const std::string& name) const;
  /// Throws RequestError that names the cell and the libraries.
  const Cell& Get(const std::string& name) const;

 private:
  const std::vector<Library>* libraries_;
  mutable std::map<std::string, const Cell*> found_;
};

/// A function that is one input of a cell, or its inverse.
struct OneInput {
  std::string pin;
  bool inverted = false;
};
/// Nothing for other functions, for none, and for what is no function of this cell.
std::optional<OneInput> AsOneInput(const Cell& cell, const std::string& function);

/// Buffers of the libraries: one input, one output with the input's value, no state, not dont_use;
/// the smallest first.
struct BufferCell {
  const Cell* cell = nullptr;
  std::string input, output;
  double input_capacitance = 0;  ///< farads
  double max_capacitance = 0;    ///< farads
};
std::vector<BufferCell> BufferCells(const std::vector<Library>& libraries);

/// Throws RunError "the name that says what it is", unless the pin exists; for a macro's bus the
/// pin of one bit.
const CellPin& GetPin(const Cell& cell, const std::string& pin);

}  // namespace systole
