// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sw/ir/tensor.h"

namespace systole {

/// Where `actual` first differs from `expected`, and in how many elements; "" when both are equal
/// to the last byte. "element [0,3,5,5] is 12, the reference has 13; 37 of 4096 elements differ"
std::string DescribeDifference(const Tensor& actual, const Tensor& expected);

}  // namespace systole
