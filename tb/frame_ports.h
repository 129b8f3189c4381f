// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "gen/emit/design.h"

namespace systole {

/// Where a port stands in a recorded frame: ceil(bits / 8) bytes, bit 0 first.
struct FramePort {
  std::string name;
  bool output = false;
  std::size_t bits = 0;
  std::size_t offset = 0;  ///< bytes
};

/// The ports of a frame: all of the top module but `clk_i` and `rst_ni`, in its order.
std::vector<FramePort> FramePorts(const rtl::Design& design);

/// Called once a cycle with its frame: the ports as the rising edge that ends the cycle finds them.
/// The first cycle is the first one out of reset.
using FrameSink = std::function<void(const std::uint8_t* frame)>;

/// A sink as the harness calls it.
inline void CallFrameSink(void* context, const std::uint8_t* frame) {
  (*static_cast<const FrameSink*>(context))(frame);
}

/// The harness file `tb/harness/ports.h`, which packs a frame from a Verilated model of the design.
rtl::File PortsHeader(const rtl::Design& design);

}  // namespace systole
