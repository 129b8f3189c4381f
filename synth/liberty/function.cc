// SPDX-License-Identifier: Apache-2.0
#include "synth/liberty/function.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"

namespace systole {

namespace {

/// Deeper parentheses than any library has; the bound keeps a hostile text off the stack.
constexpr int kMaxNesting = 200;
constexpr std::size_t kMaxProbabilityInputs = 20;

/// Both possible values of 64 evaluations: `one` has the bits that may be 1, `zero` that may be 0.
struct Possible {
  std::uint64_t one, zero;
};

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '[' || c == ']' || c == '.' || c == ':' || c == '$';
}

}  // namespace

class FunctionParser {
 public:
  FunctionParser(LogicFunction& function, const std::vector<std::string>& names)
      : function_(function), text_(function.text_), names_(names) {}

  void Parse() {
    Or();
    Skip();
    if (position_ < text_.size()) Fail(fmt::format("'{}' is unexpected", text_[position_]));
    std::sort(function_.inputs_.begin(), function_.inputs_.end());
    function_.inputs_.erase(std::unique(function_.inputs_.begin(), function_.inputs_.end()),
                            function_.inputs_.end());
  }

 private:
  using Operation = LogicFunction::Operation;

  [[noreturn]] void Fail(const std::string& what) const {
    throw RequestError(fmt::format("the function \"{}\" cannot be read: {}", text_, what));
  }
  void Skip() {
    while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\t' ||
                                        text_[position_] == '\n' || text_[position_] == '\r'))
      ++position_;
  }
  char Next() {
    Skip();
    return position_ < text_.size() ? text_[position_] : '\0';
  }
  void Emit(Operation operation, std::uint32_t input = 0) {
    function_.steps_.push_back({operation, input});
    if (operation == Operation::kInput || operation == Operation::kZero ||
        operation == Operation::kOne) {
      function_.depth_ = std::max(function_.depth_, ++height_);
    } else if (operation != Operation::kNot) {
      --height_;
    }
  }

  void Or() {
    And();
    while (Next() == '|' || Next() == '+') {
      ++position_;
      And();
      Emit(Operation::kOr);
    }
  }
  void And() {
    Xor();
    while (true) {
      const char c = Next();
      if (c == '&' || c == '*') {
        ++position_;
      } else if (!IsNameCharacter(c) && c != '!' && c != '(' && c != '"') {
        return;
      }
      Xor();
      Emit(Operation::kAnd);
    }
  }
  void Xor() {
    Inverted();
    while (Next() == '^') {
      ++position_;
      Inverted();
      Emit(Operation::kXor);
    }
  }
  void Inverted() {
    bool invert = false;
    for (; Next() == '!'; ++position_) invert = !invert;
    Operand();
    for (; Next() == '\''; ++position_) invert = !invert;
    if (invert) Emit(Operation::kNot);
  }
  void Operand() {
    const char c = Next();
    if (c == '(') {
      if (++nesting_ > kMaxNesting) Fail("its parentheses nest too deep");
      ++position_;
      Or();
      if (Next() != ')') Fail("a ) is missing");
      ++position_;
      --nesting_;
    } else if (c == '"') {
      const std::size_t begin = position_ + 1, end = text_.find('"', begin);
      if (end == std::string::npos) Fail("a quote does not end");
      position_ = end + 1;
      Input(text_.substr(begin, end - begin));
    } else if (IsNameCharacter(c)) {
      const std::size_t begin = position_;
      while (position_ < text_.size() && IsNameCharacter(text_[position_])) ++position_;
      const std::string name = text_.substr(begin, position_ - begin);
      if (name == "0" || name == "1") {
        Emit(name == "0" ? Operation::kZero : Operation::kOne);
      } else {
        Input(name);
      }
    } else {
      Fail(c == '\0' ? std::string("an operand is missing") : fmt::format("'{}' is unexpected", c));
    }
  }
  void Input(const std::string& name) {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end()) Fail(fmt::format("the cell has no pin {}", name));
    const auto index = static_cast<std::size_t>(found - names_.begin());
    function_.inputs_.push_back(index);
    Emit(Operation::kInput, static_cast<std::uint32_t>(index));
  }

  LogicFunction& function_;
  const std::string& text_;
  const std::vector<std::string>& names_;
  std::size_t position_ = 0, height_ = 0;
  int nesting_ = 0;
};

LogicFunction::LogicFunction(const std::string& text, const std::vector<std::string>& names)
    : text_(text) {
  FunctionParser(*this, names).Parse();
}

