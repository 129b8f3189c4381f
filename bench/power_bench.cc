// SPDX-License-Identifier: Apache-2.0
// Reading a cell library, and the power of a netlist of 100,000 cells.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <string>

#include "base/stimulus.h"
#include "synth/power/power.h"

namespace systole {
namespace {

const std::filesystem::path kLibrary = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";

void BM_ReadLiberty(benchmark::State& state) {
  if (!std::filesystem::exists(kLibrary)) {
    state.SkipWithError("no qflow-tech-osu018");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(ReadLiberty(kLibrary).cells.size());
  state.SetBytesProcessed(state.iterations() *
                          static_cast<std::int64_t>(std::filesystem::file_size(kLibrary)));
}
BENCHMARK(BM_ReadLiberty)->Unit(benchmark::kMillisecond);

/// Random gates and registers; pins in the order of the library.
FlatNetlist RandomNetlist(const Library& library, std::size_t cells) {
  Stimulus random(1);
  FlatNetlist netlist;
  netlist.blocks.push_back({.name = "top", .module = "top"});
  for (const char* type : {"NAND2X1", "XOR2X1", "AOI21X1", "INVX1", "DFFPOSX1"})
    netlist.types.push_back(library.Find(type));
  netlist.ports.push_back({"clk_i", PortDirection::kInput, {0}});
  netlist.nets = 2;  // the clock and an input
  netlist.drivers = {-1, -1};
  for (std::size_t c = 0; c < cells; ++c) {
    const auto type = static_cast<std::uint32_t>(random.Below(netlist.types.size()));
    netlist.cells.push_back({type, 0, static_cast<std::uint32_t>(netlist.pin_nets.size())});
    const std::uint32_t before = netlist.nets;
    for (const CellPin& pin : netlist.types[type]->pins) {
      if (pin.direction == CellPin::Direction::kOutput) {
        netlist.drivers.push_back(static_cast<std::int32_t>(netlist.pin_nets.size()));
        netlist.pin_nets.push_back(static_cast<std::int32_t>(netlist.nets++));
      } else {
        netlist.pin_nets.push_back(
            pin.clock ? 0 : 1 + static_cast<std::int32_t>(random.Below(before - 1)));
      }
    }
  }
  netlist.net_block.assign(netlist.nets, 0);
  return netlist;
}

void BM_ComputePower(benchmark::State& state) {
  if (!std::filesystem::exists(kLibrary)) {
    state.SkipWithError("no qflow-tech-osu018");
    return;
  }
  const std::vector<Library> libraries = {ReadLiberty(kLibrary)};
  const FlatNetlist netlist = RandomNetlist(libraries[0], 100000);
  Activity activity;
  activity.cycles = 1000;
  activity.period = 10e-9;
  activity.toggles.assign(netlist.nets, 300);
  activity.cycles_high.assign(netlist.nets, 400);
  PowerOptions options;
  options.clock = "clk_i";
  for (auto _ : state)
    benchmark::DoNotOptimize(ComputePower(netlist, libraries, activity, options).watts());
  state.counters["cells"] = benchmark::Counter(static_cast<double>(state.iterations()) * 100000,
                                               benchmark::Counter::kIsRate);
}
BENCHMARK(BM_ComputePower)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace systole
