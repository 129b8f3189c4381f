// SPDX-License-Identifier: Apache-2.0
#include "sw/cost/published_fuseconv.h"

#include "base/math.h"

namespace systole {
namespace {

/// Wide enough for every layer that DescribeArrayLayer lets pass.
using Wide = __int128;

std::int64_t Padded(const ConvAxis& axis) { return axis.input + axis.pad_before + axis.pad_after; }

/// A number of output positions as published: `times / over`.
struct Fraction {
  Wide times = 1, over = 1;
};

/// (H - k + s) / s
Fraction Outputs(const ConvAxis& axis) {
  const std::int64_t reach = (axis.kernel - 1) * axis.dilation + 1;
  return {Padded(axis) - reach + axis.stride, axis.stride};
}

/// A product of n x t by t x m. All terms are kept times n.over, so that nothing is rounded before
/// the end.
std::uint64_t Product(const Fraction& n, std::int64_t t, std::int64_t m,
                      const ArrayConfig& config) {
  const Wide one = n.over, rows = config.rows, cols = config.cols;
  const Wide row_folds = n.times / (one * rows), row_rest = n.times % (one * rows);
  const Wide col_folds = m / cols, col_rest = m % cols;
  Wide cycles = row_folds * col_folds * (t + rows + cols - 1) * one;
  if (row_rest != 0) cycles += col_folds * ((t + cols - 1) * one + row_rest);
  if (col_rest != 0) cycles += row_folds * (t + rows + col_rest - 1) * one;
  if (row_rest != 0 && col_rest != 0) cycles += (t + col_rest - 1) * one + row_rest;
  return static_cast<std::uint64_t>(cycles / one);
}

/// A 1-D depthwise layer on ST-OS rows.
std::uint64_t Lines(const ConvAxis& along, const ConvAxis& across, std::int64_t lines,
                    const ArrayConfig& config) {
  const Wide folds = Wide{CeilDiv(lines, config.rows)} * (config.cols + along.kernel) *
                     CeilDiv(Padded(along), config.cols);
  return static_cast<std::uint64_t>((folds + across.stride - 1) / across.stride);
}

}  // namespace

std::uint64_t PublishedFuseConvCycles(const ArrayLayer& layer, const ArrayConfig& config) {
  if (layer.kind == ArrayLayer::Kind::kMatMul) {
    return static_cast<std::uint64_t>(layer.products) *
           Product({layer.m, 1}, layer.k, layer.n, config);
  }
  const bool wide = layer.width.kernel > 1, high = layer.height.kernel > 1;
  if (config.dataflow == Dataflow::kOsStos && layer.Depthwise() && wide != high) {
    const ConvAxis& along = wide ? layer.width : layer.height;
    const ConvAxis& across = wide ? layer.height : layer.width;
    return Lines(along, across, layer.batch * layer.out_channels * across.input, config);
  }
  const Fraction e = Outputs(layer.height), f = Outputs(layer.width);
  return static_cast<std::uint64_t>(layer.group) *
         Product({layer.batch * e.times * f.times, e.over * f.over}, layer.Depth(),
                 layer.out_channels / layer.group, config);
}

}  // namespace systole
