// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/array_overhead.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "gen/systolic/systolic_core.h"
#include "synth/flow/timing.h"
#include "synth/overhead/measure.h"

namespace systole {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LayerPower, workload, layer, mapping, cycles, compared_bits,
                                   watts, watts_zero_delay, rows_sampled, rows, interval, groups,
                                   kinds, modules)

namespace {

using nlohmann::json;

constexpr std::uint64_t kSampleSeed = 1;

/// A core, mapped and taken apart. Its parts point at each other: it stays where it is.
struct MappedCore {
  ArrayConfig config;
  SynthesisResult synthesis;
  FlatNetlist flat;
};

std::unique_ptr<MappedCore> Map(const ArrayConfig& config, const std::vector<Library>& libraries,
                                const OverheadSettings& settings) {
  auto core = std::make_unique<MappedCore>();
  core->config = config;
  core->synthesis =
      Synthesize(MappingOf(BuildSystolicCore(config), libraries, ToString(config), settings));
  core->flat = Flatten(core->synthesis.netlist, libraries);
  return core;
}

CoreFigures Figures(const MappedCore& core, const OverheadSettings& settings) {
  const DesignArea& area = core.synthesis.area;
  CoreFigures figures;
  figures.config = core.config;
  figures.area = area.total.area;
  figures.clock_buffer_area = area.total.clock_buffer_area;
  figures.cells = area.total.cells;
  figures.registers = area.total.registers;
  for (const ModuleArea& module : area.modules) {
    figures.modules[module.block] += module.area * static_cast<double>(module.instances);
  }
  figures.register_delay = RegisterDelay(core.flat, settings.wire_per_fanout);
  return figures;
}

/// What decides a figure of a mapped core.
json Description(const MappedCore& core, const Library& library, const OverheadSettings& settings) {
  return {{"program", ProgramHash()},
          {"core", ToString(core.config)},
          {"rtl", core.synthesis.provenance.rtl_hash},
          {"options", core.synthesis.provenance.options},
          {"library", library.hash},
          {"wire", settings.wire_per_fanout}};
}

void AddTiming(const MappedCore& core, const Library& library, const OverheadSettings& settings,
               CoreFigures& figures) {
  TimingOptions options;
  options.wire_capacitance = settings.wire_per_fanout;
  options.cancelled = settings.cancelled;
  json description = Description(core, library, settings);
  description["sta"] = FindSta(options.sta).version;
  const json found = Kept<json>(settings.store, description, [&]() -> json {
    settings.Say(ToString(core.config), "OpenSTA");
    const TimingResult timing =
        AnalyzeTiming(core.synthesis.netlist, core.synthesis.libraries, options);
    return {{"min_period", timing.min_period}, {"left_out", timing.left_out}};
  });
  found.at("min_period").get_to(figures.min_period);
  found.at("left_out").get_to(figures.sta_left_out);
}

LayerPower Condense(const MeasuredPower& power) {
  LayerPower layer;
  layer.cycles = power.cycles;
  layer.compared_bits = power.compared_bits;
  layer.watts = power.timed.watts();
  layer.watts_zero_delay = power.zero_delay.watts();
  layer.rows_sampled = power.sampled;
  layer.rows = power.sampled_of;
  layer.interval = power.interval;
  for (std::size_t group = 0; group < kPowerGroups; ++group) {
    layer.groups[PowerGroupName(static_cast<PowerGroup>(group))] =
        power.timed.total.groups[group].total();
  }
  const PowerParts parts = power.timed.total.sum();
  layer.kinds = {
      {"switching", parts.switching}, {"internal", parts.internal}, {"leakage", parts.leakage}};
  for (const ModulePower& module : power.timed.modules) {
    layer.modules[module.module] += module.own.sum().total();
  }
  return layer;
}

LayerPower Measure(const MappedCore& core, const std::vector<Library>& libraries,
                   const ArrayWorkload& workload, const LayerGroup& group, double period,
                   const OverheadSettings& settings) {
  json description = Description(core, libraries[0], settings);
  description["period"] = period;
  description["cycles"] = {settings.warm_up, settings.cycles};
  description["layer"] = {workload.name, group.sample};
  const std::uint64_t sample =
      core.flat.cells.size() > settings.every_gate ? settings.sample_rows : 0;
  description["rows"] = sample;
  return Kept<LayerPower>(settings.store, description, [&] {
    settings.Say(ToString(core.config),
                 fmt::format("gates on {}, {}", workload.name, group.sample));
    const PortRecording recording =
        RecordLayer(workload, group.sample, core.config, settings.cycles, MappingSet::kBest,
                    settings.cache_dir);
    MeasureOptions options;
    options.period = period;
    options.wire_per_fanout = settings.wire_per_fanout;
    options.warm_up = settings.warm_up;
    options.sample = {.module = "systolic_row", .count = sample, .seed = kSampleSeed};
    LayerPower layer = Condense(MeasurePower(core.flat, libraries, recording, options));
    layer.workload = workload.name;
    layer.layer = group.sample;
    layer.mapping = group.mapping;
    return layer;
  });
}

void AddPower(const MappedCore& core, const std::vector<Library>& libraries,
              const std::vector<ArrayWorkload>& workloads, double period,
              const OverheadSettings& settings, CoreFigures& figures) {
  for (const ArrayWorkload& workload : workloads) {
    InferenceEnergy inference;
    inference.workload = workload.name;
    for (const LayerGroup& group : GroupLayers(workload, core.config)) {
      if (settings.cancelled && settings.cancelled()) throw RunError("interrupted");
      figures.layers.push_back(Measure(core, libraries, workload, group, period, settings));
      const double joules = figures.layers.back().watts * period;  // a cycle
      inference.groups.push_back({group.mapping, group.sample, group.layers, group.cycles,
                                  joules * static_cast<double>(group.cycles)});
      inference.cycles += group.cycles;
      inference.joules += inference.groups.back().joules;
    }
    figures.inferences.push_back(std::move(inference));
  }
}

}  // namespace

