// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "sw/map/line_geometry.h"
#include "sw/map/plan_kinds.h"

namespace systole {
namespace {

/// One tile: a window of outputs of the streams of one bank of rows.
struct LineTile {
  std::int64_t channel, channels, spread;  ///< of the bank
  std::int64_t lines;                      ///< of a row's stream
  std::int64_t first, outputs;             ///< of the stream, in outputs
  bool begins;                             ///< the bank's first window
};

/// Steps [step, step + count) of a section take elements first, first + stride, ... of line `line`
/// of the row; all other steps take padding.
struct LineRun {
  std::int64_t line, step, count, first;
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
    const std::int64_t taps = lines.along.kernel, channels = layer.out_channels;
    weights_ = CodeWeightValues(node, *inputs.w, inputs.w_zero, code,
                                {1, channels, taps, 0, taps, 1, /*zeros_repeat=*/false});
    CheckAccumulator(node, config, weights_, zeros, results_);
    FindLines();
  }

  const ArrayLayer& layer() const override { return layer_; }
  const Tiling& tiling() const override { return tiling_; }
  std::uint64_t tile_count() const override { return tiling_.TileCount(); }
  bool StartsFresh(std::uint64_t index) const override { return Locate(index).begins; }
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
      for (std::int64_t row = 0; row < at.channels * at.spread; ++row) {
        CollectRow(at, row, beats.data() + row * config_.cols, store);
      }
    });
  }

 private:
  /// Where each line of a channel lies: batch by batch, across the kernel.
  void FindLines() {
    const std::int64_t in_plane = layer_.height.input * layer_.width.input;
    const std::int64_t out_plane = layer_.height.output * layer_.width.output;
    const std::int64_t in_step = lines_.along_width ? layer_.width.input : 1;
    const std::int64_t out_step = lines_.along_width ? layer_.width.output : 1;
    in_element_ = lines_.along_width ? 1 : layer_.width.input;
    out_element_ = lines_.along_width ? 1 : layer_.width.output;
    const ConvAxis& across = lines_.across;
    for (std::int64_t image = 0; image < layer_.batch; ++image) {
      for (std::int64_t i = 0; i < across.output; ++i) {
        const std::int64_t at = i * across.stride - across.pad_before;
        const bool inside = at >= 0 && at < across.input;
        line_in_.push_back(inside ? image * layer_.in_channels * in_plane + at * in_step : -1);
        line_out_.push_back(image * layer_.out_channels * out_plane + i * out_step);
      }
    }
  }

  LineTile Locate(std::uint64_t index) const {
    auto tile = static_cast<std::int64_t>(index);
    std::int64_t channel = 0;
    for (const LineTiling::Bank& bank : tiling_.lines.banks) {
      const LineGeometry::Windows windows = lines_.WindowsOf(bank.lines);
      const auto count = static_cast<std::int64_t>(bank.count);
      if (tile >= count * windows.Count()) {
        tile -= count * windows.Count();
        channel += count * bank.channels;
        continue;
      }
      const std::int64_t window = tile % windows.Count();
      channel += tile / windows.Count() * bank.channels;
      return {.channel = channel,
              .channels = bank.channels,
              .spread = bank.spread,
              .lines = bank.lines,
              .first = window == 0 ? 0 : windows.first + (window - 1) * lines_.window,
              .outputs = window == 0              ? windows.first
                         : window <= windows.full ? lines_.window
                                                  : windows.tail,
              .begins = window == 0};
    }
    throw RunError("a tile beyond the last was asked for");
  }

  bool Continues(const LineTile& at) const { return lines_.continued && !at.begins; }

  void FormPasses(const LineTile& at, std::vector<Pass>& passes) const {
    Pass form{.rows = static_cast<std::uint32_t>(at.channels * at.spread),
              .stos = 1,
              .raw = layer_.raw,
              .params = at.begins};
    for (std::size_t i = 0; i < lines_.sections.size(); ++i) {
      const StreamSection& section = lines_.sections[i];
      form.spacing = static_cast<std::uint32_t>(section.spacing);
      const std::int64_t fill = Continues(at) ? at.outputs - section.Span() : at.outputs - 1;
      AppendPasses(form, fill, section.taps, MaxCount(config_), i == 0,
                   i + 1 == lines_.sections.size(), passes);
    }
  }

  /// Runs of line elements among the steps of a section of a window.
  std::vector<LineRun> FindRuns(const LineTile& at, const StreamSection& section,
                                std::int64_t steps) const {
    // Step 0 takes element `start` of the phase; line l has elements l * period * stride +
    // pad_before + [0, used) of the stream.
    const std::int64_t stride = lines_.along.stride;
    const std::int64_t start = at.first + section.shift + (Continues(at) ? section.Span() - 1 : 0);
    std::vector<LineRun> runs;
    std::int64_t line = std::max<std::int64_t>(start / lines_.period - 1, 0);
    for (; line < at.lines; ++line) {
      const std::int64_t data = line * lines_.period * stride + lines_.along.pad_before;
      // Smallest n with stride * n + phase >= data, and the same for the line's end.
      const auto from = CeilDiv(data - section.phase, stride);
      const auto to = CeilDiv(data + lines_.used - section.phase, stride);
      const std::int64_t begin = std::max(from, start), end = std::min(to, start + steps);
      if (from >= start + steps) break;
      if (begin >= end) continue;
      runs.push_back({line, begin - start, end - begin, begin * stride + section.phase - data});
    }
    return runs;
  }

  void FormActivations(const LineTile& at, std::vector<std::int8_t>& beats) const {
    const std::int64_t lanes = config_.rows, rows = at.channels * at.spread;
    beats.assign(static_cast<std::size_t>(lines_.StepsOf(at.outputs, !Continues(at)) * lanes),
                 static_cast<std::int8_t>(zero_));
    std::int8_t* beat = beats.data();
    for (const StreamSection& section : lines_.sections) {
      const std::int64_t steps = Continues(at) ? at.outputs : at.outputs - 1 + section.Span();
      const auto runs = FindRuns(at, section, steps);
      for (std::int64_t row = 0; row < rows; ++row) {
        FormRow(at, row, runs, beat + (lanes - 1 - row));
      }
      beat += steps * lanes;
    }
  }

  void FormRow(const LineTile& at, std::int64_t row, const std::vector<LineRun>& runs,
               std::int8_t* lane) const {
    const std::int64_t channel = at.channel + row / at.spread;
    const std::int64_t first_line = row % at.spread * at.lines;
    const std::int64_t plane = layer_.height.input * layer_.width.input;
    const std::int64_t in_channel = channel / (layer_.out_channels / layer_.group);
    const std::int64_t lanes = config_.rows, step = in_element_ * lines_.along.stride;
    for (const LineRun& run : runs) {
      const std::int64_t line = first_line + run.line;
      if (line >= tiling_.lines.lines) break;
      const std::int64_t in = line_in_[static_cast<std::size_t>(line)];
      if (in < 0) continue;
      const std::int8_t* from =
          activations_.data() + in + in_channel * plane + run.first * in_element_;
      std::int8_t* to = lane + run.step * lanes;
      for (std::int64_t i = 0; i < run.count; ++i) to[i * lanes] = from[i * step];
    }
  }

  void FormWeights(const LineTile& at, std::vector<std::int8_t>& beats) const {
    const std::int64_t lanes = WeightLanes(config_), rows = at.channels * at.spread;
    std::int64_t taps = 0;
    for (const StreamSection& section : lines_.sections) taps += section.taps;
    beats.assign(static_cast<std::size_t>(taps * lanes), 0);
    std::int8_t* beat = beats.data();
    for (const StreamSection& section : lines_.sections) {
      for (std::int64_t i = 0; i < section.taps; ++i, beat += lanes) {
        const std::int64_t tap = section.first_tap + i * section.tap_step;
        const std::int8_t* from = weights_.terms.data() +
                                  (section.part * weights_.depth + tap) * weights_.channels +
                                  at.channel;
        std::int8_t* to = beat + (config_.rows - 1);
        for (std::int64_t row = 0; row < rows;) {
          for (std::int64_t copy = 0; copy < at.spread; ++copy) to[-row++] = *from;
          ++from;
        }
      }
    }
  }

  void FormParams(const LineTile& at, std::vector<ChannelParam>& params) const {
    for (std::int64_t row = 0; row < at.channels * at.spread; ++row) {
      const std::int64_t channel = at.channel + row / at.spread;
      params.push_back(
          results_.Param(channel, weights_.sums[static_cast<std::size_t>(channel)], zero_));
    }
    params.back().end = 1;
  }

  /// Column j holds output first + outputs - 1 - j of the row's stream.
  template <typename Store>
  void CollectRow(const LineTile& at, std::int64_t row, const std::int32_t* beat,
                  Store store) const {
    const std::int64_t channel = at.channel + row / at.spread;
    const std::int64_t first_line = row % at.spread * at.lines;
    const std::int64_t plane = layer_.height.output * layer_.width.output;
    const std::int64_t end = at.first + at.outputs;
    for (std::int64_t line = at.first / lines_.period; line < at.lines; ++line) {
      const std::int64_t start = line * lines_.period;
      const std::int64_t of_channel = first_line + line;
      if (start >= end || of_channel >= tiling_.lines.lines) break;
      const std::int64_t begin = std::max(start, at.first);
      const std::int64_t stop = std::min(start + lines_.along.output, end);
      const std::int64_t out =
          line_out_[static_cast<std::size_t>(of_channel)] + channel * plane - start * out_element_;
      for (std::int64_t u = begin; u < stop; ++u) {
        store(out + u * out_element_, beat[end - 1 - u]);
      }
    }
  }

  static std::int64_t CeilDiv(std::int64_t a, std::int64_t b) {
    return a >= 0 ? (a + b - 1) / b : -(-a / b);
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
  std::vector<std::int64_t> line_in_;   ///< first element in channel 0; -1 for a line of padding
  std::vector<std::int64_t> line_out_;  ///< likewise in the output
  std::int64_t in_element_ = 1, out_element_ = 1;
};

}  // namespace

std::unique_ptr<LayerPlan> MakeLinePlan(const Node& node, const NodeInputs& inputs,
                                        const ArrayLayer& layer, Tiling tiling,
                                        const ArrayConfig& config) {
  const auto lines = MakeLineGeometry(layer, config, tiling.lines.along_width);
  if (!lines) FailNode(node, "is no work for ST-OS");
  return std::make_unique<LinePlan>(node, inputs, layer, std::move(tiling), config, *lines);
}

}  // namespace systole
