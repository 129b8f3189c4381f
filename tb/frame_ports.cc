// SPDX-License-Identifier: Apache-2.0
#include "tb/frame_ports.h"

#include <fmt/format.h>

namespace systole {

std::vector<FramePort> FramePorts(const rtl::Design& design) {
  const rtl::Module& top = design.Top();
  const rtl::Values defaults = top.Defaults();
  std::vector<FramePort> ports;
  std::size_t offset = 0;
  for (const rtl::Port& port : top.ports) {
    if (port.name == "clk_i" || port.name == "rst_ni") continue;
    const std::int64_t bits = port.width ? rtl::Evaluate(*port.width, defaults).value() : 1;
    ports.push_back({.name = port.name,
                     .output = port.direction == rtl::Direction::kOut,
                     .bits = static_cast<std::size_t>(bits),
                     .offset = offset});
    offset += (ports.back().bits + 7) / 8;
  }
  return ports;
}

rtl::File PortsHeader(const rtl::Design& design) {
  const std::vector<FramePort> ports = FramePorts(design);
  std::string copies;
  std::size_t bytes = 0;
  for (const FramePort& port : ports) {
    const std::size_t size = (port.bits + 7) / 8;
    copies +=
        fmt::format("  std::memcpy(frame + {}, &model.{}, {});\n", port.offset, port.name, size);
    bytes += size;
  }
  // Verilator keeps a port's bits in little-endian order, whatever its type.
  return {"tb/harness/ports.h", fmt::format(R"(#pragma once
#include <cstdint>
#include <cstring>
namespace systole {{
constexpr int kFrameBytes = {};
template <typename Model>
void PackFrame(const Model& model, std::uint8_t* frame) {{
{}}}
}}
)",
                                            bytes, copies)};
}

}  // namespace systole
