// SPDX-License-Identifier: Apache-2.0
#include "synth/peers/study.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "synth/flow/timing.h"
#include "synth/gates/simulator.h"
#include "synth/macros/macro_figures.h"
#include "synth/overhead/measure.h"

namespace systole {
namespace {

/// An array, mapped and taken apart. Its parts point at each other: it stays where it is.
struct MappedPeer {
  SynthesisResult synthesis;
  FlatNetlist flat;
};

void Say(const PeerSettings& settings, const PeerRequest& request, const std::string& text) {
  if (settings.cancelled && settings.cancelled()) throw RunError("interrupted");
  settings.Say(request.name, text);
}

std::unique_ptr<MappedPeer> Map(const PeerRequest& peer, const std::vector<Library>& libraries,
                                const PeerSettings& settings) {
  auto mapped = std::make_unique<MappedPeer>();
  SynthesisRequest request = MappingOf(BuildPeer(peer.config), libraries, peer.name, settings);
  request.options.synth_options = peer.synth_options;
  mapped->synthesis = Synthesize(request);
  mapped->flat = Flatten(mapped->synthesis.netlist, libraries);
  return mapped;
}

/// The design of one module of `netlist` and what stands below it.
Netlist Below(const Netlist& netlist, const std::string& block) {
  Netlist below;
  for (const NetlistModule& module : netlist.modules) {
    below.modules.push_back(module);
    if (module.block == block) return below;
  }
  throw RunError(fmt::format("the mapped array has no {}", block));
}

void AddArea(const MappedPeer& peer, PeerFigures& figures) {
  const DesignArea& area = peer.synthesis.area;
  const PeerElement element = ElementOf(figures.request.config);
  figures.cells = area.total.cells;
  figures.registers = area.total.registers;
  figures.area = area.total.area;
  for (const ModuleArea& module : area.modules) {
    if (module.block == element.module) figures.element_area = module.area / element.elements;
  }
}

void AddTiming(const MappedPeer& peer, const std::vector<Library>& libraries,
               const PeerSettings& settings, PeerStudy& study, PeerFigures& figures) {
  TimingOptions options;
  options.wire_capacitance = settings.wire_per_fanout;
  options.cancelled = settings.cancelled;
  const Netlist& netlist = peer.synthesis.netlist;
  const TimingResult whole = AnalyzeTiming(netlist, libraries, options);
  figures.period = whole.min_period;
  figures.from = whole.from;
  figures.to = whole.to;
  study.sta = whole.tool;
  const std::string element = ElementOf(figures.request.config).module;
  figures.element_period = AnalyzeTiming(Below(netlist, element), libraries, options).min_period;
}

void AddEnergy(const MappedPeer& peer, const std::vector<Library>& libraries,
               const PeerSettings& settings, const PeerSchedule& schedule, double period,
               PeerFigures& figures) {
  const PeerRun run = RunSchedule(peer.flat, figures.request.config, schedule);
  figures.results = run.results;
  MeasureOptions options;
  options.period = period;
  options.wire_per_fanout = settings.wire_per_fanout;
  options.warm_up = schedule.begin;
  const MeasuredPower power = MeasurePower(peer.flat, libraries, run.recording, options);
  const double joules = period * static_cast<double>(power.cycles);  // a watt
  const double macs = static_cast<double>(figures.macs);
  figures.energy_per_mac = power.timed.watts() * joules / macs;
  figures.energy_per_mac_zero_delay = power.zero_delay.watts() * joules / macs;
  const std::string element = ElementOf(figures.request.config).module;
  for (const ModulePower& module : power.timed.modules) {
    if (module.module != element) continue;
    figures.element_energy_per_mac = module.own.sum().total() * joules / macs;
  }
}

/// Of the sums of a weight-stationary array: a word a row of the product.
SumMemory MemoryOf(const PeerConfig& config, std::size_t m, const Library& library) {
  const MacroShape shape{static_cast<int>(m), config.cols * config.acc_width};
  SumMemory memory;
  memory.bits = m * static_cast<std::uint64_t>(shape.width);
  try {
    const MacroFigures figures = ModelSram(shape, NodeOf(library));
    memory.area = figures.area;
    memory.energy_per_mac = (1.0 / (config.rows * config.cols)) * (figures.read + figures.write);
  } catch (const RequestError&) {
    // The node of the library is not known: the size alone is told.
  }
  return memory;
}

}  // namespace

std::vector<PeerRequest> AllPeers(int rows, int cols) {
  std::vector<PeerRequest> peers;
  const auto add = [&](PeerKind kind, MacStyle mac, const std::string& options) {
    PeerConfig config{.kind = kind, .mac = mac, .rows = rows, .cols = cols};
    const std::string name = ToString(config);
    peers.push_back({options.empty() ? name : name + " " + options, config, options});
  };
  add(PeerKind::kSystole, MacStyle::kOwnWidth, "");
  add(PeerKind::kInPlace, MacStyle::kOwnWidth, "");
  add(PeerKind::kBroadcast, MacStyle::kOwnWidth, "");
  add(PeerKind::kWeightStationary, MacStyle::kOwnWidth, "");
  add(PeerKind::kSystole, MacStyle::kOwnWidth, "-noalumacc");
  for (const MacStyle mac : {MacStyle::kFused, MacStyle::kBooth, MacStyle::kRipple,
                             MacStyle::kKoggeStone, MacStyle::kPipelined}) {
    add(PeerKind::kInPlace, mac, "");
  }
  return peers;
}

PeerRun RunSchedule(const FlatNetlist& netlist, const PeerConfig& config,
                    const PeerSchedule& schedule, std::uint64_t seed) {
  PeerPorts ports(config);
  PeerRun run{ports.Empty(), 0};
  SimulatorOptions options;
  options.seed = seed;
  GateSimulator simulator(netlist, options);
  std::vector<std::size_t> of_netlist;
  for (const RecordedPort& port : run.recording.ports()) {
    of_netlist.push_back(simulator.Port(port.name));
  }
  const auto width = static_cast<std::uint32_t>(config.acc_width);
  const auto cycle = [&](const PeerCycle* now) {
    for (std::size_t i = 0; i < ports.result(); ++i) {
      for (std::uint32_t bit = 0; bit < run.recording.ports()[i].width; ++bit) {
        simulator.SetInput(of_netlist[i], bit, 1,
                           run.recording.Bits(run.recording.cycles() - 1, i, bit, 1));
      }
    }
    simulator.RunCycle();
    for (std::uint32_t lane = 0; lane < static_cast<std::uint32_t>(config.cols); ++lane) {
      const std::uint64_t value = simulator.Output(of_netlist[ports.result()], lane * width, width);
      run.recording.Set(ports.result(), lane * width, width, value);
      if (now == nullptr || now->result.empty()) continue;
      const std::uint64_t mask = (std::uint64_t{1} << width) - 1;
      const std::uint64_t expected = static_cast<std::uint64_t>(now->result[lane]) & mask;
      if (value == expected) continue;
      throw RunError(fmt::format("{}: lane {} of the result in cycle {} is {:#x}, the sum {:#x}",
                                 ToString(config), lane, now - schedule.cycles.data(), value,
                                 expected));
    }
    if (now != nullptr && !now->result.empty()) ++run.results;
  };
  for (std::size_t i = 0; i < PeerPorts::kResetCycles; ++i) {
    ports.AddReset(run.recording);
    cycle(nullptr);
  }
  for (const PeerCycle& now : schedule.cycles) {
    ports.Add(run.recording, now);
    cycle(&now);
  }
  return run;
}

PeerStudy MeasurePeers(const std::vector<PeerRequest>& requests, const Library& library,
                       const GemmOperands& operands, const PeerSettings& settings) {
  const std::vector<Library> libraries = {library};
  PeerStudy study;
  study.library = library.name;
  study.library_hash = library.hash;
  study.nand2_area = library.Nand2Area();
  study.m = operands.m;
  study.k = operands.k;
  study.n = operands.n;
  std::vector<std::unique_ptr<MappedPeer>> mapped;
  std::vector<PeerSchedule> schedules;
  double delay = 0;
  for (const PeerRequest& request : requests) {
    Say(settings, request, "mapping");
    mapped.push_back(Map(request, libraries, settings));
    schedules.push_back(MakeSchedule(request.config, operands));
    delay = std::max(delay, RegisterDelay(mapped.back()->flat, settings.wire_per_fanout));
    PeerFigures figures;
    figures.request = request;
    figures.cycles = schedules.back().length();
    figures.macs = schedules.back().macs;
    AddArea(*mapped.back(), figures);
    Say(settings, request, "OpenSTA");
    AddTiming(*mapped.back(), libraries, settings, study, figures);
    if (request.config.kind == PeerKind::kWeightStationary) {
      figures.memory = MemoryOf(request.config, operands.m, library);
    }
    study.peers.push_back(std::move(figures));
  }
  if (!mapped.empty()) study.provenance = mapped.front()->synthesis.provenance;
  study.period = PeriodWithRoom(delay, kRegisterDelayRoom);
  for (std::size_t i = 0; settings.power && i < requests.size(); ++i) {
    Say(settings, requests[i], "gates");
    AddEnergy(*mapped[i], libraries, settings, schedules[i], study.period, study.peers[i]);
  }
  return study;
}

}  // namespace systole
