// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sw/ir/graph.h"
#include "sw/ir/network.h"

namespace systole::quant {

/// A QuantizeLinear or DequantizeLinear with constant scale: the integer tensor beside it and how
/// its integers are read.
struct LinearTensor {
  std::string name;                            ///< the integer tensor
  ElementType type = ElementType::kUndefined;  ///< of the integer tensor
  std::string scale_name;
  std::string zero_name;  ///< "" when left out: zero
  const Tensor* scale = nullptr;
  const Tensor* zero = nullptr;  ///< null when left out
  std::int64_t axis = 1;         ///< of the scales, when there are several

  bool PerTensor() const { return scale->size() == 1; }
};

/// What the float tensor is dequantized from; nothing when its producer is no DequantizeLinear of
/// constant parameters and known type.
std::optional<LinearTensor> DequantizedFrom(const Network& network, const GraphIndex& index,
                                            const std::string& value);
/// What a QuantizeLinear makes; nothing when it is none of constant per-tensor parameters.
std::optional<LinearTensor> QuantizedTo(const Network& network, const Node& node);
/// Per tensor both, of one type, scale and zero point.
bool SameParams(const LinearTensor& a, const LinearTensor& b);
/// The zero point of a per-tensor LinearTensor.
std::int64_t ZeroOf(const LinearTensor& tensor);

/// Bounds on the integers of a tensor; none means the type's.
struct IntegerClamp {
  std::int64_t low;
  std::int64_t high;
};

/// What QuantizeLinear with `output`'s parameters makes of `value`.
std::int64_t QuantizedValue(const LinearTensor& output, float value);

/// Walks from `value` up through Relu and Clip nodes that nobody else reads. `source` becomes the
/// tensor before them, `nodes` gets them, and the result is their effect on `output`'s integers.
IntegerClamp AbsorbClamps(const Network& network, const GraphIndex& index,
                          const LinearTensor& output, const std::string& value, std::string& source,
                          std::vector<std::size_t>& nodes);

}  // namespace systole::quant
