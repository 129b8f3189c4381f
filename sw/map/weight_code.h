// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sw/ir/tensor.h"

namespace systole {

/// How weights become int8 terms (docs/mapping.md, "Weights with a zero point"). A weight less its
/// zero point is v = w - z; inverted, v = z - w, and the activations are streamed as -1 - x. Either
/// way v is split greedily: each of `parts` terms takes what of the rest fits into int8.
struct WeightCode {
  int parts = 1;
  bool inverted = false;
};

/// The code for weights of type `type` (int8 or uint8) with these zero points; `zero` null where
/// the operator has none (0), `known` false where its values are not known: then two parts are
/// assumed.
WeightCode CodeWeights(ElementType type, const Tensor* zero, bool known);

}  // namespace systole
