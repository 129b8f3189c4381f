// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "sw/map/gemm_blocks.h"
#include "sw/map/line_geometry.h"
#include "sw/map/plan_kinds.h"
#include "sw/map/vector_tiling.h"

namespace systole {
namespace {

/// One drain of a block.
struct VectorTile {
  std::int64_t product;
  VectorBlock block;
  bool column;  ///< the first column's drain, else the bottom row's
};

class VectorPlan final : public LayerPlan {
 public:
  VectorPlan(const Node& node, const NodeInputs& inputs, const ArrayLayer& layer, Tiling tiling,
             const ArrayConfig& config, GemmValues values)
      : layer_(layer),
        shape_(GemmShapeOf(layer)),
        config_(config),
        tiling_(std::move(tiling)),
        values_(std::move(values)),
        results_(node, inputs,
                 layer.kind == ArrayLayer::Kind::kMatMul ? layer.n : layer.out_channels, config),
        output_(results_.type(), OutputShape(inputs, layer)),
        last_block_(VectorBlocks(shape_.n, config) - 1) {
    CheckAccumulator(node, config, values_.weights, values_.zero, results_);
    depth_ = MakeGemmBlocks(PlaneProductsOf(layer), GemmPart{}, values_).depth;
    AppendPasses({.raw = layer.raw, .params = 1}, 0, shape_.k * layer.weight_parts,
                 MaxCount(config), true, true, passes_);
  }

  const ArrayLayer& layer() const override { return layer_; }
  const Tiling& tiling() const override { return tiling_; }
  std::uint64_t tile_count() const override { return tiling_.TileCount(); }
  bool StartsFresh(std::uint64_t index) const override { return !Locate(index).column; }
  Tensor TakeOutput() override { return std::move(output_); }

  void Form(std::uint64_t index, TileStream& tile) const override {
    const VectorTile at = Locate(index);
    tile.Clear();
    if (at.column) {
      tile.passes.push_back({.rows = static_cast<std::uint32_t>(at.block.up + 1),
                             .first = 0,
                             .raw = layer_.raw,
                             .params = 1,
                             .by_row = 1});
      tile.activations.assign(static_cast<std::size_t>(config_.rows), 0);
      tile.weights.assign(static_cast<std::size_t>(WeightLanes(config_)), 0);
      FormParams(at, 1, at.block.output + at.block.across, at.block.up, tile.params);
      return;
    }
    tile.passes = passes_;
    tile.passes.back().rows = 1;
    FormOperands(at, tile);
    FormParams(at, at.block.FirstColumn(), at.block.output, at.block.across, tile.params);
  }

  void Collect(std::uint64_t index, const std::vector<std::int32_t>& beats) override {
    const VectorTile at = Locate(index);
    const std::int64_t first = values_.out[static_cast<std::size_t>(at.product)] +
                               at.block.output * values_.out_steps.channel;
    WithOutput(output_, [&](auto store) {
      for (std::int64_t i = 0; i < (at.column ? at.block.up : at.block.across); ++i) {
        const std::int64_t output = at.column ? at.block.across + i : i;
        const std::int64_t from = at.column ? (i + 1) * config_.cols : at.block.FirstColumn() + i;
        store(first + output * values_.out_steps.channel, beats[static_cast<std::size_t>(from)]);
      }
    });
  }

 private:
  /// All full blocks of all products come first, then the products' last ones.
  VectorTile Locate(std::uint64_t index) const {
    auto tile = static_cast<std::int64_t>(index);
    const std::int64_t full_tiles = 2 * last_block_ * shape_.products;  // full blocks drain twice
    VectorTile at{};
    std::int64_t block = last_block_;
    if (tile < full_tiles) {
      at.product = tile / (2 * last_block_);
      block = tile / 2 % last_block_;
      at.column = tile % 2 != 0;
    }
    at.block = VectorBlockAt(block, shape_.n, config_);
    if (tile >= full_tiles) {
      tile -= full_tiles;
      at.product = tile / at.block.Tiles();
      at.column = tile % at.block.Tiles() != 0;
    }
    return at;
  }

  /// A bank: `unused` channels, then those of `count` outputs from `output` on.
  void FormParams(const VectorTile& at, std::int64_t unused, std::int64_t output,
                  std::int64_t count, std::vector<ChannelParam>& params) const {
    const auto product = static_cast<std::size_t>(at.product);
    const int zero = values_.zero[values_.zero.size() == 1 ? 0 : product];
    const std::int64_t* sums =
        values_.weights.sums.data() + values_.matrix[product] * shape_.n + output;
    const std::int64_t channel = values_.first_channel[product] + output;
    params.assign(static_cast<std::size_t>(unused), ChannelParam{});
    for (std::int64_t i = 0; i < count; ++i) {
      params.push_back(results_.Param(channel + i, sums[i], zero));
    }
    params.back().end = 1;
  }

  /// Step k: the vector's element k on the bottom row, and on the first column where the block goes
  /// up; row k of the weights on the other lanes of both edges.
  void FormOperands(const VectorTile& at, TileStream& tile) const {
    const auto rows = static_cast<std::size_t>(config_.rows);
    const auto lanes = static_cast<std::size_t>(WeightLanes(config_));
    const auto product = static_cast<std::size_t>(at.product);
    const auto steps = static_cast<std::size_t>(shape_.k * layer_.weight_parts);
    tile.activations.assign(steps * rows, 0);
    tile.weights.assign(steps * lanes, 0);
    const std::int8_t* vector = values_.activations.data() + values_.base[product];
    const std::int8_t* terms =
        values_.weights.terms.data() +
        values_.matrix[product] * static_cast<std::int64_t>(steps) * shape_.n + at.block.output;
    const auto across = static_cast<std::size_t>(at.block.across);
    for (std::size_t k = 0; k < steps; ++k, terms += shape_.n) {
      const std::int8_t x = vector[depth_[k % depth_.size()]];
      std::int8_t* bottom = &tile.activations[k * rows + rows - 1];
      std::int8_t* columns = &tile.weights[k * lanes];
      *bottom = x;
      for (std::int64_t i = 0; i < at.block.up; ++i) *(bottom - 1 - i) = terms[at.block.across + i];
      if (at.block.up > 0) *columns++ = x;
      std::memcpy(columns, terms, across);
    }
  }

  ArrayLayer layer_;
  GemmShape shape_;
  ArrayConfig config_;
  Tiling tiling_;
  GemmValues values_;
  ResultCode results_;
  Tensor output_;
  std::vector<std::int32_t> depth_;  ///< of a step with one weight part: offset of its input
  std::int64_t last_block_;          ///< of a product
  std::vector<Pass> passes_;
};

}  // namespace

std::unique_ptr<LayerPlan> MakeVectorPlan(const Node& node, const NodeInputs& inputs,
                                          const ArrayLayer& layer, Tiling tiling,
                                          const ArrayConfig& config) {
  return std::make_unique<VectorPlan>(node, inputs, layer, std::move(tiling), config,
                                      FindGemmValues(node, inputs, layer));
}

}  // namespace systole
