// SPDX-License-Identifier: Apache-2.0
#include "synth/gates/cell_logic.h"

#include <fmt/format.h>

#include <string>

#include "base/error.h"
#include "synth/liberty/function.h"

namespace systole {
namespace {

/// Bit i of word w is bit `input` of the index 64 w + i.
std::uint64_t Pattern(std::size_t input, std::size_t word) {
  constexpr std::uint64_t kPatterns[] = {0xaaaaaaaaaaaaaaaa, 0xcccccccccccccccc,
                                         0xf0f0f0f0f0f0f0f0, 0xff00ff00ff00ff00,
                                         0xffff0000ffff0000, 0xffffffff00000000};
  if (input < 6) return kPatterns[input];
  return word >> (input - 6) & 1 ? ~0ULL : 0;
}

/// Makes the tables of one cell's functions.
class Tabulator {
 public:
  Tabulator(const Cell& cell, const std::vector<std::uint32_t>& inputs)
      : cell_(cell), inputs_(inputs), bits_(inputs.size() + (cell.sequential ? 1 : 0)) {
    for (const CellPin& pin : cell.pins) names_.push_back(pin.name);
    if (cell.sequential) {
      names_.push_back(cell.sequential->state);
      names_.push_back(cell.sequential->inverted_state);
    }
  }

  /// An empty text is the constant 0.
  CellLogic::Table Make(const std::string& text) const {
    CellLogic::Table table(((std::size_t{1} << bits_) + 63) / 64);
    if (text.empty()) return table;
    const LogicFunction function = Parse(text);
    std::vector<std::uint64_t> values(names_.size());
    for (std::size_t word = 0; word < table.size(); ++word) {
      for (std::size_t k = 0; k < inputs_.size(); ++k) values[inputs_[k]] = Pattern(k, word);
      if (cell_.sequential) {
        values[cell_.pins.size()] = Pattern(inputs_.size(), word);
        values[cell_.pins.size() + 1] = ~values[cell_.pins.size()];
      }
      table[word] = function.Evaluate(values);
    }
    return table;
  }

  /// The bits of the index on which a table depends.
  std::uint32_t Reads(const CellLogic::Table& table) const {
    std::uint32_t reads = 0;
    for (std::size_t index = 0; index < std::size_t{1} << bits_; ++index) {
      for (std::size_t bit = 0; bit < bits_; ++bit) {
        const std::size_t other = index ^ (std::size_t{1} << bit);
        if ((table[index / 64] >> (index % 64) & 1) != (table[other / 64] >> (other % 64) & 1)) {
          reads |= 1u << bit;
        }
      }
    }
    return reads;
  }

 private:
  LogicFunction Parse(const std::string& text) const {
    LogicFunction function = [&] {
      try {
        return LogicFunction(text, names_);
      } catch (const RequestError& error) {
        throw RequestError(fmt::format("cell {}: {}", cell_.name, error.what()));
      }
    }();
    for (const std::size_t name : function.inputs()) {
      if (name < cell_.pins.size() && cell_.pins[name].direction != CellPin::Direction::kInput) {
        throw RequestError(fmt::format("cell {}: \"{}\" reads {}, which is no input", cell_.name,
                                       text, cell_.pins[name].name));
      }
    }
    return function;
  }

  const Cell& cell_;
  const std::vector<std::uint32_t>& inputs_;
  std::size_t bits_;
  std::vector<std::string> names_;
};

void CheckOutput(const Cell& cell, const CellPin& pin) {
  if (!pin.three_state.empty()) {
    throw RequestError(fmt::format("cell {}: {} is a tri-state output, which is not simulated",
                                   cell.name, pin.name));
  }
  if (pin.function.empty()) {
    throw RequestError(
        fmt::format("cell {}: the library gives no function for {}", cell.name, pin.name));
  }
}

void MakeSequential(const Cell& cell, const Tabulator& tables, CellLogic& model) {
  model.sequential = true;
  model.latch = cell.sequential->latch;
  model.clock = tables.Make(cell.sequential->clocked_on);
  model.next_state = tables.Make(cell.sequential->next_state);
  model.clear = tables.Make(cell.sequential->clear);
  model.preset = tables.Make(cell.sequential->preset);
  const std::uint32_t pins = (1u << model.inputs.size()) - 1;  // without the state
  model.clock_reads = tables.Reads(model.clock) & pins;
  model.control_reads = (tables.Reads(model.clear) | tables.Reads(model.preset)) & pins;
  model.wakes = model.clock_reads | model.control_reads;
  if (model.latch) model.wakes |= tables.Reads(model.next_state) & pins;
  model.follows = model.clock_reads;
  for (const CellLogic::Output& output : model.outputs) model.follows |= output.reads & pins;
}

}  // namespace

CellLogic MakeCellLogic(const Cell& cell) {
  CellLogic model;
  for (std::size_t pin = 0; pin < cell.pins.size(); ++pin) {
    if (cell.pins[pin].direction == CellPin::Direction::kInput) {
      model.inputs.push_back(static_cast<std::uint32_t>(pin));
    }
  }
  if (cell.memory) {
    throw RequestError(fmt::format("cell {} is a memory, which has no function", cell.name),
                       "keep the module around it as a memory that the simulator knows");
  }
  if (model.inputs.size() > kMaxCellInputs) {
    throw RequestError(fmt::format("cell {} has {} inputs; {} are simulated", cell.name,
                                   model.inputs.size(), kMaxCellInputs));
  }
  const Tabulator tables(cell, model.inputs);
  for (std::size_t pin = 0; pin < cell.pins.size(); ++pin) {
    if (cell.pins[pin].direction != CellPin::Direction::kOutput) continue;
    CheckOutput(cell, cell.pins[pin]);
    CellLogic::Output output{.pin = static_cast<std::uint32_t>(pin),
                             .function = tables.Make(cell.pins[pin].function)};
    output.reads = tables.Reads(output.function);
    model.outputs.push_back(std::move(output));
  }
  model.follows = (1u << model.inputs.size()) - 1;
  if (cell.sequential) MakeSequential(cell, tables, model);
  return model;
}

}  // namespace systole
