// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "sw/map/gemm_blocks.h"
#include "sw/map/line_geometry.h"
#include "sw/map/plan_kinds.h"

namespace systole {
namespace {

/// One tile: rows [row, row + rows) of a part by its column block of products from `group` and
/// channels from `channel` on.
struct GemmTile {
  std::size_t part;
  std::int64_t group, channel, row, rows;
};

class GemmPlan final : public LayerPlan {
 public:
  GemmPlan(const Node& node, const NodeInputs& inputs, const ArrayLayer& layer, Tiling tiling,
           const ArrayConfig& config, GemmValues values)
      : layer_(layer),
        config_(config),
        tiling_(std::move(tiling)),
        values_(std::move(values)),
        results_(node, inputs,
                 layer.kind == ArrayLayer::Kind::kMatMul ? layer.n : layer.out_channels, config),
        output_(results_.type(), OutputShape(inputs, layer)) {
    CheckAccumulator(node, config, values_.weights, values_.zero, results_);
    const PlaneProducts planes = PlaneProductsOf(layer);
    for (const GemmPart& part : tiling_.parts) {
      blocks_.push_back(MakeGemmBlocks(planes, part, values_));
      AppendPasses({.raw = layer.raw}, 0, part.Steps() * layer.weight_parts, MaxCount(config), true,
                   true, passes_.emplace_back());
    }
  }

  const ArrayLayer& layer() const override { return layer_; }
  const Tiling& tiling() const override { return tiling_; }
  std::uint64_t tile_count() const override { return tiling_.TileCount(); }
  bool StartsFresh(std::uint64_t index) const override { return Locate(index).row == 0; }
  Tensor TakeOutput() override { return std::move(output_); }

  void Form(std::uint64_t index, TileStream& tile) const override {
    const GemmTile at = Locate(index);
    tile.passes = passes_[at.part];
    tile.passes.back().rows = static_cast<std::uint32_t>(at.rows);
    tile.params.clear();
    if (at.row == 0) {
      tile.passes.back().params = 1;
      FormParams(at, tile.params);
    }
    FormActivations(at, tile.activations);
    FormWeights(at, tile.weights);
  }

  void Collect(std::uint64_t index, const std::vector<std::int32_t>& beats) override {
    const GemmTile at = Locate(index);
    WithOutput(output_, [&](auto store) {
      for (std::int64_t i = 0; i < at.rows; ++i) {
        CollectRow(at, at.row + i, beats.data() + i * config_.cols, store);
      }
    });
  }

 private:
  /// Part by part; in a part all channels of the first products first, and for each block of
  /// columns all rows.
  GemmTile Locate(std::uint64_t index) const {
    auto tile = static_cast<std::int64_t>(index);
    for (std::size_t i = 0; i < tiling_.parts.size(); ++i) {
      const GemmPart& part = tiling_.parts[i];
      const std::int64_t tiles = part.RowTiles(), columns = tile / tiles;
      if (columns >= part.ColumnBlocks()) {
        tile -= tiles * part.ColumnBlocks();
        continue;
      }
      const std::int64_t of_group = part.channels / part.tile_channels;
      const std::int64_t row = tile % tiles * part.tile_rows;
      return {.part = i,
              .group = part.first_group + columns / of_group * part.tile_groups,
              .channel = part.first_channel + columns % of_group * part.tile_channels,
              .row = row,
              .rows = std::min(part.tile_rows, part.Rows() - row)};
    }
    throw RunError("a tile beyond the last was asked for");
  }

  void FormParams(const GemmTile& at, std::vector<ChannelParam>& params) const {
    const GemmPart& part = tiling_.parts[at.part];
    for (std::int64_t group = at.group; group < at.group + part.tile_groups; ++group) {
      const auto product = static_cast<std::size_t>(group);
      const int zero = values_.zero[values_.zero.size() == 1 ? 0 : product];
      const std::int64_t* sums = values_.weights.sums.data() +
                                 values_.matrix[product] * values_.weights.channels + at.channel;
      const std::int64_t channel = values_.first_channel[product] + at.channel;
      for (std::int64_t position = 0; position < part.Positions(); ++position) {
        for (std::int64_t c = 0; c < part.tile_channels; ++c) {
          params.push_back(results_.Param(channel + c, sums[c], zero));
        }
      }
    }
    params.back().end = 1;
  }

  /// Lane Rows - 1 - i of a beat is row i. Slot by slot, each row group with its product of the
  /// slot, the window is streamed; all that once a weight part.
  void FormActivations(const GemmTile& at, std::vector<std::int8_t>& beats) const {
    const GemmPart& part = tiling_.parts[at.part];
    const GemmBlocks& blocks = blocks_[at.part];
    const auto lanes = static_cast<std::size_t>(config_.rows);
    const auto rows = static_cast<std::size_t>(at.rows);
    const std::size_t once = static_cast<std::size_t>(part.Steps()) * lanes;
    beats.resize(once * static_cast<std::size_t>(layer_.weight_parts));
    std::vector<std::int32_t> start(rows);
    std::int8_t* beat = beats.data();
    for (std::int64_t slot = 0; slot < part.Slots(); ++slot) {
      for (std::size_t i = 0; i < rows; ++i) {
        const std::int64_t row = at.row + static_cast<std::int64_t>(i);
        const std::int64_t group = slot * part.row_groups + row / part.blocks;
        start[rows - 1 - i] =
            static_cast<std::int32_t>(values_.base[static_cast<std::size_t>(at.group + group)]) +
            blocks.in[static_cast<std::size_t>(row % part.blocks)];
      }
      for (const std::int32_t depth : blocks.depth) {
        const std::int8_t* from = values_.activations.data() + depth;
        std::memset(beat, 0, lanes - rows);
        std::int8_t* to = beat + (lanes - rows);
        for (std::size_t i = 0; i < rows; ++i) to[i] = from[start[i]];
        beat += lanes;
      }
    }
    for (int copy = 1; copy < layer_.weight_parts; ++copy, beat += once) {
      std::memcpy(beat, beats.data(), once);
    }
  }

