// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/math.h"
#include "sw/map/line_geometry.h"
#include "sw/map/plan_kinds.h"

namespace systole {
namespace {

/// One tile: a window of outputs of the streams of one bank of rows.
struct LineTile {
  const LineTiling::Bank* bank;
  std::int64_t channel;         ///< first of the bank
  std::int64_t first, outputs;  ///< of the stream, in stream outputs
  bool begins;                  ///< the bank's first window

  std::int64_t Rows() const { return bank->channels * bank->spread; }
};

/// Steps [step, step + count) of a section take every stride-th element of a line of the input,
/// from element `from` of channel 0 on; all other steps take padding.
struct LineRun {
  std::int64_t step, count, from;
};

class LinePlan final : public LayerPlan {
 public:
  LinePlan(const Node& node, const NodeInputs& inputs, const ArrayLayer& layer, Tiling tiling,
           const ArrayConfig& config, const LineGeometry& lines)
      : layer_(layer),
        config_(config),
        tiling_(std::move(tiling)),
        lines_(lines),
        results_(node, inputs, layer.out_channels, config),
        output_(results_.type(), OutputShape(inputs, layer)) {
    const WeightCode code = CodeWeights(inputs.w->type(), inputs.w_zero, true);
    const auto zeros = CodeZeros(node, *inputs.x, inputs.x_zero, code);
    if (zeros.size() != 1) FailNode(node, "the activations have several zero points");
    zero_ = zeros.front();
    activations_ = CodeActivations(*inputs.x, code);
    const std::int64_t taps = layer.Depth(), channels = layer.out_channels;
    weights_ = CodeWeightValues(node, *inputs.w, inputs.w_zero, code,
                                {1, channels, taps, 0, taps, 1, /*zeros_repeat=*/false});
    CheckAccumulator(node, config, weights_, zeros, results_);
    const bool along_width = lines.choice.along_width;
    in_element_ = along_width ? 1 : layer.width.input;
    in_line_ = along_width ? layer.width.input : 1;
    out_element_ = along_width ? 1 : layer.width.output;
    out_line_ = along_width ? layer.width.output : 1;
    tap_along_ = along_width ? 1 : layer.width.kernel;
    tap_across_ = along_width ? layer.width.kernel : 1;
  }

  const ArrayLayer& layer() const override { return layer_; }
  const Tiling& tiling() const override { return tiling_; }
  std::uint64_t tile_count() const override { return tiling_.TileCount(); }
  bool StartsFresh(std::uint64_t index) const override {
    const LineTile at = Locate(index);
    return at.begins && at.bank->shared == 0;
  }
  Tensor TakeOutput() override { return std::move(output_); }

  void Form(std::uint64_t index, TileStream& tile) const override {
    const LineTile at = Locate(index);
    tile.Clear();
    FormPasses(at, tile.passes);
    FormActivations(at, tile.activations);
    FormWeights(at, tile.weights);
    if (at.begins) FormParams(at, tile.params);
  }

  void Collect(std::uint64_t index, const std::vector<std::int32_t>& beats) override {
    const LineTile at = Locate(index);
    WithOutput(output_, [&](auto store) {
      for (std::int64_t row = 0; row < at.Rows(); ++row) {
        CollectRow(at, row, beats.data() + row * config_.cols, store);
      }
    });
  }

 private:
  LineTile Locate(std::uint64_t index) const {
    auto tile = static_cast<std::int64_t>(index);
    std::int64_t channel = 0;
    for (const LineTiling::Bank& bank : tiling_.lines.banks) {
      const LineGeometry::Windows windows = lines_.WindowsOf(bank.stream);
      const auto count = static_cast<std::int64_t>(bank.count);
      if (tile >= count * windows.Count()) {
        tile -= count * windows.Count();
        channel += count * bank.channels;
        continue;
      }
      const std::int64_t window = tile % windows.Count();
      LineTile at{.bank = &bank,
                  .channel = channel + tile / windows.Count() * bank.channels,
                  .first = 0,
                  .outputs = windows.first,
                  .begins = window == 0};
      if (window > 0) {
        at.first = windows.first + lines_.skip + (window - 1) * (lines_.window + lines_.skip);
        at.outputs = window <= windows.full ? lines_.window : windows.tail;
      }
      return at;
    }
    throw RunError("a tile beyond the last was asked for");
  }