std::uint64_t LogicFunction::Evaluate(std::span<const std::uint64_t> values) const {
  std::array<std::uint64_t, 32> few;
  std::vector<std::uint64_t> many(depth_ > few.size() ? depth_ : 0);
  std::uint64_t* top = many.empty() ? few.data() : many.data();  // one beyond the stack's top
  for (const Step& step : steps_) {
    switch (step.operation) {
      case Operation::kInput:
        *top++ = values[step.input];
        break;
      case Operation::kZero:
        *top++ = 0;
        break;
      case Operation::kOne:
        *top++ = ~std::uint64_t{0};
        break;
      case Operation::kNot:
        top[-1] = ~top[-1];
        break;
      case Operation::kAnd:
        --top;
        top[-1] &= *top;
        break;
      case Operation::kOr:
        --top;
        top[-1] |= *top;
        break;
      case Operation::kXor:
        --top;
        top[-1] ^= *top;
        break;
    }
  }
  return top[-1];
}

Logic LogicFunction::Evaluate(std::span<const Logic> values) const {
  std::vector<Possible> stack;
  stack.reserve(depth_);
  for (const Step& step : steps_) {
    switch (step.operation) {
      case Operation::kInput: {
        const Logic value = values[step.input];
        stack.push_back({value != Logic::k0, value != Logic::k1});
        continue;
      }
      case Operation::kZero:
        stack.push_back({0, 1});
        continue;
      case Operation::kOne:
        stack.push_back({1, 0});
        continue;
      case Operation::kNot:
        std::swap(stack.back().one, stack.back().zero);
        continue;
      default:
        break;
    }
    const Possible b = stack.back();
    stack.pop_back();
    Possible& a = stack.back();
    if (step.operation == Operation::kAnd) {
      a = {a.one & b.one, a.zero | b.zero};
    } else if (step.operation == Operation::kOr) {
      a = {a.one | b.one, a.zero & b.zero};
    } else {
      a = {(a.one & b.zero) | (a.zero & b.one), (a.one & b.one) | (a.zero & b.zero)};
    }
  }
  const Possible result = stack.back();
  if (result.one != 0 && result.zero != 0) return Logic::kX;
  return result.one != 0 ? Logic::k1 : Logic::k0;
}

std::uint64_t TruthColumn(std::size_t k, std::uint64_t first) {
  constexpr std::uint64_t kColumns[] = {0xaaaaaaaaaaaaaaaaULL, 0xccccccccccccccccULL,
                                        0xf0f0f0f0f0f0f0f0ULL, 0xff00ff00ff00ff00ULL,
                                        0xffff0000ffff0000ULL, 0xffffffff00000000ULL};
  if (k < 6) return kColumns[k];
  return (first >> k) & 1 ? ~std::uint64_t{0} : 0;
}

std::uint64_t LogicFunction::TruthTable() const {
  if (inputs_.size() > 6) {
    throw RequestError(
        fmt::format("the function \"{}\" has {} inputs: a truth table of 64 rows "
                    "holds 6",
                    text_, inputs_.size()));
  }
  std::vector<std::uint64_t> values(inputs_.empty() ? 0 : inputs_.back() + 1);
  for (std::size_t k = 0; k < inputs_.size(); ++k) values[inputs_[k]] = TruthColumn(k, 0);
  return Evaluate(values);
}

double LogicFunction::Probability(std::span<const double> probabilities) const {
  const std::size_t count = inputs_.size();
  if (count > kMaxProbabilityInputs) {
    throw RequestError(
        fmt::format("the function \"{}\" has {} inputs: too many to enumerate", text_, count));
  }
  std::vector<std::uint64_t> values(inputs_.empty() ? 0 : inputs_.back() + 1);
  double sum = 0;
  const std::uint64_t rows = std::uint64_t{1} << count;
  for (std::uint64_t first = 0; first < rows; first += 64) {
    for (std::size_t k = 0; k < count; ++k) values[inputs_[k]] = TruthColumn(k, first);
    const std::uint64_t results = Evaluate(values);
    for (std::uint64_t row = first; row < std::min(first + 64, rows); ++row) {
      if (((results >> (row - first)) & 1) == 0) continue;
      double weight = 1;
      for (std::size_t k = 0; k < count; ++k) {
        const double one = probabilities[inputs_[k]];
        weight *= (row >> k) & 1 ? one : 1 - one;
      }
      sum += weight;
    }
  }
  return sum;
}

}  // namespace systole
