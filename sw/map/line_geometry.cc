// SPDX-License-Identifier: Apache-2.0
#include "sw/map/line_geometry.h"

#include <algorithm>
#include <numeric>

namespace systole {
namespace {

std::int64_t CeilDiv(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace

// Taps k of one phase are those of equal k * dilation modulo stride: every stride / gcd-th.
std::vector<StreamSection> MakeSections(const ConvAxis& axis, int parts) {
  const std::int64_t common = std::gcd(axis.dilation, axis.stride);
  const std::int64_t step = axis.stride / common;
  std::vector<StreamSection> sections;
  for (std::int64_t tap = 0; tap < std::min(axis.kernel, step); ++tap) {
    StreamSection section;
    section.phase = tap * axis.dilation % axis.stride;
    section.shift = tap * axis.dilation / axis.stride;
    section.first_tap = tap;
    section.tap_step = step;
    section.taps = CeilDiv(axis.kernel - tap, step);
    section.spacing = section.taps > 1 ? axis.dilation / common : 1;
    for (section.part = 0; section.part < parts; ++section.part) sections.push_back(section);
  }
  return sections;
}

std::int64_t UsedInputs(const ConvAxis& axis) {
  std::int64_t used = 0;
  for (const StreamSection& section : MakeSections(axis, 1)) {
    // Element n of the phase is position stride * n + offset; tap i reads elements shift +
    // i * spacing + [0, output).
    const std::int64_t offset = section.phase - axis.pad_before;
    const auto inside = [&](std::int64_t first, std::int64_t count) {
      const std::int64_t low = offset < 0 ? CeilDiv(-offset, axis.stride) : 0;
      const std::int64_t high =
          CeilDiv(std::max<std::int64_t>(axis.input - offset, 0), axis.stride);
      return std::max<std::int64_t>(std::min(first + count, high) - std::max(first, low), 0);
    };
    if (section.spacing <= axis.output) {
      used += inside(section.shift, section.Span() - 1 + axis.output);
    } else {
      for (std::int64_t i = 0; i < section.taps; ++i) {
        used += inside(section.shift + i * section.spacing, axis.output);
      }
    }
  }
  return used;
}

LineGeometry::Windows LineGeometry::WindowsOf(std::int64_t lines) const {
  const std::int64_t outputs = (lines - 1) * period + along.output;
  Windows windows{.first = std::min(outputs, window)};
  if (continued) {
    // The first window fills the rows, too: made shorter by that, it takes no longer than the
    // others.
    const std::int64_t shorter = window - (sections[0].Span() - 1);
    const bool in_as_many = CeilDiv(outputs - shorter, window) + 1 == CeilDiv(outputs, window);
    if (outputs > window && in_as_many) windows.first = shorter;
  }
  windows.full = (outputs - windows.first) / window;
  windows.tail = (outputs - windows.first) % window;
  // A stream goes on only past its last tap: a shorter window would have to begin before.
  if (continued && windows.tail > 0) windows.tail = std::max(windows.tail, sections[0].Span());
  return windows;
}

std::int64_t LineGeometry::StepsOf(std::int64_t outputs, bool fresh) const {
  if (continued && !fresh) return outputs;
  std::int64_t steps = 0;
  for (const StreamSection& section : sections) steps += outputs - 1 + section.Span();
  return steps;
}

std::optional<LineGeometry> MakeLineGeometry(const ArrayLayer& layer, const ArrayConfig& config,
                                             bool along_width) {
  if (config.dataflow != Dataflow::kOsStos || layer.kind != ArrayLayer::Kind::kConvolution ||
      layer.group != layer.in_channels) {
    return std::nullopt;
  }
  LineGeometry lines;
  lines.along_width = along_width;
  lines.along = along_width ? layer.width : layer.height;
  lines.across = along_width ? layer.height : layer.width;
  if (lines.across.kernel != 1) return std::nullopt;

  const ConvAxis& axis = lines.along;
  lines.sections = MakeSections(axis, layer.weight_parts);
  const std::int64_t most = MaxCount(config);
  if (lines.sections[0].spacing > most) return std::nullopt;
  const std::int64_t extent =
      axis.stride * (axis.output - 1) + (axis.kernel - 1) * axis.dilation + 1;
  lines.used = std::clamp<std::int64_t>(extent - axis.pad_before, 0, axis.input);
  // The zeros that end one line begin the next: the larger padding is enough for both.
  const std::int64_t gap = std::max(axis.pad_before, extent - axis.pad_before - lines.used);
  lines.period = std::max(CeilDiv(lines.used + gap, axis.stride), axis.output);
  lines.window = std::min<std::int64_t>(config.cols, most + 1);
  lines.continued = lines.sections.size() == 1 && lines.sections[0].Span() <= lines.window;
  return lines;
}

}  // namespace systole
