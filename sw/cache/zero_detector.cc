// SPDX-License-Identifier: Apache-2.0
#include "sw/cache/zero_detector.h"

#include <cstdlib>
#include <cstring>

namespace systole {
namespace {

template <typename Lane>
bool WithinMagnitude(const std::uint8_t* line, int bytes, Lane magnitude_bits,
                     std::uint32_t threshold) {
  for (int at = 0; at < bytes; at += static_cast<int>(sizeof(Lane))) {
    Lane lane;
    std::memcpy(&lane, line + at, sizeof lane);
    if ((lane & magnitude_bits) > threshold) return false;
  }
  return true;
}

}  // namespace

bool IsZeroLine(const std::uint8_t* line, int bytes) {
  std::uint64_t any = 0;
  for (int at = 0; at < bytes; at += 8) {
    std::uint64_t word;
    std::memcpy(&word, line + at, sizeof word);
    any |= word;
  }
  return any == 0;
}

bool ZeroDetector::IsZero(const std::uint8_t* line, int bytes) const {
  switch (lanes) {
    case ZeroLanes::kExact:
      return IsZeroLine(line, bytes);
    case ZeroLanes::kFloat32:
      return WithinMagnitude<std::uint32_t>(line, bytes, 0x7fffffffu, threshold);
    case ZeroLanes::kFloat16:
      return WithinMagnitude<std::uint16_t>(line, bytes, std::uint16_t{0x7fff}, threshold);
    case ZeroLanes::kInt8:
      for (int at = 0; at < bytes; ++at) {
        const int magnitude = std::abs(static_cast<std::int8_t>(line[at]));
        if (static_cast<std::uint32_t>(magnitude) > threshold) return false;
      }
      return true;
  }
  return false;
}

}  // namespace systole
