// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/answers.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace systole {
namespace {

template <typename T>
std::vector<std::int64_t> Highest(const Tensor& scores, std::int64_t items) {
  const std::span<const T> values = scores.As<T>();
  const std::size_t classes = values.size() / static_cast<std::size_t>(items);
  std::vector<std::int64_t> best;
  for (std::size_t at = 0; at < values.size(); at += classes) {
    const std::span<const T> item = values.subspan(at, classes);
    best.push_back(std::max_element(item.begin(), item.end()) - item.begin());
  }
  return best;
}

template <typename T>
std::vector<std::int64_t> Integers(const Tensor& tensor) {
  const std::span<const T> values = tensor.As<T>();
  return {values.begin(), values.end()};
}

}  // namespace

std::size_t Answers::Right() const {
  std::size_t right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) right += labels[i] == classes[i] ? 1 : 0;
  return right;
}

std::optional<Answers> ReadAnswers(const Tensor& scores) {
  const Shape& shape = scores.shape();
  if (shape.size() < 2 || shape[0] < 1 || shape[1] < 2) return std::nullopt;
  if (std::any_of(shape.begin() + 2, shape.end(), [](std::int64_t d) { return d != 1; })) {
    return std::nullopt;
  }
  switch (scores.type()) {
    case ElementType::kFloat32:
      return Answers{Highest<float>(scores, shape[0]), {}};
    case ElementType::kInt8:
      return Answers{Highest<std::int8_t>(scores, shape[0]), {}};
    case ElementType::kUint8:
      return Answers{Highest<std::uint8_t>(scores, shape[0]), {}};
    case ElementType::kInt32:
      return Answers{Highest<std::int32_t>(scores, shape[0]), {}};
    default:
      return std::nullopt;
  }
}

void SetLabels(Answers& answers, const Tensor& labels, const std::string& origin) {
  switch (labels.type()) {
    case ElementType::kInt64:
      answers.labels = Integers<std::int64_t>(labels);
      break;
    case ElementType::kInt32:
      answers.labels = Integers<std::int32_t>(labels);
      break;
    case ElementType::kUint8:
      answers.labels = Integers<std::uint8_t>(labels);
      break;
    case ElementType::kInt8:
      answers.labels = Integers<std::int8_t>(labels);
      break;
    default:
      throw RequestError(fmt::format("--labels {} holds {}: integers are expected", origin,
                                     ToString(labels.type())));
  }
  if (answers.labels.size() == answers.classes.size()) return;
  throw RequestError(fmt::format("--labels {} holds {} labels for {} answers", origin,
                                 answers.labels.size(), answers.classes.size()));
}

}  // namespace systole
