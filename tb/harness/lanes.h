// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>

namespace systole {

// Verilator keeps a port's bits in little-endian order, whatever its type; a port is memory here.

/// Writes `lanes` packed elements (one byte each up to 8 bits, else two) to a port of `width` bits
/// a lane. The bits above the last lane stay 0, as Verilator wants them.
template <int width>
inline void PackLanes(void* port, const std::uint8_t* elements, int lanes) {
  static_assert(width == 4 || width == 8 || width == 16);
  if constexpr (width == 4) {
    auto* bytes = static_cast<std::uint8_t*>(port);
    for (int i = 0; i < lanes; i += 2) {
      const int high = i + 1 < lanes ? elements[i + 1] & 15 : 0;
      bytes[i / 2] = static_cast<std::uint8_t>((elements[i] & 15) | high << 4);
    }
  } else {
    std::memcpy(port, elements, static_cast<std::size_t>(lanes) * (width / 8));
  }
}

/// Reads `lanes` two's complement values of `width` bits, cut to 32.
template <int width>
inline void UnpackLanes(std::int32_t* values, const void* port, int lanes) {
  static_assert(width >= 4 && width <= 48);
  const auto* bytes = static_cast<const std::uint8_t*>(port);
  for (int i = 0; i < lanes; ++i) {
    const int bit = i * width;
    std::uint64_t raw = 0;
    std::memcpy(&raw, bytes + bit / 8, (bit % 8 + width + 7) / 8);
    values[i] = static_cast<std::int32_t>(
        static_cast<std::int64_t>(raw << (64 - width - bit % 8)) >> (64 - width));
  }
}

/// The low `width` bits, the form in which a port takes a number.
constexpr std::uint64_t LowBits(std::uint64_t value, int width) {
  return width >= 64 ? value : value & ((std::uint64_t{1} << width) - 1);
}

}  // namespace systole
