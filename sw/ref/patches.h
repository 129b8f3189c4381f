// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "sw/ref/window.h"

namespace systole::ref {

/// One tap of one channel for the outputs [begin, end): what it reads of `plane`, or 0 in padding.
template <typename T>
void GatherTap(const Window& window, const T* plane, const Window::Triple& tap, std::int64_t begin,
               std::int64_t end, T* out, std::int64_t out_stride) {
  std::int64_t x = begin % window.out[2];
  std::int64_t y = begin / window.out[2] % window.out[1];
  std::int64_t z = begin / window.out[2] / window.out[1];
  for (std::int64_t position = begin; position < end;) {
    const std::int64_t run = std::min(end - position, window.out[2] - x);
    const std::int64_t in_z = window.At(0, z, tap[0]), in_y = window.At(1, y, tap[1]);
    const bool inside = window.Inside(0, in_z) && window.Inside(1, in_y);
    const T* line = inside ? plane + (in_z * window.in[1] + in_y) * window.in[2] : nullptr;
    for (std::int64_t i = 0; i < run; ++i) {
      const std::int64_t in_x = window.At(2, x + i, tap[2]);
      *out = inside && window.Inside(2, in_x) ? line[in_x] : T{0};
      out += out_stride;
    }
    position += run;
    x = 0;
    if (++y == window.out[1]) {
      y = 0;
      ++z;
    }
  }
}

/// The patches (im2col) of the outputs [begin, end) over `channels` planes: reduction index
/// k = (channel, tap), output p - begin, at out[k * tap_stride + (p - begin) * out_stride].
template <typename T>
void GatherPatches(const Window& window, const T* planes, std::int64_t channels, std::int64_t begin,
                   std::int64_t end, T* out, std::int64_t tap_stride, std::int64_t out_stride) {
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t z = 0; z < window.kernel[0]; ++z) {
      for (std::int64_t y = 0; y < window.kernel[1]; ++y) {
        for (std::int64_t x = 0; x < window.kernel[2]; ++x) {
          GatherTap(window, planes + c * window.InCount(), {z, y, x}, begin, end, out, out_stride);
          out += tap_stride;
        }
      }
    }
  }
}

}  // namespace systole::ref
