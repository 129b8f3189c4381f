// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstring>

#include "sw/map/gemm_values.h"
#include "sw/map/line_geometry.h"
#include "sw/map/plan_kinds.h"

namespace systole {
namespace {

/// One tile: pixels [pixel, pixel + rows) by channels [channel, channel + cols) of one product.
struct GemmTile {
  std::int64_t product, channel, cols, pixel, rows;
};

class GemmPlan final : public LayerPlan {
 public:
  GemmPlan(const Node& node, const NodeInputs& inputs, const ArrayLayer& layer, Tiling tiling,
           const ArrayConfig& config, GemmValues values)
      : layer_(layer),
        shape_(GemmShapeOf(layer)),
        config_(config),
        tiling_(std::move(tiling)),
        values_(std::move(values)),
        results_(node, inputs,
                 layer.kind == ArrayLayer::Kind::kMatMul ? layer.n : layer.out_channels, config),
        output_(results_.type(), OutputShape(inputs, layer)),
        pixel_blocks_((shape_.m + config.rows - 1) / config.rows),
        full_blocks_(shape_.n / config.cols) {
    CheckAccumulator(node, config, values_.weights, values_.zero, results_);
    AppendPasses({.raw = layer.raw}, 0, shape_.k * layer.weight_parts, MaxCount(config), true, true,
                 passes_);
  }

  const ArrayLayer& layer() const override { return layer_; }
  const Tiling& tiling() const override { return tiling_; }
  std::uint64_t tile_count() const override { return tiling_.TileCount(); }
  bool StartsFresh(std::uint64_t index) const override {
    return index % static_cast<std::uint64_t>(pixel_blocks_) == 0;
  }
  Tensor TakeOutput() override { return std::move(output_); }

  void Form(std::uint64_t index, TileStream& tile) const override {
    const GemmTile at = Locate(index);
    tile.passes = passes_;
    tile.passes.back().rows = static_cast<std::uint32_t>(at.rows);
    tile.params.clear();
    if (at.pixel == 0) {
      tile.passes.back().params = 1;
      FormParams(at, tile.params);
    }
    FormActivations(at, tile.activations);
    FormWeights(at, tile.weights);
  }

  void Collect(std::uint64_t index, const std::vector<std::int32_t>& beats) override {
    const GemmTile at = Locate(index);
    WithOutput(output_, [&](auto store) {
      const std::int64_t first =
          values_.out[static_cast<std::size_t>(at.product)] + at.channel * values_.out_channel;
      for (std::int64_t i = 0; i < at.rows; ++i) {
        const std::int32_t* beat = beats.data() + i * config_.cols;
        const std::int64_t to = first + values_.out_pixel[static_cast<std::size_t>(at.pixel + i)];
        for (std::int64_t c = 0; c < at.cols; ++c) store(to + c * values_.out_channel, beat[c]);
      }
    });
  }

 private:
  /// Full blocks of channels of all products come first, then the narrower last ones; in a block of
  /// channels, all pixels.
  GemmTile Locate(std::uint64_t index) const {
    const std::int64_t block = static_cast<std::int64_t>(index) / pixel_blocks_;
    const std::int64_t full = shape_.products * full_blocks_;
    GemmTile tile{};
    tile.pixel = (static_cast<std::int64_t>(index) % pixel_blocks_) * config_.rows;
    tile.rows = std::min<std::int64_t>(config_.rows, shape_.m - tile.pixel);
    const bool narrow = block >= full;
    tile.product = narrow ? block - full : block / full_blocks_;
    tile.channel = (narrow ? full_blocks_ : block % full_blocks_) * config_.cols;
    tile.cols = narrow ? shape_.n - tile.channel : config_.cols;
    return tile;
  }

  void FormParams(const GemmTile& at, std::vector<ChannelParam>& params) const {
    const auto product = static_cast<std::size_t>(at.product);
    const int zero = values_.zero[values_.zero.size() == 1 ? 0 : product];
    const std::int64_t* sums =
        values_.weights.sums.data() + values_.matrix[product] * shape_.n + at.channel;
    const std::int64_t channel = values_.first_channel[product] + at.channel;
    for (std::int64_t c = 0; c < at.cols; ++c) {
      params.push_back(results_.Param(channel + c, sums[c], zero));
    }
    params.back().end = 1;
  }

  /// Lane Rows - 1 - i of beat k is A[i][k]. The reduction is streamed once a weight part.
  void FormActivations(const GemmTile& at, std::vector<std::int8_t>& beats) const {
    const auto lanes = static_cast<std::size_t>(config_.rows);
    const auto rows = static_cast<std::size_t>(at.rows);
    std::array<std::int32_t, 128> pixel;
    for (std::size_t i = 0; i < rows; ++i) {
      pixel[rows - 1 - i] = values_.pixel[static_cast<std::size_t>(at.pixel) + i];
    }
    const std::size_t once = values_.depth.size() * lanes;
    beats.resize(once * static_cast<std::size_t>(layer_.weight_parts));
    const std::int8_t* base =
        values_.activations.data() + values_.base[static_cast<std::size_t>(at.product)];
    std::int8_t* beat = beats.data();
    for (const std::int32_t depth : values_.depth) {
      const std::int8_t* from = base + depth;
      std::memset(beat, 0, lanes - rows);
      std::int8_t* to = beat + (lanes - rows);
      for (std::size_t i = 0; i < rows; ++i) to[i] = from[pixel[i]];
      beat += lanes;
    }
    for (int part = 1; part < layer_.weight_parts; ++part, beat += once) {
      std::memcpy(beat, beats.data(), once);
    }
  }

  void FormWeights(const GemmTile& at, std::vector<std::int8_t>& beats) const {
    const auto lanes = static_cast<std::size_t>(WeightLanes(config_));
    const auto cols = static_cast<std::size_t>(at.cols);
    const std::int64_t depth = shape_.k * layer_.weight_parts;
    beats.resize(static_cast<std::size_t>(depth) * lanes);
    const std::int8_t* from =
        values_.weights.terms.data() +
        values_.matrix[static_cast<std::size_t>(at.product)] * depth * shape_.n + at.channel;
    std::int8_t* beat = beats.data();
    for (std::int64_t k = 0; k < depth; ++k, from += shape_.n, beat += lanes) {
      std::memcpy(beat, from, cols);
      std::memset(beat + cols, 0, lanes - cols);
    }
  }

  ArrayLayer layer_;
  GemmShape shape_;
  ArrayConfig config_;
  Tiling tiling_;
  GemmValues values_;
  ResultCode results_;
  Tensor output_;
  std::int64_t pixel_blocks_, full_blocks_;  ///< of one product
  std::vector<Pass> passes_;
};

}  // namespace

std::unique_ptr<LayerPlan> MakeGemmPlan(const Node& node, const NodeInputs& inputs,
                                        const ArrayLayer& layer, Tiling tiling,
                                        const ArrayConfig& config) {
  const WeightCode code = CodeWeights(inputs.w->type(), inputs.w_zero, true);
  GemmValues values = layer.kind == ArrayLayer::Kind::kMatMul
                          ? MatMulValues(node, inputs, layer, code)
                          : ConvolutionValues(node, inputs, layer, code);
  return std::make_unique<GemmPlan>(node, inputs, layer, std::move(tiling), config,
                                    std::move(values));
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
