// SPDX-License-Identifier: Apache-2.0
#include "sw/map/line_geometry.h"

#include <algorithm>
#include <numeric>

#include "base/math.h"

namespace systole {
namespace {

/// An axis of which every line (plane) is whole.
StreamAxis LayAxis(const ConvAxis& axis, bool dense) {
  StreamAxis lay;
  lay.axis = axis;
  lay.keep = dense && axis.kernel > 1 ? axis.stride : 1;
  lay.stride = axis.stride / lay.keep;
  lay.strip = axis.output;
  const std::int64_t extent =
      axis.stride * (axis.output - 1) + (axis.kernel - 1) * axis.dilation + 1;
  lay.used = std::clamp<std::int64_t>(extent - axis.pad_before, 0, axis.input);
  // The zeros that end one line begin the next: the larger padding is enough for both.
  const std::int64_t gap = std::max(axis.pad_before, extent - axis.pad_before - lay.used);
  lay.period = std::max(CeilDiv(lay.used + gap, lay.stride), lay.StreamOutputs());
  return lay;
}

std::vector<AxisTaps> PhasesOf(const StreamAxis& lay) {
  ConvAxis axis = lay.axis;
  axis.stride = lay.stride;
  return PhasesOf(axis);
}

/// Cuts an axis into strips, each with all the elements that its outputs read.
void CutStrips(std::int64_t strips, const std::vector<AxisTaps>& phases, StreamAxis& lay) {
  lay.strip = CeilDiv(lay.axis.output, strips);
  lay.strips = CeilDiv(lay.axis.output, lay.strip);
  std::int64_t reach = 0;
  for (const AxisTaps& taps : phases) reach = std::max(reach, taps.shift + taps.Span() - 1);
  lay.period = lay.StreamOutputs() + reach;
}

}  // namespace

// Taps k of one phase are those of equal k * dilation modulo stride: every stride / gcd-th.
std::vector<AxisTaps> PhasesOf(const ConvAxis& axis) {
  const std::int64_t common = std::gcd(axis.dilation, axis.stride);
  const std::int64_t step = axis.stride / common;
  std::vector<AxisTaps> phases;
  for (std::int64_t tap = 0; tap < std::min(axis.kernel, step); ++tap) {
    AxisTaps& taps = phases.emplace_back();
    taps.phase = tap * axis.dilation % axis.stride;
    taps.shift = tap * axis.dilation / axis.stride;
    taps.first_tap = tap;
    taps.tap_step = step;
    taps.taps = CeilDiv(axis.kernel - tap, step);
    taps.spacing = taps.taps > 1 ? axis.dilation / common : 1;
  }
  return phases;
}

std::int64_t UsedInputs(const ConvAxis& axis) {
  std::int64_t used = 0;
  for (const AxisTaps& phase : PhasesOf(axis)) {
    // Element n of the phase is position stride * n + offset; tap i reads elements shift +
    // i * spacing + [0, output).
    const std::int64_t offset = phase.phase - axis.pad_before;
    const auto inside = [&](std::int64_t first, std::int64_t count) {
      const std::int64_t low = offset < 0 ? CeilDiv(-offset, axis.stride) : 0;
      const std::int64_t high =
          CeilDiv(std::max<std::int64_t>(axis.input - offset, 0), axis.stride);
      return std::max<std::int64_t>(std::min(first + count, high) - std::max(first, low), 0);
    };
    if (phase.spacing <= axis.output) {
      used += inside(phase.shift, phase.Span() - 1 + axis.output);
    } else {
      for (std::int64_t i = 0; i < phase.taps; ++i) {
        used += inside(phase.shift + i * phase.spacing, axis.output);
      }
    }
  }
  return used;
}

LineGeometry::Windows LineGeometry::WindowsOf(std::int64_t lines) const {
  const std::int64_t outputs = (lines - 1) * along.period + along.StreamOutputs();
  Windows windows{.first = std::min(outputs, window)};
  if (continued && choice.short_first) {
    // Filling the rows for a short window takes the time that the window leaves.
    windows.full = (outputs - 1) / window;
    windows.first = outputs - windows.full * window;
    return windows;
  }
  if (continued) {
    // The first window fills the rows, too: made shorter by that, it takes no longer than the
    // others.
    const std::int64_t shorter = window - (Span(sections[0]) - 1);
    const bool in_as_many = CeilDiv(outputs - shorter, window) + 1 == CeilDiv(outputs, window);
    if (outputs > window && in_as_many) windows.first = shorter;
  }
  const std::int64_t rest = outputs - windows.first;  // `skip` outputs of it before each window
  windows.full = rest / (window + skip);
  windows.tail = std::max<std::int64_t>(rest % (window + skip) - skip, 0);
  // A stream goes on only past its last tap: a shorter window would have to begin before.
  if (continued && windows.tail > 0) windows.tail = std::max(windows.tail, Span(sections[0]));
  return windows;
}

std::int64_t LineGeometry::StepsOf(std::int64_t outputs, bool fresh) const {
  if (continued && !fresh) return outputs;
  std::int64_t steps = 0;
  for (const StreamSection& section : sections) steps += outputs - 1 + Span(section);
  return steps;
}

std::int64_t LineGeometry::SharedPadding(std::int64_t share, std::int64_t stream) const {
  // A row that begins or ends within a plane has data there.
  if (!continued || !choice.short_first || share % across.axis.output != 0) return 0;
  const bool whole = along.strips == 1;
  const std::int64_t lead = CeilDiv(across.axis.pad_before, across.stride) * along.period +
                            (whole ? CeilDiv(along.axis.pad_before, along.stride) : 0);
  const std::int64_t planes_of_row = share / across.axis.output;
  const std::int64_t last_line = (planes_of_row - 1) * across.period +
                                 (across.axis.pad_before + across.used - 1) / across.stride;
  const std::int64_t last =
      last_line * along.period +
      (whole ? (along.axis.pad_before + along.used - 1) / along.stride : along.period - 1);
  const std::int64_t elements =
      (stream - 1) * along.period + along.StreamOutputs() + Span(sections[0]) - 1;
  const std::int64_t first_window = WindowsOf(stream).first;
  return std::clamp<std::int64_t>(elements - 1 - last, 0, std::min(lead, first_window - 1));
}

std::optional<LineGeometry> MakeLineGeometry(const ArrayLayer& layer, const ArrayConfig& config,
                                             const LineChoice& choice) {
  if (config.dataflow != Dataflow::kOsStos || layer.kind != ArrayLayer::Kind::kConvolution ||
      layer.group != layer.in_channels) {
    return std::nullopt;
  }
  LineGeometry lines;
  lines.choice = choice;
  lines.along = LayAxis(choice.along_width ? layer.width : layer.height, choice.dense);
  lines.across = LayAxis(choice.along_width ? layer.height : layer.width, choice.dense);
  const std::vector<AxisTaps> along = PhasesOf(lines.along), across = PhasesOf(lines.across);
  if (choice.strips > 1) CutStrips(choice.strips, along, lines.along);
  lines.planes = layer.batch * lines.along.strips;
  // The first phases have the most taps, and so the greatest spacing.
  if (across[0].taps > 1) {  // a kernel line's taps come before those of the next one
    lines.along.period = std::max(lines.along.period, CeilDiv(along[0].Span(), across[0].spacing));
  }
  for (const AxisTaps& a : across) {
    for (const AxisTaps& b : along) {
      for (int part = 0; part < layer.weight_parts; ++part) lines.sections.push_back({a, b, part});
    }
  }
  const std::int64_t most = MaxCount(config);
  if (along[0].spacing > most) return std::nullopt;
  if (across[0].taps > 1 && across[0].spacing * lines.along.period - 1 > most) return std::nullopt;
  lines.window = std::min<std::int64_t>(config.cols, most + 1);
  lines.continued = lines.sections.size() == 1 && lines.Span(lines.sections[0]) <= lines.window;
  if (!lines.continued && lines.across.axis.kernel > 1) {
    // Windows that are streamed anew hold whole lines.
    const std::int64_t outputs = lines.along.StreamOutputs();
    if (outputs > lines.window) return std::nullopt;
    lines.window -= (lines.window - outputs) % lines.along.period;
    lines.skip = lines.along.period - outputs;
  }
  return lines;
}

}  // namespace systole
