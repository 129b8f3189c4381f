// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace systole {

enum class Logic : std::uint8_t { k0, k1, kX };

/// A boolean expression of Liberty over a list of names, e.g. a cell's pins (Liberty User Guide,
/// volume 1, "function" attribute). Operators by falling precedence: inversion (! before, '
/// behind), XOR (^), AND (&, *, or nothing between two operands), OR (|, +); constants 0 and 1;
/// parentheses.
class LogicFunction {
 public:
  /// Throws RequestError that quotes the text when it is no expression or names what is not in
  /// `names`. Indices of values below are those of `names`.
  LogicFunction(const std::string& text, const std::vector<std::string>& names);

  /// The names in use, rising, each once.
  const std::vector<std::size_t>& inputs() const& { return inputs_; }
  std::vector<std::size_t> inputs() && { return std::move(inputs_); }

  /// 64 evaluations at once: bit i of the result belongs to the bits i of the values.
  std::uint64_t Evaluate(std::span<const std::uint64_t> values) const;
  /// Unknown where the operators cannot decide: X & 0 is 0, X ^ X is X.
  Logic Evaluate(std::span<const Logic> values) const;
  /// Bit i is the result when inputs()[k] has the value of bit k of i. For at most 6 inputs; the
  /// bits from 2^inputs on repeat the lower ones.
  std::uint64_t TruthTable() const;
  /// That the result is 1 when each name is 1 with its probability, independently of the others.
  /// Exact also where a name occurs twice; for at most 20 inputs (RequestError).
  double Probability(std::span<const double> probabilities) const;

 private:
  friend class FunctionParser;
  enum class Operation : std::uint8_t { kInput, kZero, kOne, kNot, kAnd, kOr, kXor };
  struct Step {
    Operation operation;
    std::uint32_t input = 0;
  };
  std::string text_;
  std::vector<Step> steps_;  ///< postfix
  std::size_t depth_ = 0;    ///< of the stack that the steps need
  std::vector<std::size_t> inputs_;
};

/// Input k of the 64 rows of a truth table that begin at row `first`, a multiple of 64: bit i is
/// bit k of first + i.
std::uint64_t TruthColumn(std::size_t k, std::uint64_t first);

}  // namespace systole
