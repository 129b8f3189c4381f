// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gen/peers/peers.h"
#include "synth/flow/synthesize.h"
#include "synth/gates/flat_netlist.h"
#include "synth/liberty/library.h"
#include "synth/macros/band.h"
#include "synth/overhead/array_workload.h"
#include "synth/overhead/study_run.h"
#include "synth/peers/schedule.h"

namespace systole {

/// Our array beside textbook ones, at equal work: docs/peers.md.

/// An array and how Yosys maps it.
struct PeerRequest {
  std::string name;  ///< e.g. "os", "os booth", "os -noalumacc"
  PeerConfig config;
  std::string synth_options;  ///< of Yosys' `synth`
};

/// All of them for one size: ours, the baselines, the MACs that Yosys 0.23 and hand-written RTL
/// offer.
std::vector<PeerRequest> AllPeers(int rows, int cols);

/// The memory that a weight-stationary array keeps its sums in: modelled (ModelSram), one port;
/// a read and a write a cycle need more.
struct SumMemory {
  std::uint64_t bits = 0;
  std::optional<Band> area;            ///< um2; nothing: the library's node is not known
  std::optional<Band> energy_per_mac;  ///< J
};

struct PeerFigures {
  PeerRequest request;
  std::uint64_t cells = 0, registers = 0;  ///< of the array
  double area = 0;                         ///< um2 of the array, buffers included
  double element_area = 0;                 ///< um2 of one processing element
  double element_period = 0;               ///< s, shortest, of the element alone: its inputs arrive
                                           ///< at the clock edge, outputs have the whole cycle
  double period = 0;                       ///< s, shortest, of the array
  std::string from, to;                    ///< its worst path
  std::uint64_t cycles = 0;                ///< of the product, first operand to last result
  std::uint64_t macs = 0;
  std::uint64_t results = 0;             ///< rows of results, each exact, with and without delays
  double energy_per_mac = 0;             ///< J, with glitches, the whole array
  double energy_per_mac_zero_delay = 0;  ///< J
  double element_energy_per_mac = 0;     ///< J, with glitches, in the elements
  std::optional<SumMemory> memory;
  /// Multiply-accumulates a second at the shortest period, stalls counted.
  double MacsPerSecond() const {
    return static_cast<double>(macs) / static_cast<double>(cycles) / period;
  }
};

struct PeerStudy {
  std::string library, library_hash;
  double nand2_area = 0;  ///< um2
  double period = 0;      ///< s, at which energies are measured, one for all
  std::string workload, layer;
  std::size_t m = 0, k = 0, n = 0;
  Provenance provenance;  ///< of the first peer
  std::string sta;        ///< OpenSTA's version
  std::vector<PeerFigures> peers;
};

struct PeerSettings : StudyRun {
  bool power = true;
};

/// A part of a layer as the product that a rows x cols array computes at once: at least `m` rows
/// (pixels) of the layer's first block of columns, or all it has. The streams are those of the
/// mapping, as they stand at the array's ports. Throws RequestError when the network has no such
/// layer or maps it in another way.
GemmOperands LayerOperands(const ArrayWorkload& workload, const std::string& layer, int rows,
                           int cols, std::size_t m);

/// The array layer of most cycles on a plain array of this size.
std::string LongestLayer(const ArrayWorkload& workload, int rows, int cols);

/// Maps every peer and runs the product on its gates. Throws RunError at the first result that is
/// not the exact sum, and as Synthesize, AnalyzeTiming and MeasurePower.
PeerStudy MeasurePeers(const std::vector<PeerRequest>& requests, const Library& library,
                       const GemmOperands& operands, const PeerSettings& settings);

/// A schedule as it ran on the gates without delays.
struct PeerRun {
  PortRecording recording;    ///< inputs, and res_o of every cycle
  std::uint64_t results = 0;  ///< rows of results that were looked at
};

/// Runs a schedule on the gates, from registers at `seed` (0: all 0). Throws RunError when a result
/// is not the exact sum, naming cycle and lane.
PeerRun RunSchedule(const FlatNetlist& netlist, const PeerConfig& config,
                    const PeerSchedule& schedule, std::uint64_t seed = 0);

}  // namespace systole
