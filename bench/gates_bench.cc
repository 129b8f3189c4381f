// SPDX-License-Identifier: Apache-2.0
// Toggles a second of the gate simulator, on a square of adders that carry random numbers: about
// as many cells, glitches and reconvergent paths a bit as a multiplier array has.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdint>
#include <string>

#include "base/stimulus.h"
#include "synth/gates/simulator.h"

namespace systole {
namespace {

constexpr int kWidth = 24;  ///< bits of an adder

Cell MakeCell(const std::string& name, const std::vector<std::string>& inputs,
              const std::vector<std::pair<std::string, std::string>>& outputs, double delay) {
  Cell cell;
  cell.name = name;
  for (const std::string& input : inputs) {
    CellPin pin;
    pin.name = input;
    pin.capacitance = 2e-15;
    cell.pins.push_back(std::move(pin));
  }
  for (const auto& [output, function] : outputs) {
    CellPin pin;
    pin.name = output;
    pin.direction = CellPin::Direction::kOutput;
    pin.function = function;
    for (std::size_t input = 0; input < inputs.size(); ++input) {
      TimingArc arc;
      arc.input = input;
      arc.delay_rise = arc.delay_fall = {{}, {}, {delay * static_cast<double>(input + 2)}};
      arc.transition_rise = arc.transition_fall = {{}, {}, {delay}};
      pin.timing.push_back(std::move(arc));
    }
    cell.pins.push_back(std::move(pin));
  }
  return cell;
}

std::vector<Library> MakeLibraries() {
  Library library;
  library.cells = {
      MakeCell("XOR3", {"A", "B", "C"}, {{"Y", "A ^ B ^ C"}}, 23e-12),
      MakeCell("MAJ3", {"A", "B", "C"}, {{"Y", "(A B) + (C A) + (C B)"}}, 17e-12),
      MakeCell("DFF", {"CK", "D"}, {{"Q", "IQ"}}, 50e-12),
  };
  Cell& flip_flop = library.cells[2];
  flip_flop.sequential.emplace();
  flip_flop.sequential->state = "IQ";
  flip_flop.sequential->inverted_state = "IQN";
  flip_flop.sequential->clocked_on = "CK";
  flip_flop.sequential->next_state = "D";
  for (CellPin& pin : flip_flop.pins) {
    if (pin.timing.empty()) continue;
    pin.timing.resize(1);
    pin.timing[0].clock_edge = true;
  }
  for (std::size_t i = 0; i < library.cells.size(); ++i) {
    library.index[library.cells[i].name] = i;
  }
  return {std::move(library)};
}

/// `adders` adders a = a + rotated neighbour, each with a register; four cells a bit.
Netlist MakeNetlist(int adders) {
  NetlistModule top;
  top.name = top.block = "top";
  const auto net = [&](const std::string& name) {
    top.nets.push_back(name);
    return static_cast<Net>(top.nets.size() - 1);
  };
  const auto add = [&](const std::string& type,
                       const std::vector<std::pair<std::string, Net>>& pins) {
    NetlistInstance instance;
    instance.name = fmt::format("u{}", top.instances.size());
    instance.type = type;
    for (const auto& [pin, bit] : pins) instance.connections.push_back({pin, {bit}});
    top.instances.push_back(std::move(instance));
  };
  const Net clock = net("clk_i");
  top.ports.push_back({"clk_i", PortDirection::kInput, {clock}});
  std::vector<Net> input;
  for (int bit = 0; bit < kWidth; ++bit) input.push_back(net(fmt::format("in_i[{}]", bit)));
  top.ports.push_back({"in_i", PortDirection::kInput, input});
  std::vector<Net> before = input;
  for (int adder = 0; adder < adders; ++adder) {
    std::vector<Net> state, sum;
    for (int bit = 0; bit < kWidth; ++bit) state.push_back(net(fmt::format("q{}[{}]", adder, bit)));
    Net carry = kConstant0;
    for (int bit = 0; bit < kWidth; ++bit) {
      const Net s = net(fmt::format("s{}[{}]", adder, bit));
      const Net next = net(fmt::format("c{}[{}]", adder, bit));
      const Net b = before[static_cast<std::size_t>((bit * 7 + 3) % kWidth)];
      const Net q = state[static_cast<std::size_t>(bit)];
      add("XOR3", {{"A", q}, {"B", b}, {"C", carry}, {"Y", s}});
      add("MAJ3", {{"A", q}, {"B", b}, {"C", carry}, {"Y", next}});
      add("DFF", {{"CK", clock}, {"D", s}, {"Q", q}});
      carry = next;
    }
    before = state;
  }
  top.ports.push_back({"out_o", PortDirection::kOutput, before});
  return {{top}};
}

/// `blocks` instances of what MakeNetlist makes, each with the outputs of the one before.
Netlist MakeBlocks(int blocks, int adders) {
  Netlist netlist = MakeNetlist(adders);
  netlist.modules[0].name = netlist.modules[0].block = "chain";
  NetlistModule top;
  top.name = top.block = "top";
  const auto word = [&](const std::string& name) {
    std::vector<Net> nets;
    for (int bit = 0; bit < kWidth; ++bit) {
      top.nets.push_back(fmt::format("{}[{}]", name, bit));
      nets.push_back(static_cast<Net>(top.nets.size() - 1));
    }
    return nets;
  };
  top.nets.push_back("clk_i");
  top.ports.push_back({"clk_i", PortDirection::kInput, {0}});
  std::vector<Net> before = word("in_i");
  top.ports.push_back({"in_i", PortDirection::kInput, before});
  for (int block = 0; block < blocks; ++block) {
    const std::vector<Net> after = word(fmt::format("w{}", block));
    NetlistInstance instance;
    instance.name = fmt::format("u{}", block);
    instance.type = "chain";
    instance.is_module = true;
    instance.connections = {{"clk_i", {0}}, {"in_i", before}, {"out_o", after}};
    top.instances.push_back(std::move(instance));
    before = after;
  }
  top.ports.push_back({"out_o", PortDirection::kOutput, before});
  netlist.modules.push_back(std::move(top));
  return netlist;
}

void Simulate(benchmark::State& state, const Netlist& netlist, bool delays,
              std::uint32_t cluster_cells) {
  const auto libraries = MakeLibraries();
  const FlatNetlist flat = Flatten(netlist, libraries);
  const Timing timing = CalculateTiming(flat, {});
  GateSimulator simulator(flat,
                          {.timing = delays ? &timing : nullptr, .cluster_cells = cluster_cells});
  const std::size_t input = simulator.Port("in_i");
  Stimulus random(1);
  const auto cycle = [&] {
    simulator.SetInput(input, 0, kWidth, random.Next());
    simulator.RunCycle();
  };
  for (int i = 0; i < 4; ++i) cycle();
  const std::uint64_t toggles = simulator.toggles(), evaluations = simulator.evaluations();
  std::uint64_t cycles = 0;
  for (auto _ : state) {
    cycle();
    ++cycles;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(simulator.toggles() - toggles));
  state.counters["cells"] = static_cast<double>(flat.cells.size());
  state.counters["evaluations"] = benchmark::Counter(
      static_cast<double>(simulator.evaluations() - evaluations), benchmark::Counter::kIsRate);
  state.counters["toggles_cycle"] =
      static_cast<double>(simulator.toggles() - toggles) / static_cast<double>(cycles);
}

void WithoutDelays(benchmark::State& state) {
  Simulate(state, MakeNetlist(static_cast<int>(state.range(0))), false, 0);
}
void WithDelays(benchmark::State& state) {
  Simulate(state, MakeNetlist(static_cast<int>(state.range(0))), true, 0);
}
/// The same cells in blocks of 100 adders, which are simulated one after the other.
void InClusters(benchmark::State& state) {
  Simulate(state, MakeBlocks(static_cast<int>(state.range(0)) / 100, 100), true, 1);
}
BENCHMARK(WithoutDelays)->Arg(100)->Arg(10'000)->Unit(benchmark::kMillisecond);
BENCHMARK(WithDelays)->Arg(100)->Arg(10'000)->Unit(benchmark::kMillisecond);
BENCHMARK(InClusters)->Arg(10'000)->Unit(benchmark::kMillisecond);

/// Flattening and delay calculation; items are cells.
void Prepare(benchmark::State& state) {
  const auto libraries = MakeLibraries();
  const Netlist netlist = MakeNetlist(static_cast<int>(state.range(0)));
  std::size_t cells = 0;
  for (auto _ : state) {
    const FlatNetlist flat = Flatten(netlist, libraries);
    benchmark::DoNotOptimize(CalculateTiming(flat, {}));
    cells += flat.cells.size();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(cells));
}
BENCHMARK(Prepare)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace systole
