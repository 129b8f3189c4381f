// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <vector>

#include "sw/trace/guest.h"
#include "sw/trace/run.h"
#include "tests/support/tool.h"

namespace systole {

/// What keeps the guest from running: "" when the cross compiler and QEMU are there.
std::string GuestIsMissing();

/// Skips a test by name where what it needs is not installed.
#define SYSTOLE_NEED_GUEST() \
  if (const std::string missing = GuestIsMissing(); !missing.empty()) GTEST_SKIP() << missing

/// Turns of each loop in an operation, and tiles.
struct LoopCounts {
  std::array<std::uint64_t, kLoopCount> turns{};
  std::uint64_t tiles = 0;
};
std::vector<LoopCounts> CountLoops(const Program& program, MemoryImage& image);

/// Compiles the guest program and the plugin, once a process, and runs the program as the image
/// holds it now.
std::vector<GuestOp> RunGuest(const Program& program, const MemoryImage& image);

/// One operation as the instrumented kernels run it: its data accesses without those of the stack,
/// whose instructions are added to the next one.
struct TracedOp {
  std::vector<Access> accesses;
  std::uint64_t instructions = 0;
  std::uint64_t stack = 0;
};
std::vector<TracedOp> RunTraced(const Program& program, MemoryImage& image);

/// Fails the test unless address, size, direction and value of all accesses are the same, one by
/// one.
void ExpectSameAccesses(const std::vector<GuestOp>& guest, const std::vector<TracedOp>& traced);

}  // namespace systole
