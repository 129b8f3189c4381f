// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "gen/config/array_config.h"
#include "synth/flow/synthesize.h"
#include "synth/liberty/library.h"
#include "synth/overhead/array_workload.h"
#include "synth/overhead/study_run.h"
#include "tb/result_store.h"

namespace systole {

/// What ST-OS costs: the core with it against the core without, the same text but for that option,
/// mapped in the same way, at the same clock, on the same values.

/// Power of a core on a window of one layer.
struct LayerPower {
  std::string workload, layer, mapping;
  std::uint64_t cycles = 0;               ///< of the window
  std::uint64_t compared_bits = 0;        ///< of outputs that equal the RTL's
  double watts = 0;                       ///< with glitches
  double watts_zero_delay = 0;            ///< every gate
  std::uint64_t rows_sampled = 0;         ///< rows or parts of rows that ran with delays; 0: all
  std::uint64_t rows = 0;                 ///< of so many; 0: all
  double interval = 0;                    ///< of watts, on both sides, 95 % confidence
  std::map<std::string, double> groups;   ///< watts by PowerGroupName
  std::map<std::string, double> kinds;    ///< watts: switching, internal, leakage
  std::map<std::string, double> modules;  ///< watts by RTL module
};

/// Layers of a network that the core maps alike, with the energy of a cycle of one of them.
struct GroupEnergy {
  std::string mapping, sample;
  std::size_t layers = 0;
  std::uint64_t cycles = 0;
  double joules = 0;  ///< cycles times the sample's energy a cycle
};

/// One inference: every group of layers, its cycles times a sampled energy a cycle.
struct InferenceEnergy {
  std::string workload;
  std::uint64_t cycles = 0;
  double joules = 0;  ///< of the core alone: no memory stands around it
  std::vector<GroupEnergy> groups;
};

/// One core.
struct CoreFigures {
  ArrayConfig config;
  double area = 0;               ///< um2, buffers included, the clock's too
  double clock_buffer_area = 0;  ///< um2, part of it
  std::uint64_t cells = 0, registers = 0;
  std::map<std::string, double> modules;  ///< um2 by RTL module, over all instances
  double register_delay = 0;              ///< s, longest from register to register
  double min_period = 0;                  ///< s, by OpenSTA; 0: not asked for
  std::string sta_left_out;               ///< what OpenSTA was not shown, in words
  std::vector<LayerPower> layers;
  std::vector<InferenceEnergy> inferences;
};

struct ArrayOverhead {
  std::string library, library_hash;
  double nand2_area = 0;  ///< um2
  double period = 0;      ///< s, of both
  Provenance provenance;  ///< of the mapping
  CoreFigures baseline, extended;
};

struct OverheadSettings : StudyRun {
  std::uint64_t cycles = 600;   ///< of a layer that are simulated at gate level
  std::uint64_t warm_up = 200;  ///< of them that do not count
  /// Of cores with more cells than `every_gate`, so many rows (parts of 32 columns) are simulated
  /// with delays and stand for the others; 0: all. Both cores have the same ones.
  std::uint64_t sample_rows = 8;
  std::uint64_t every_gate = 2'000'000;
  double period = 0;  ///< s; 0: what both cores reach, by their register delays
  bool power = true;
  bool sta = false;  ///< the shortest period by OpenSTA, too: 0.2 ms a cell, kept in `store`
  std::filesystem::path store;  ///< of results; a study that was interrupted goes on from it
};

/// Maps both cores, and measures their power on the layers of the workloads. Throws as Synthesize,
/// RecordLayer and MeasurePower do.
ArrayOverhead MeasureArrayOverhead(int rows, int cols, const Library& library,
                                   const std::vector<ArrayWorkload>& workloads,
                                   const OverheadSettings& settings);

/// extended / baseline - 1.
double Overhead(double baseline, double extended);
/// What the extended core takes for the work of `baseline`: the same layer in the same mapping;
/// null when it maps it otherwise.
const LayerPower* SameWork(const ArrayOverhead& overhead, const LayerPower& baseline);

}  // namespace systole
