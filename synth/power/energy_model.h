// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "synth/liberty/function.h"
#include "synth/liberty/library.h"

namespace systole {

/// A cell's energy tables with their conditions made into sets of rows: a row is one value for each
/// variable of the cell (its inputs, its state). Made once a cell type.
class EnergyModel {
 public:
  /// Throws RequestError that names the cell when a condition cannot be read.
  explicit EnergyModel(const Cell& cell);

  using Rows = std::vector<std::uint64_t>;  ///< bit set over the rows

  struct Arc {
    const PowerArc* tables;
    std::size_t condition;  ///< index of conditions(): when it applies
  };
  struct InputPin {
    std::size_t pin;
    bool clock = false;  ///< the clock or enable of a register or memory
    std::vector<Arc> arcs;
  };
  /// Arcs of an output over one supply.
  struct OutputPin {
    std::size_t pin;
    std::optional<std::size_t> twin;  ///< an output that toggles exactly when this one does
    std::vector<Arc> caused;          ///< by an input
    std::vector<Arc> always;          ///< at every toggle
  };

  const Cell& cell() const { return *cell_; }
  bool clock_pin(std::size_t pin) const { return clock_pins_[pin]; }
  const std::vector<InputPin>& inputs() const { return inputs_; }
  const std::vector<OutputPin>& outputs() const { return outputs_; }
  const std::vector<Rows>& conditions() const { return conditions_; }
  /// The conditions of Cell::leakage_states, in their order; empty when they are not followed.
  const std::vector<std::size_t>& leakage() const { return leakage_; }
  /// False: too many variables; conditions are all always true.
  bool followed() const { return followed_; }

  /// Of each variable: the pin that it is; none: the state.
  const std::vector<std::optional<std::size_t>>& variables() const { return variables_; }
  struct Shown {
    std::size_t pin;
    bool inverted;
  };
  /// The outputs that are the state or its complement.
  const std::vector<Shown>& state_outputs() const { return state_outputs_; }
  /// Of each row of a flip-flop: bit 0 the next state, bit 1 the state. Empty where it is not
  /// known.
  const std::vector<std::uint8_t>& transitions() const { return transitions_; }

 private:
  using Names = std::vector<std::string>;
  void FindClockPins();
  LogicFunction Parse(const std::string& text) const;
  void FindVariables(const std::vector<std::string>& texts);
  void AddVariable(std::size_t name, std::vector<bool>& seen, int depth);
  void FindStateOutputs();
  void FindTransitions();
  std::vector<std::uint64_t> Values(std::uint64_t first, std::optional<std::size_t> forced,
                                    std::uint64_t value) const;
  std::size_t AddCondition(Rows rows);
  Rows All() const;
  Rows Evaluate(const std::string& when) const;
  Rows Sensitive(std::size_t output, std::size_t input) const;
  void AddInput(std::size_t pin);
  void AddOutput(std::size_t pin);
  std::optional<std::size_t> Twin(std::size_t pin) const;

  const Cell* cell_;
  Names names_;                                          ///< pins, then state and inverted state
  std::vector<std::optional<LogicFunction>> functions_;  ///< of each pin
  std::vector<bool> clock_pins_;
  std::vector<std::size_t> variable_names_;
  std::vector<std::optional<std::size_t>> variables_;
  std::vector<Shown> state_outputs_;
  std::vector<std::uint8_t> transitions_;
  bool followed_ = true;
  std::vector<Rows> conditions_;
  std::vector<InputPin> inputs_;
  std::vector<OutputPin> outputs_;
  std::vector<std::size_t> leakage_;
};

/// The probabilities of a cell's conditions when each variable is 1 with its own probability,
/// independently but for one thing: `change`, the part of the cycles in which a flip-flop's state
/// rises, which is also that in which it falls; state and next state differ in just these. `rows`
/// is scratch space.
void ConditionProbabilities(const EnergyModel& model, const std::vector<double>& ones,
                            std::optional<double> change, std::vector<double>& rows,
                            std::vector<double>& probabilities);

}  // namespace systole