  /// Elements of a section's stream of this window that the rows hold from the window before.
  std::int64_t Held(const LineTile& at, const StreamSection& section) const {
    if (at.begins) return at.bank->shared;
    return lines_.continued ? lines_.Span(section) - 1 : 0;
  }
  std::int64_t StepsOf(const LineTile& at, const StreamSection& section) const {
    return at.outputs - 1 + lines_.Span(section) - Held(at, section);
  }

  void FormPasses(const LineTile& at, std::vector<Pass>& passes) const {
    Pass form{.rows = static_cast<std::uint32_t>(at.Rows()),
              .stos = 1,
              .raw = layer_.raw,
              .params = at.begins};
    for (std::size_t i = 0; i < lines_.sections.size(); ++i) {
      const StreamSection& section = lines_.sections[i];
      form.spacing = static_cast<std::uint32_t>(section.along.spacing);
      std::int64_t fill = at.outputs - 1 - Held(at, section);
      for (std::int64_t line = 0; line < section.across.taps; ++line) {
        const bool ends = i + 1 == lines_.sections.size() && line + 1 == section.across.taps;
        AppendPasses(form, fill, section.along.taps, MaxCount(config_), i + line == 0, ends,
                     passes);
        fill = lines_.Gap(section);
      }
    }
  }

  /// Runs of input elements among the steps of a section of a window, for a row whose stream begins
  /// at line `begin` of the channel.
  std::vector<LineRun> FindRuns(const LineTile& at, const StreamSection& section,
                                std::int64_t steps, std::int64_t begin) const {
    const StreamAxis &along = lines_.along, &across = lines_.across;
    const std::int64_t image = layer_.in_channels * layer_.height.input * layer_.width.input;
    const std::int64_t start = at.first + lines_.Offset(section) + Held(at, section);
    std::vector<LineRun> runs;
    for (std::int64_t l = start / along.period; l * along.period < start + steps; ++l) {
      const std::int64_t line = begin + l, plane = line / across.period;
      const std::int64_t strip = plane % along.strips * along.strip * along.axis.stride;
      // Positions in the input of this line, and of the line's first element.
      const std::int64_t y =
          line % across.period * across.stride + section.across.phase - across.axis.pad_before;
      const std::int64_t x = strip + section.along.phase - along.axis.pad_before;
      if (plane >= lines_.planes) break;
      if (y < 0 || y >= across.used) continue;
      const std::int64_t low = std::max<std::int64_t>(CeilDiv(-x, along.stride), 0);
      const std::int64_t high = std::min(CeilDiv(along.used - x, along.stride), along.period);
      const std::int64_t first = std::max(l * along.period + low, start);
      const std::int64_t end = std::min(l * along.period + high, start + steps);
      if (first >= end) continue;
      runs.push_back({first - start, end - first,
                      plane / along.strips * image + y * in_line_ +
                          (x + (first - l * along.period) * along.stride) * in_element_});
    }
    return runs;
  }

  void FormActivations(const LineTile& at, std::vector<std::int8_t>& beats) const {
    const std::int64_t lanes = config_.rows, spread = at.bank->spread;
    std::int64_t all = 0;
    for (const StreamSection& section : lines_.sections) all += StepsOf(at, section);
    beats.assign(static_cast<std::size_t>(all * lanes), static_cast<std::int8_t>(zero_));
    std::int8_t* beat = beats.data();
    for (const StreamSection& section : lines_.sections) {
      const std::int64_t steps = StepsOf(at, section);
      for (std::int64_t of_channel = 0; of_channel < spread; ++of_channel) {
        const auto runs =
            FindRuns(at, section, steps, lines_.StreamLine(of_channel * at.bank->share));
        for (std::int64_t row = of_channel; row < at.Rows(); row += spread) {
          FormRow(at.channel + row / spread, runs, beat + (lanes - 1 - row));
        }
      }
      beat += steps * lanes;
    }
  }

  void FormRow(std::int64_t channel, const std::vector<LineRun>& runs, std::int8_t* lane) const {
    const std::int64_t in_channel = channel / (layer_.out_channels / layer_.group);
    const std::int8_t* plane =
        activations_.data() + in_channel * layer_.height.input * layer_.width.input;
    const std::int64_t lanes = config_.rows, step = in_element_ * lines_.along.stride;
    for (const LineRun& run : runs) {
      const std::int8_t* from = plane + run.from;
      std::int8_t* to = lane + run.step * lanes;
      for (std::int64_t i = 0; i < run.count; ++i) to[i * lanes] = from[i * step];
    }
  }

