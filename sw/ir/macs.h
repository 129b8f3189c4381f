// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "sw/ir/network.h"

namespace systole {

/// Type and shape of a tensor of the network: of the initializer, else from `values`; null when
/// nothing is known.
std::optional<ValueType> FindValue(const Network& network, const std::string& value);

/// Multiply-accumulate operations of one node: those of Conv, Gemm, MatMul, QLinearConv,
/// QLinearMatMul, ConvInteger and MatMulInteger, products with padding included, bias not; 0 for
/// every other operator. Nothing when a shape it needs is not known (call InferShapes first).
std::optional<std::int64_t> CountMacs(const Network& network, const Node& node);

/// Trainable numbers of the network: weights and biases of the operators above, scales and offsets
/// of BatchNormalization; not its running means and variances. An initializer that several nodes
/// share counts once; one that is no constant does not count.
std::int64_t CountParameters(const Network& network);

}  // namespace systole