ArrayOverhead MeasureArrayOverhead(int rows, int cols, const Library& library,
                                   const std::vector<ArrayWorkload>& workloads,
                                   const OverheadSettings& settings) {
  const std::vector<Library> libraries = {library};
  ArrayConfig config;
  config.rows = rows;
  config.cols = cols;
  config.dataflow = Dataflow::kOs;
  const auto baseline = Map(config, libraries, settings);
  config.dataflow = Dataflow::kOsStos;
  const auto extended = Map(config, libraries, settings);

  ArrayOverhead overhead;
  overhead.library = library.name;
  overhead.library_hash = library.hash;
  overhead.nand2_area = library.Nand2Area();
  overhead.provenance = extended->synthesis.provenance;
  overhead.baseline = Figures(*baseline, settings);
  overhead.extended = Figures(*extended, settings);
  if (settings.sta) {
    AddTiming(*baseline, library, settings, overhead.baseline);
    AddTiming(*extended, library, settings, overhead.extended);
  }
  const double delay = std::max(overhead.baseline.register_delay, overhead.extended.register_delay);
  overhead.period =
      settings.period != 0 ? settings.period : PeriodWithRoom(delay, kRegisterDelayRoom);
  if (!settings.power) return overhead;
  AddPower(*baseline, libraries, workloads, overhead.period, settings, overhead.baseline);
  AddPower(*extended, libraries, workloads, overhead.period, settings, overhead.extended);
  return overhead;
}

double Overhead(double baseline, double extended) { return extended / baseline - 1; }

const LayerPower* SameWork(const ArrayOverhead& overhead, const LayerPower& baseline) {
  for (const LayerPower& layer : overhead.extended.layers) {
    if (layer.workload == baseline.workload && layer.layer == baseline.layer &&
        layer.mapping == baseline.mapping) {
      return &layer;
    }
  }
  return nullptr;
}

}  // namespace systole
