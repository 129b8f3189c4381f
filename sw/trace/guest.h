// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sw/trace/guest_format.h"
#include "sw/trace/program.h"

namespace systole {

/// Writes what guest_program.cpp runs: the operations, and the image's weights, activations and
/// workspace as they are now. Throws RunError when the file cannot be written.
void WriteGuestProgram(const Program& program, const MemoryImage& image,
                       const std::filesystem::path& path);

/// QEMU's arguments that make the plugin record the program's accesses and the markers.
std::string GuestPluginArguments(const std::filesystem::path& records);

/// The accesses of one operation as the plugin recorded them, without the markers.
struct GuestOp {
  std::vector<GuestRecord> records;
  std::uint64_t instructions = 0;  ///< of the operation: what runs between its markers
  std::uint64_t others = 0;        ///< accesses outside of the program's segments: the stack
};

/// Reads the plugin's file. Throws RequestError when it is not there or not whole.
std::vector<GuestOp> ReadGuestOps(const std::filesystem::path& records);

}  // namespace systole