  /// A column has weights in the slot of its product, in the steps that its position reads.
  void FormWeights(const GemmTile& at, std::vector<std::int8_t>& beats) const {
    const GemmPart& part = tiling_.parts[at.part];
    const auto lanes = static_cast<std::size_t>(WeightLanes(config_));
    const CodedWeights& weights = values_.weights;
    const std::int64_t plane = weights.depth * weights.channels;
    const auto steps = static_cast<std::size_t>(part.Steps());
    beats.assign(steps * static_cast<std::size_t>(layer_.weight_parts) * lanes, 0);
    for (int term = 0; term < layer_.weight_parts; ++term) {
      std::int8_t* of_term = beats.data() + static_cast<std::size_t>(term) * steps * lanes;
      for (std::int64_t group = 0; group < part.tile_groups; ++group) {
        const std::int64_t matrix = values_.matrix[static_cast<std::size_t>(at.group + group)];
        const std::int64_t step = group / part.row_groups * part.window;
        FormWindow(
            at.part,
            weights.terms.data() + (matrix * layer_.weight_parts + term) * plane + at.channel,
            of_term + static_cast<std::size_t>(step) * lanes +
                group * part.Positions() * part.tile_channels);
      }
    }
  }

  /// The weights of one product in all steps of its window.
  void FormWindow(std::size_t index, const std::int8_t* from, std::int8_t* beat) const {
    const GemmPart& part = tiling_.parts[index];
    const GemmBlocks& blocks = blocks_[index];
    const auto lanes = static_cast<std::size_t>(WeightLanes(config_));
    const auto channels = static_cast<std::size_t>(part.tile_channels);
    const std::int64_t stride = values_.weights.channels;
    const std::size_t window = blocks.first_tap.size() - 1;
    const std::size_t in_channels = blocks.depth.size() / window;
    const std::int64_t kernel = values_.weights.depth / static_cast<std::int64_t>(in_channels);
    for (std::size_t channel = 0; channel < in_channels; ++channel, from += kernel * stride) {
      for (std::size_t step = 0; step < window; ++step, beat += lanes) {
        const auto* tap = blocks.taps.data() + blocks.first_tap[step];
        const auto* end = blocks.taps.data() + blocks.first_tap[step + 1];
        for (; tap != end; ++tap) {
          std::memcpy(beat + static_cast<std::size_t>(tap->position) * channels,
                      from + tap->tap * stride, channels);
        }
      }
    }
  }

  /// The columns of the products of the row's group; outputs that an earlier block has are left.
  template <typename Store>
  void CollectRow(const GemmTile& at, std::int64_t row, const std::int32_t* beat,
                  Store store) const {
    const GemmPart& part = tiling_.parts[at.part];
    const GemmBlocks& blocks = blocks_[at.part];
    const auto block = static_cast<std::size_t>(row % part.blocks);
    const std::int64_t step = values_.out_steps.channel;
    for (std::int64_t group = row / part.blocks; group < part.tile_groups;
         group += part.row_groups) {
      const std::int64_t out = values_.out[static_cast<std::size_t>(at.group + group)] +
                               blocks.out[block] + at.channel * step;
      const std::int32_t* of_group = beat + group * part.Positions() * part.tile_channels;
      for (std::int64_t y = blocks.skip_y[block]; y < part.block_height; ++y) {
        for (std::int64_t x = blocks.skip_x[block]; x < part.block_width; ++x) {
          const std::int64_t position = y * part.block_width + x;
          const std::int64_t to = out + blocks.position[static_cast<std::size_t>(position)];
          const std::int32_t* from = of_group + position * part.tile_channels;
          for (std::int64_t c = 0; c < part.tile_channels; ++c) store(to + c * step, from[c]);
        }
      }
    }
  }

  ArrayLayer layer_;
  ArrayConfig config_;
  Tiling tiling_;
  GemmValues values_;
  ResultCode results_;
  Tensor output_;
  std::vector<GemmBlocks> blocks_;         ///< of a part
  std::vector<std::vector<Pass>> passes_;  ///< of a part
};

}  // namespace

std::unique_ptr<LayerPlan> MakeGemmPlan(const Node& node, const NodeInputs& inputs,
                                        const ArrayLayer& layer, Tiling tiling,
                                        const ArrayConfig& config) {
  return std::make_unique<GemmPlan>(node, inputs, layer, std::move(tiling), config,
                                    FindGemmValues(node, inputs, layer));
}

Shape OutputShape(const NodeInputs& inputs, const ArrayLayer& layer) {
  const Shape &x = inputs.x->shape(), &w = inputs.w->shape();
  if (layer.kind == ArrayLayer::Kind::kConvolution) {
    if (x.size() == 3) return {layer.batch, layer.out_channels, layer.width.output};
    return {layer.batch, layer.out_channels, layer.height.output, layer.width.output};
  }
  Shape out(std::max<std::size_t>({x.size(), w.size(), 2}) - 2, 1);
  for (const Shape& operand : {x, w}) {
    for (std::size_t i = 2; i < operand.size(); ++i) {
      const std::int64_t dim = operand[operand.size() - 1 - i];
      std::int64_t& to = out[out.size() + 1 - i];
      to = std::max(to, dim);
    }
  }
  if (x.size() > 1) out.push_back(x[x.size() - 2]);
  if (w.size() > 1) out.push_back(w.back());
  return out;
}

}  // namespace systole
