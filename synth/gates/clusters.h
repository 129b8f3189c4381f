// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "synth/gates/circuit.h"
#include "synth/gates/flat_netlist.h"

namespace systole {

/// Between two edges of the clock, gates that do not hear of each other can be simulated one group
/// after the other, each through the whole time, with the same result. So a large design becomes
/// groups that fit the processor's caches.

/// A region of each cell: neighbouring blocks with at least `cells` cells together (a block is
/// never split), numbered from 1. All 0 when that makes fewer than two, and for `cells` 0.
std::vector<std::uint16_t> Regions(const FlatNetlist& netlist, std::uint32_t cells);

/// Turns the regions, which are in `cluster` of gates and registers, into clusters. Cluster 0 is
/// simulated first: the gates that reach gates of several regions without a register between. Each
/// of the others depends on cluster 0 and itself only. A register that something else than the
/// clock can change (clear, preset, a latch) counts as a gate. One cluster for a circuit with
/// memories, or with a clock network that may change between two edges of the clock: one with other
/// cells than buffers, inverters and clock gates (each held by a latch that is closed while the
/// clock is high).
void AssignClusters(Circuit& circuit, const std::vector<bool>& clock_network);

}  // namespace systole