  void FormWeights(const LineTile& at, std::vector<std::int8_t>& beats) const {
    const std::int64_t lanes = WeightLanes(config_);
    std::int64_t taps = 0;
    for (const StreamSection& section : lines_.sections) taps += section.Taps();
    beats.assign(static_cast<std::size_t>(taps * lanes), 0);
    std::int8_t* to = beats.data() + (config_.rows - 1);
    for (const StreamSection& section : lines_.sections) {
      for (std::int64_t tap = 0; tap < section.Taps(); ++tap, to += lanes) {
        FormTap(at, section, tap, to);
      }
    }
  }

  /// The weight of each row, the bottom row's at `to`.
  void FormTap(const LineTile& at, const StreamSection& section, std::int64_t tap,
               std::int8_t* to) const {
    const AxisTaps &across = section.across, &along = section.along;
    const std::int64_t line = across.first_tap + tap / along.taps * across.tap_step;
    const std::int64_t position = along.first_tap + tap % along.taps * along.tap_step;
    const std::int64_t depth =
        section.part * weights_.depth + line * tap_across_ + position * tap_along_;
    const std::int8_t* from = weights_.terms.data() + depth * weights_.channels + at.channel;
    for (std::int64_t row = 0; row < at.Rows(); ++from) {
      for (std::int64_t copy = 0; copy < at.bank->spread; ++copy) to[-row++] = *from;
    }
  }

  void FormParams(const LineTile& at, std::vector<ChannelParam>& params) const {
    for (std::int64_t row = 0; row < at.Rows(); ++row) {
      const std::int64_t channel = at.channel + row / at.bank->spread;
      params.push_back(
          results_.Param(channel, weights_.sums[static_cast<std::size_t>(channel)], zero_));
    }
    params.back().end = 1;
  }

  /// Column j holds stream output first + outputs - 1 - j of the row.
  template <typename Store>
  void CollectRow(const LineTile& at, std::int64_t row, const std::int32_t* beat,
                  Store store) const {
    const StreamAxis &along = lines_.along, &across = lines_.across;
    const std::int64_t area = layer_.height.output * layer_.width.output;
    const std::int64_t channel = at.channel + row / at.bank->spread;
    const std::int64_t mine = row % at.bank->spread * at.bank->share;
    const std::int64_t begin = lines_.StreamLine(mine);
    const std::int64_t last =
        lines_.StreamLine(std::min(mine + at.bank->share, lines_.OutputLines()) - 1);
    const std::int64_t end = at.first + at.outputs;
    for (std::int64_t l = at.first / along.period; l * along.period < end; ++l) {
      const std::int64_t line = begin + l, plane = line / across.period;
      const std::int64_t y = line % across.period / across.keep;
      if (line > last) break;
      if (line % across.period % across.keep != 0 || y >= across.axis.output) continue;
      const std::int64_t strip = plane % along.strips * along.strip, image = plane / along.strips;
      const std::int64_t out = (image * layer_.out_channels + channel) * area + y * out_line_;
      // Outputs of the line from the window's first one on.
      const std::int64_t from = at.first - l * along.period, to = end - l * along.period;
      std::int64_t x = from > 0 ? CeilDiv(from, along.keep) : 0;
      const std::int64_t stop = std::min(along.strip, along.axis.output - strip);
      for (; x < stop && x * along.keep < to; ++x) {
        store(out + (strip + x) * out_element_, beat[to - 1 - x * along.keep]);
      }
    }
  }

  ArrayLayer layer_;
  ArrayConfig config_;
  Tiling tiling_;
  LineGeometry lines_;
  ResultCode results_;
  Tensor output_;
  int zero_ = 0;  ///< of the activations, coded: the padding
  std::vector<std::int8_t> activations_;
  CodedWeights weights_;
  // Distances along a line, and from line to line: of input, output, and the kernel's weights.
  std::int64_t in_element_ = 1, in_line_ = 1, out_element_ = 1, out_line_ = 1;
  std::int64_t tap_along_ = 1, tap_across_ = 1;
};

}  // namespace

std::unique_ptr<LayerPlan> MakeLinePlan(const Node& node, const NodeInputs& inputs,
                                        const ArrayLayer& layer, Tiling tiling,
                                        const ArrayConfig& config) {
  const auto lines = MakeLineGeometry(layer, config, tiling.lines.choice);
  if (!lines) FailNode(node, "is no work for ST-OS");
  return std::make_unique<LinePlan>(node, inputs, layer, std::move(tiling), config, *lines);
}

}  // namespace systole
