// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "gen/config/array_config.h"
#include "sw/map/layer.h"
#include "sw/map/tiling.h"

namespace systole {

/// The taps of one axis that read one phase of its stride: tap i of output u multiplies element
/// u + shift + i * spacing of the phase, which is position stride * element + phase of the padded
/// axis, with the kernel's weight first_tap + i * tap_step.
struct AxisTaps {
  std::int64_t phase = 0, shift = 0;
  std::int64_t first_tap = 0, tap_step = 1, taps = 1, spacing = 1;

  /// Elements from the first tap to the last.
  std::int64_t Span() const { return (taps - 1) * spacing + 1; }
};

/// The taps of one axis of a convolution by phase; phases without taps are left out.
std::vector<AxisTaps> PhasesOf(const ConvAxis& axis);

/// Positions of an axis that at least one output reads; padding does not count.
std::int64_t UsedInputs(const ConvAxis& axis);

/// One axis of a depthwise convolution in the stream of a row (docs/mapping.md, "Packed lines").
struct StreamAxis {
  ConvAxis axis{};
  std::int64_t stride = 1;  ///< input positions from one element of a phase to the next
  std::int64_t keep = 1;    ///< stream outputs from one output of the layer to the next
  std::int64_t strip = 1;   ///< outputs of the layer in a strip: all of them across the lines
  std::int64_t strips = 1;
  std::int64_t used = 0;    ///< input positions [0, used) that outputs need
  std::int64_t period = 1;  ///< stream outputs from one line's (plane's) first to the next one's

  /// Stream outputs from a strip's first output to its last one.
  std::int64_t StreamOutputs() const { return (strip - 1) * keep + 1; }
};

/// One stream of a window with ST-OS: a phase of the strides, and one part of its weights.
struct StreamSection {
  AxisTaps across{}, along{};
  int part = 0;

  std::int64_t Taps() const { return across.taps * along.taps; }
};

/// How the lines and planes of a depthwise convolution stand in the stream of a row: line v of the
/// stream begins at element v * along.period of each phase, plane q (a strip of an image) at line
/// q * across.period.
struct LineGeometry {
  StreamAxis along{}, across{};  ///< the axis of the lines, and the other one
  LineChoice choice{};
  std::int64_t planes = 1;  ///< images x strips of one channel
  std::int64_t window = 1;  ///< stream outputs of one window at most
  std::int64_t skip = 0;    ///< stream outputs dropped between two windows
  bool continued = false;   ///< windows go on with the stream of the one before
  std::vector<StreamSection> sections;

  /// The element of the first tap for output 0, and the elements from the first tap to the last.
  std::int64_t Offset(const StreamSection& section) const {
    return section.across.shift * along.period + section.along.shift;
  }
  std::int64_t Span(const StreamSection& section) const {
    return (section.across.taps - 1) * section.across.spacing * along.period + section.along.Span();
  }
  /// Steps without a tap between the taps of two kernel lines.
  std::int64_t Gap(const StreamSection& section) const {
    return section.across.spacing * along.period - section.along.Span();
  }
  /// The stream line of output line `line` of a channel: plane by plane, across the lines.
  std::int64_t StreamLine(std::int64_t line) const {
    return line / across.axis.output * across.period + line % across.axis.output * across.keep;
  }
  std::int64_t OutputLines() const { return planes * across.axis.output; }

  /// The windows of one stream, in stream outputs.
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
  /// Elements of padding that end the streams of a bank and begin those of the next one, so that
  /// they need to be streamed once. `share` are the lines of a row, `stream` those of its stream.
  std::int64_t SharedPadding(std::int64_t share, std::int64_t stream) const;
};

/// The geometry of `layer` laid out as chosen, or nothing where ST-OS cannot run it: no depthwise
/// layer, a strip wider than a window that it has to fit in, a step that no pass counter holds, or
/// an array without ST-OS.
std::optional<LineGeometry> MakeLineGeometry(const ArrayLayer& layer, const ArrayConfig& config,
                                             const LineChoice& choice);

/// The longest count that a pass can hold.
constexpr std::int64_t MaxCount(const ArrayConfig& config) {
  return (std::int64_t{1} << config.count_width) - 1;
}

}  // namespace systole
