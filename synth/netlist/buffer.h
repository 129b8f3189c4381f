// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "synth/liberty/library.h"
#include "synth/netlist/netlist.h"

namespace systole {

struct BufferOptions {
  int max_fanout = 16;          ///< pins that one output drives, 2 or more
  double wire_capacitance = 0;  ///< farads of wire that each pin adds to its net
};

/// Gives every net whose load is above its driver's max_capacitance, or that has more than
/// `max_fanout` pins, a balanced tree of library buffers; each is the smallest that may drive its
/// load. Goes from the leaf modules up: what a parent sees of an input port is what is left behind
/// the buffers inside, and an output port's driver keeps room for one buffer outside. An output
/// port that repeats an input port gets a buffer, so that no net runs through a module. Pins are
/// grouped in the netlist's order: the same netlist and libraries give the same buffers.
///
/// Nets that end at clock pins are treated alike, but their buffers have names of their own
/// (kClockBufferPrefix): timing takes the clock as ideal, area and power count them.
///
/// Throws RequestError when buffers are needed and no library has one, or for a cell that is in no
/// library; RunError for a net with two drivers, and for one that is read and driven by nothing.
void InsertBuffers(Netlist& netlist, const std::vector<Library>& libraries,
                   const BufferOptions& options);

}  // namespace systole
