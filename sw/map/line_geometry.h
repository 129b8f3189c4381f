// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "gen/config/array_config.h"
#include "sw/map/layer.h"

namespace systole {

/// One stream of a window with ST-OS: a phase of the stride, and one part of its weights. For
/// output u, tap i multiplies input element stride * (u + shift + i * spacing) + phase of the
/// row's stream with the kernel's weight first_tap + i * tap_step.
struct StreamSection {
  std::int64_t phase = 0, shift = 0;
  std::int64_t first_tap = 0, tap_step = 1, taps = 1, spacing = 1;
  int part = 0;

  /// Stream elements from the first tap to the last.
  std::int64_t Span() const { return (taps - 1) * spacing + 1; }
};

/// The streams of one axis of a convolution, its taps ordered by phase, each once a weight part.
std::vector<StreamSection> MakeSections(const ConvAxis& axis, int parts);

/// Positions of an axis that at least one output reads; padding does not count.
std::int64_t UsedInputs(const ConvAxis& axis);

/// How the lines of a 1-D depthwise convolution stand in the stream of a row (docs/mapping.md,
/// "Packed lines"). Line l has its padded start at l * period * stride.
struct LineGeometry {
  ConvAxis along{}, across{};  ///< the axis of the kernel, and the other one
  bool along_width = true;
  std::int64_t used = 0;    ///< elements of an input line that outputs need
  std::int64_t period = 1;  ///< outputs from one line's first to the next line's
  std::int64_t window = 1;  ///< outputs of one window at most
  bool continued = false;   ///< windows go on with the stream of the one before
  std::vector<StreamSection> sections;

  /// The windows of one stream, in outputs.
  struct Windows {
    std::int64_t first = 1;  ///< of the first window
    std::int64_t full = 0;   ///< further windows of `window` outputs
    std::int64_t tail = 0;   ///< of one more, shorter window; 0: there is none
    std::int64_t Count() const { return 1 + full + (tail > 0 ? 1 : 0); }
  };
  /// The windows of a stream of `lines` lines.
  Windows WindowsOf(std::int64_t lines) const;
  /// Steps of a window of `outputs`; `fresh` when it does not go on with an earlier one.
  std::int64_t StepsOf(std::int64_t outputs, bool fresh) const;
};

/// The geometry of `layer` with its kernel along the width or the height, or nothing where ST-OS
/// cannot run it: no depthwise layer, a kernel across the line, a dilation that no pass counter
/// holds, or an array without ST-OS.
std::optional<LineGeometry> MakeLineGeometry(const ArrayLayer& layer, const ArrayConfig& config,
                                             bool along_width);

/// The longest count that a pass can hold.
constexpr std::int64_t MaxCount(const ArrayConfig& config) {
  return (std::int64_t{1} << config.count_width) - 1;
}

}  // namespace systole
