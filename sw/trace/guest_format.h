// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the program in the guest, the plugin around it and the host agree on (docs/trace.md).

#include <cstdint>

namespace systole {

/// A store of 2 * i to this address begins operation i, a store of 2 * i + 1 ends it.
inline constexpr std::uint64_t kGuestMarker = 0x0ff0'0000;

/// The program file: this, `ranges` pairs of first and last address + 1, `ops` TraceOp, and the
/// contents of the ranges, one behind the other.
struct GuestHeader {
  std::uint64_t ranges = 0, ops = 0;
};

/// One data access in the plugin's file.
struct GuestRecord {
  std::uint64_t address = 0, value = 0;
  std::uint32_t instructions = 0;  ///< since the record before, this access included
  /// Accesses outside of the recorded addresses since the record before: the guest's stack.
  std::uint16_t others = 0;
  std::uint8_t bytes = 0;
  std::uint8_t write = 0;
};
static_assert(sizeof(GuestRecord) == 24);

}  // namespace systole
