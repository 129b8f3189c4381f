// SPDX-License-Identifier: Apache-2.0
#include "synth/power/energy_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>

#include "base/error.h"

namespace systole {

namespace {

/// 1,024 rows at each instance; memory macros stay below it, standard cells far below.
constexpr std::size_t kMaxVariables = 10;

bool IsOutput(const CellPin& pin) {
  return pin.direction == CellPin::Direction::kOutput ||
         pin.direction == CellPin::Direction::kInout;
}

}  // namespace

EnergyModel::EnergyModel(const Cell& cell) : cell_(&cell) {
  for (const CellPin& pin : cell.pins) names_.push_back(pin.name);
  if (cell.sequential) {
    names_.push_back(cell.sequential->state);
    names_.push_back(cell.sequential->inverted_state);
  }
  for (const CellPin& pin : cell.pins) {
    functions_.emplace_back();
    if (IsOutput(pin) && !pin.function.empty()) functions_.back() = Parse(pin.function);
  }
  FindClockPins();
  std::vector<std::string> texts;
  for (const LeakageState& state : cell.leakage_states) texts.push_back(state.when);
  for (const CellPin& pin : cell.pins) {
    for (const PowerArc& arc : pin.power) texts.push_back(arc.when);
  }
  FindVariables(texts);
  FindStateOutputs();
  FindTransitions();
  for (const LeakageState& state : cell.leakage_states) {
    if (followed_) leakage_.push_back(AddCondition(Evaluate(state.when)));
  }
  for (std::size_t pin = 0; pin < cell.pins.size(); ++pin) {
    if (cell.pins[pin].power.empty()) continue;
    if (cell.pins[pin].direction == CellPin::Direction::kInput) {
      AddInput(pin);
    } else {
      AddOutput(pin);
    }
  }
}

LogicFunction EnergyModel::Parse(const std::string& text) const {
  try {
    return LogicFunction(text, names_);
  } catch (const RequestError& error) {
    throw RequestError(fmt::format("cell {}: {}", cell_->name, error.problems().at(0).what));
  }
}

void EnergyModel::FindClockPins() {
  const bool register_cell = cell_->sequential.has_value();
  for (const CellPin& pin : cell_->pins)
    clock_pins_.push_back(pin.clock && (register_cell || cell_->memory));
  if (!register_cell || cell_->sequential->clocked_on.empty()) return;
  for (const std::size_t name : Parse(cell_->sequential->clocked_on).inputs()) {
    if (name < cell_->pins.size()) clock_pins_[name] = true;
  }
}

void EnergyModel::AddVariable(std::size_t name, std::vector<bool>& seen, int depth) {
  constexpr int kMaxDepth = 8;                 // of outputs that are functions of outputs
  if (name == cell_->pins.size() + 1) --name;  // the inverted state follows the state
  if (seen[name]) return;
  seen[name] = true;
  const bool computed = name < cell_->pins.size() && functions_[name].has_value();
  if (!computed || depth == kMaxDepth) {
    variable_names_.push_back(name);
    return;
  }
  for (const std::size_t input : functions_[name]->inputs()) AddVariable(input, seen, depth + 1);
}

void EnergyModel::FindVariables(const std::vector<std::string>& texts) {
  std::vector<bool> seen(names_.size(), false);
  for (const std::string& text : texts) {
    if (text.empty()) continue;
    for (const std::size_t name : Parse(text).inputs()) AddVariable(name, seen, 0);
  }
  // What the outputs depend on too, so that it is known which inputs can move them.
  for (std::size_t pin = 0; pin < cell_->pins.size(); ++pin) {
    if (functions_[pin] && !cell_->pins[pin].power.empty()) AddVariable(pin, seen, 0);
  }
  if (variable_names_.size() > kMaxVariables) {
    followed_ = false;
    variable_names_.clear();
  }
  for (const std::size_t name : variable_names_) {
    variables_.push_back(name < cell_->pins.size() ? std::optional(name) : std::nullopt);
  }
}

void EnergyModel::FindStateOutputs() {
  for (std::size_t pin = 0; pin < cell_->pins.size(); ++pin) {
    if (!functions_[pin] || functions_[pin]->inputs().size() != 1) continue;
    const std::size_t name = functions_[pin]->inputs()[0];
    if (name < cell_->pins.size()) continue;
    const bool shows_inverted = name == cell_->pins.size() + 1;
    const bool inverts = (functions_[pin]->TruthTable() & 3) == 1;
    state_outputs_.push_back({pin, shows_inverted != inverts});
  }
}

void EnergyModel::FindTransitions() {
  const std::size_t state = cell_->pins.size();
  if (!followed_ || !cell_->sequential || cell_->sequential->latch ||
      cell_->sequential->next_state.empty())
    return;
  const LogicFunction next = Parse(cell_->sequential->next_state);
  const auto known = [&](std::size_t name) {
    return std::find(variable_names_.begin(), variable_names_.end(), name) != variable_names_.end();
  };
  if (!known(state)) return;
  for (const std::size_t name : next.inputs()) {
    if (!known(name)) return;
  }
  const std::size_t rows = std::size_t{1} << variables_.size();
  for (std::size_t first = 0; first < rows; first += 64) {
    const auto values = Values(first, std::nullopt, 0);
    const std::uint64_t result = next.Evaluate(values);
    for (std::size_t row = 0; row < std::min<std::size_t>(rows - first, 64); ++row) {
      transitions_.push_back(
          static_cast<std::uint8_t>(((result >> row) & 1) | ((values[state] >> row) & 1) << 1));
    }
  }
}

std::vector<std::uint64_t> EnergyModel::Values(std::uint64_t first,
                                               std::optional<std::size_t> forced,
                                               std::uint64_t value) const {
  std::vector<std::uint64_t> values(names_.size(), 0);
  for (std::size_t k = 0; k < variable_names_.size(); ++k)
    values[variable_names_[k]] = TruthColumn(k, first);
  if (forced) values[*forced] = value;
  if (cell_->sequential) values[names_.size() - 1] = ~values[names_.size() - 2];
  // Twice, for outputs that are functions of outputs behind them.
  for (int pass = 0; pass < 2; ++pass) {
    for (std::size_t pin = 0; pin < functions_.size(); ++pin) {
      const bool variable =
          std::find(variable_names_.begin(), variable_names_.end(), pin) != variable_names_.end();
      if (functions_[pin] && !variable) values[pin] = functions_[pin]->Evaluate(values);
    }
  }
  return values;
}

EnergyModel::Rows EnergyModel::All() const {
  const std::size_t rows = std::size_t{1} << variables_.size();
  return Rows(std::max<std::size_t>(rows / 64, 1),
              rows < 64 ? (std::uint64_t{1} << rows) - 1 : ~std::uint64_t{0});
}

EnergyModel::Rows EnergyModel::Evaluate(const std::string& when) const {
  Rows rows = All();
  if (when.empty() || !followed_) return rows;
  const LogicFunction function = Parse(when);
  for (std::size_t word = 0; word < rows.size(); ++word)
    rows[word] &= function.Evaluate(Values(word * 64, std::nullopt, 0));
  return rows;
}

EnergyModel::Rows EnergyModel::Sensitive(std::size_t output, std::size_t input) const {
  const bool variable =
      std::find(variable_names_.begin(), variable_names_.end(), input) != variable_names_.end();
  Rows rows = All(), none = rows;
  if (!variable || !functions_[output]) return rows;
  bool ever = false;
  for (std::size_t word = 0; word < rows.size(); ++word) {
    const auto low = Values(word * 64, input, 0),
               high = Values(word * 64, input, ~std::uint64_t{0});
    rows[word] &= low[output] ^ high[output];
    ever = ever || rows[word] != 0;
  }
  return ever ? rows : none;  // through a state: every row may do
}

std::size_t EnergyModel::AddCondition(Rows rows) {
  const auto found = std::find(conditions_.begin(), conditions_.end(), rows);
  if (found != conditions_.end()) return static_cast<std::size_t>(found - conditions_.begin());
  conditions_.push_back(std::move(rows));
  return conditions_.size() - 1;
}

namespace {

/// An arc without a condition holds where none of its siblings' conditions does.
void LeaveToSiblings(EnergyModel::Rows& rows, const std::vector<EnergyModel::Rows>& siblings) {
  for (const auto& sibling : siblings) {
    for (std::size_t word = 0; word < rows.size(); ++word) rows[word] &= ~sibling[word];
  }
}

}  // namespace

void EnergyModel::AddInput(std::size_t pin) {
  InputPin input{pin, clock_pins_[pin], {}};
  const auto& arcs = cell_->pins[pin].power;
  for (const PowerArc& arc : arcs) {
    Rows rows = Evaluate(arc.when);
    if (arc.when.empty() && followed_) {
      std::vector<Rows> siblings;
      for (const PowerArc& other : arcs) {
        if (!other.when.empty() && other.supply == arc.supply)
          siblings.push_back(Evaluate(other.when));
      }
      LeaveToSiblings(rows, siblings);
    }
    input.arcs.push_back({&arc, AddCondition(std::move(rows))});
  }
  inputs_.push_back(std::move(input));
}

void EnergyModel::AddOutput(std::size_t pin) {
  std::map<std::string, OutputPin> supplies;
  const auto& arcs = cell_->pins[pin].power;
  for (const PowerArc& arc : arcs) {
    OutputPin& output = supplies[arc.supply];
    Rows rows = Evaluate(arc.when);
    if (arc.when.empty() && followed_) {
      std::vector<Rows> siblings;
      for (const PowerArc& other : arcs) {
        if (!other.when.empty() && other.supply == arc.supply && other.input == arc.input)
          siblings.push_back(Evaluate(other.when));
      }
      LeaveToSiblings(rows, siblings);
    }
    if (arc.input && followed_) {
      const Rows sensitive = Sensitive(pin, *arc.input);
      for (std::size_t word = 0; word < rows.size(); ++word) rows[word] &= sensitive[word];
    }
    (arc.input ? output.caused : output.always).push_back({&arc, AddCondition(std::move(rows))});
  }
  for (auto& [supply, output] : supplies) {
    output.pin = pin;
    output.twin = Twin(pin);
    outputs_.push_back(std::move(output));
  }
}

std::optional<std::size_t> EnergyModel::Twin(std::size_t pin) const {
  if (!functions_[pin] || functions_[pin]->inputs().size() != 1) return std::nullopt;
  const auto source = [&](std::size_t output) {
    const std::size_t name = functions_[output]->inputs()[0];
    return name == cell_->pins.size() + 1 ? name - 1 : name;  // both states are one
  };
  for (std::size_t other = 0; other < cell_->pins.size(); ++other) {
    if (other == pin || !functions_[other] || functions_[other]->inputs().size() != 1) continue;
    if (source(other) == source(pin)) return other;
  }
  return std::nullopt;
}

namespace {

/// Scales the rows so that state and next state have the distribution that the cycles show.
void FitTransitions(const std::vector<std::uint8_t>& transitions, double change,
                    std::vector<double>& rows) {
  double is[4] = {};
  for (std::size_t row = 0; row < rows.size(); ++row) is[transitions[row]] += rows[row];
  const double one = is[2] + is[3];
  const double moves = std::min({change, one, 1 - one});
  const double wanted[4] = {1 - one - moves, moves, moves, one - moves};
  // Below 1 where the inputs never showed what the state did: the rest stands for all. Nothing is
  // left of a state held against its input by clear or preset: then nothing is known.
  double sum = 0;
  for (int kind = 0; kind < 4; ++kind) sum += is[kind] > 0 ? wanted[kind] : 0;
  if (sum <= 0) return;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const std::uint8_t kind = transitions[row];
    if (is[kind] > 0) rows[row] *= wanted[kind] / (is[kind] * sum);
  }
}

}  // namespace

void ConditionProbabilities(const EnergyModel& model, const std::vector<double>& ones,
                            std::optional<double> change, std::vector<double>& rows,
                            std::vector<double>& probabilities) {
  const std::size_t variables = ones.size();
  rows.assign(std::size_t{1} << variables, 0);
  rows[0] = 1;
  for (std::size_t k = 0; k < variables; ++k) {
    const std::size_t half = std::size_t{1} << k;
    for (std::size_t row = 0; row < half; ++row) {
      rows[row + half] = rows[row] * ones[k];
      rows[row] *= 1 - ones[k];
    }
  }
  if (change && !model.transitions().empty()) FitTransitions(model.transitions(), *change, rows);
  probabilities.clear();
  for (const auto& condition : model.conditions()) {
    double sum = 0;
    for (std::size_t word = 0; word < condition.size(); ++word) {
      for (std::uint64_t bits = condition[word]; bits != 0; bits &= bits - 1)
        sum += rows[word * 64 + static_cast<std::size_t>(std::countr_zero(bits))];
    }
    probabilities.push_back(sum);
  }
}

}  // namespace systole
