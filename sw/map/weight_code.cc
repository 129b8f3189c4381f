// SPDX-License-Identifier: Apache-2.0
#include "sw/map/weight_code.h"

#include <algorithm>
#include <vector>

namespace systole {
namespace {

/// Zero points as the array stores them: uint8 less 128.
std::vector<int> StoredZeros(ElementType type, const Tensor* zero) {
  if (zero == nullptr) return {type == ElementType::kUint8 ? -128 : 0};
  std::vector<int> stored;
  if (zero->type() == ElementType::kUint8) {
    for (const std::uint8_t value : zero->As<std::uint8_t>()) stored.push_back(value - 128);
  } else {
    for (const std::int8_t value : zero->As<std::int8_t>()) stored.push_back(value);
  }
  return stored;
}

}  // namespace

WeightCode CodeWeights(ElementType type, const Tensor* zero, bool known) {
  if (!known) return {.parts = 2, .inverted = false};
  const std::vector<int> zeros = StoredZeros(type, zero);
  if (std::all_of(zeros.begin(), zeros.end(), [](int z) { return z == 0; })) return {};
  // Two terms hold -256 to 254. w - z reaches 255 only with z = -128, z - w only with z = 127.
  const bool low = std::find(zeros.begin(), zeros.end(), -128) != zeros.end();
  const bool high = std::find(zeros.begin(), zeros.end(), 127) != zeros.end();
  return {.parts = low && high ? 3 : 2, .inverted = low && !high};
}

}  // namespace systole
