// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <span>

#include "base/error.h"
#include "synth/gates/delays.h"

namespace systole {
namespace {

constexpr std::uint32_t kNone = ~0u;

/// Depth first, from the outputs to the inputs, with a stack of its own: paths are long.
class Sorter {
 public:
  Sorter(const FlatNetlist& netlist, const std::vector<CellLogic>& models)
      : netlist_(netlist),
        models_(models),
        drivers_(netlist.nets, kNone),
        states_(netlist.cells.size() + netlist.memories.size(), State::kNew) {
    for (std::uint32_t cell = 0; cell < netlist.cells.size(); ++cell) {
      for (const auto& output : models[netlist.cells[cell].cell].outputs) {
        SetDriver(netlist.pin_nets[netlist.cells[cell].first_pin + output.pin], cell);
      }
    }
    for (std::size_t i = 0; i < netlist.memories.size(); ++i) {
      const auto node = static_cast<std::uint32_t>(netlist.cells.size() + i);
      for (const std::int32_t net : netlist.memories[i].ports.back().bits) SetDriver(net, node);
    }
  }

  std::vector<std::uint32_t> Run() {
    order_.reserve(states_.size());
    for (std::uint32_t node = 0; node < states_.size(); ++node) {
      if (states_[node] == State::kNew) Visit(node);
    }
    return std::move(order_);
  }

 private:
  enum class State : std::uint8_t { kNew, kOpen, kDone };
  struct Step {
    std::uint32_t node;
    std::uint32_t input;  ///< the next one to look at
  };

  void SetDriver(std::int32_t net, std::uint32_t node) {
    if (net >= 0) drivers_[static_cast<std::size_t>(net)] = node;
  }

  /// The node that drives an input, kNone when nothing has to stand before it. Moves `input` on to
  /// the next one; past the last one it becomes kNone.
  std::uint32_t NextDriver(std::uint32_t node, std::uint32_t& input) const {
    std::int32_t net = kUnconnected;
    if (node >= netlist_.cells.size()) {
      const FlatMemory& memory = netlist_.memories[node - netlist_.cells.size()];
      // Only a register file's read address is looked at between clock edges.
      const std::span<const std::int32_t> bits = memory.kind == MemoryKind::kRegisterFile
                                                     ? std::span(memory.ports[4].bits)
                                                     : std::span<const std::int32_t>();
      if (input >= bits.size()) {
        input = kNone;
        return kNone;
      }
      net = bits[input++];
    } else {
      const FlatCell& cell = netlist_.cells[node];
      const CellLogic& model = models_[cell.cell];
      if (input >= model.inputs.size()) {
        input = kNone;
        return kNone;
      }
      if (model.follows >> input & 1) net = netlist_.pin_nets[cell.first_pin + model.inputs[input]];
      ++input;
    }
    return net < 0 ? kNone : drivers_[static_cast<std::size_t>(net)];
  }

  void Visit(std::uint32_t first) {
    stack_.push_back({first, 0});
    states_[first] = State::kOpen;
    while (!stack_.empty()) {
      const std::uint32_t driver = NextDriver(stack_.back().node, stack_.back().input);
      if (stack_.back().input == kNone) {
        states_[stack_.back().node] = State::kDone;
        order_.push_back(stack_.back().node);
        stack_.pop_back();
      } else if (driver != kNone && states_[driver] == State::kNew) {
        states_[driver] = State::kOpen;
        stack_.push_back({driver, 0});
      } else if (driver != kNone && states_[driver] == State::kOpen) {
        const std::string name = driver < netlist_.cells.size()
                                     ? netlist_.CellName(driver)
                                     : netlist_.memories[driver - netlist_.cells.size()].name;
        throw RequestError(fmt::format("the netlist has a combinational loop through {}", name));
      }
    }
  }

  const FlatNetlist& netlist_;
  const std::vector<CellLogic>& models_;
  std::vector<std::uint32_t> drivers_;  ///< of each net: a cell, or a memory behind the cells
  std::vector<State> states_;
  std::vector<Step> stack_;
  std::vector<std::uint32_t> order_;
};

}  // namespace

std::vector<std::uint32_t> TopologicalOrder(const FlatNetlist& netlist,
                                            const std::vector<CellLogic>& models) {
  return Sorter(netlist, models).Run();
}

}  // namespace systole
