// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sw/ir/tensor.h"

namespace systole {

/// What a classifier says: the class with the highest score for every item of the batch.
struct Answers {
  std::vector<std::int64_t> classes;
  std::vector<std::int64_t> labels;  ///< the right ones; empty if they are not known

  std::size_t Right() const;
};

/// The answers in a tensor of N x C scores (further dimensions of 1 allowed), the lower class where
/// two scores are equal; nothing for a tensor of another shape.
std::optional<Answers> ReadAnswers(const Tensor& scores);

/// Sets the labels from a tensor of integers, one an answer. Throws RequestError naming `origin` if
/// it is something else.
void SetLabels(Answers& answers, const Tensor& labels, const std::string& origin);

}  // namespace systole
