// SPDX-License-Identifier: Apache-2.0
#include "gen/emit/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace systole::rtl {
namespace {

using Value = std::optional<std::int64_t>;

/// How tightly an expression binds; binary operators have the levels of IEEE 1364-2005, table 5-4.
enum Level {
  kConditional,
  kOr,
  kAnd,
  kBitOr,
  kBitXor,
  kBitAnd,
  kEqual,
  kOrder,
  kShift,
  kSum,
  kProduct,
  kUnary
};

struct Operator {
  std::string_view text;
  Level level;
};
/// Longer ones first, so that `<=` is not read as `<`.
constexpr std::array<Operator, 18> kOperators = {{{"||", kOr},
                                                  {"&&", kAnd},
                                                  {"==", kEqual},
                                                  {"!=", kEqual},
                                                  {"<=", kOrder},
                                                  {">=", kOrder},
                                                  {"<<", kShift},
                                                  {">>", kShift},
                                                  {"<", kOrder},
                                                  {">", kOrder},
                                                  {"|", kBitOr},
                                                  {"^", kBitXor},
                                                  {"&", kBitAnd},
                                                  {"+", kSum},
                                                  {"-", kSum},
                                                  {"*", kProduct},
                                                  {"/", kProduct},
                                                  {"%", kProduct}}};

bool IsNameStart(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool IsNamePart(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
}

Value Arithmetic(char op, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  bool overflow = false;
  switch (op) {
    case '+':
      overflow = __builtin_add_overflow(a, b, &result);
      break;
    case '-':
      overflow = __builtin_sub_overflow(a, b, &result);
      break;
    case '*':
      overflow = __builtin_mul_overflow(a, b, &result);
      break;
    default:  // '/' and '%'
      if (b == 0 || (a == INT64_MIN && b == -1)) return std::nullopt;
      result = op == '/' ? a / b : a % b;
  }
  return overflow ? Value() : Value(result);
}

Value Apply(std::string_view op, Value left, Value right) {
  if (!left || !right) return std::nullopt;
  const std::int64_t a = *left, b = *right;
  if (op == "||") return a != 0 || b != 0;
  if (op == "&&") return a != 0 && b != 0;
  if (op == "==") return a == b;
  if (op == "!=") return a != b;
  if (op == "<=") return a <= b;
  if (op == ">=") return a >= b;
  if (op == "<") return a < b;
  if (op == ">") return a > b;
  if (op == "|") return a | b;
  if (op == "^") return a ^ b;
  if (op == "&") return a & b;
  if (op == "<<" || op == ">>") {
    if (a < 0 || b < 0 || b > 62) return std::nullopt;
    if (op == ">>") return a >> b;
    return a > (INT64_MAX >> b) ? Value() : Value(a << b);
  }
  return Arithmetic(op.front(), a, b);
}

Value CeilLog2(Value value) {
  if (!value || *value < 0) return std::nullopt;
  std::int64_t bits = 0;
  while (bits < 63 && (std::int64_t{1} << bits) < *value) ++bits;
  return bits;
}

/// Reads an expression and evaluates it on the way; a value that is not known is no error.
class Parser {
 public:
  Parser(std::string_view text, const Values* values) : text_(text), values_(values) {}

  Value Whole() {
    const Value value = Conditional();
    if (Peek() != '\0') Fail("something follows it");
    return value;
  }

  const std::vector<std::string>& names() const { return names_; }
  /// How tightly the whole expression binds.
  Level level() const { return level_; }

 private:
  [[noreturn]] void Fail(const char* why) const {
    throw EmitError(fmt::format("\"{}\" is no constant expression: {} at position {}", text_, why,
                                position_ + 1));
  }

  char Peek() {
    while (position_ < text_.size() && text_[position_] == ' ') ++position_;
    return position_ < text_.size() ? text_[position_] : '\0';
  }

  bool Take(std::string_view token) {
    Peek();
    if (text_.substr(position_, token.size()) != token) return false;
    position_ += token.size();
    return true;
  }

  void Seen(Level level) {
    if (depth_ == 0) level_ = std::min(level_, level);
  }

  Value Conditional() {
    const Value condition = Binary(kOr);
    if (!Take("?")) return condition;
    Seen(kConditional);
    const Value yes = Conditional();
    if (!Take(":")) Fail("\":\" is missing");
    const Value no = Conditional();
    if (!condition) return std::nullopt;
    return *condition != 0 ? yes : no;
  }

  Value Binary(int level) {
    if (level == kUnary) return Unary();
    Value left = Binary(level + 1);
    while (const Operator* op = NextOperator(level)) {
      position_ += op->text.size();
      Seen(op->level);
      left = Apply(op->text, left, Binary(level + 1));
    }
    return left;
  }

  const Operator* NextOperator(int level) {
    Peek();
    for (const Operator& op : kOperators) {
      if (text_.substr(position_, op.text.size()) != op.text) continue;
      return op.level == level ? &op : nullptr;
    }
    return nullptr;
  }

  Value Unary() {
    if (Take("-")) return Apply("-", 0, Unary());
    if (Take("+")) return Unary();
    if (Take("!")) return Apply("==", Unary(), 0);
    if (Take("~")) return Apply("-", -1, Unary());
    return Primary();
  }

  Value Primary() {
    const char c = Peek();
    if (c == '(') {
      ++position_;
      return Parenthesized();
    }
    if (Take("$clog2")) {
      if (!Take("(")) Fail("\"(\" is missing");
      return CeilLog2(Parenthesized());
    }
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) return Literal();
    if (IsNameStart(c)) return Name();
    Fail("an operand is missing");
  }

  Value Parenthesized() {
    ++depth_;
    const Value value = Conditional();
    --depth_;
    if (!Take(")")) Fail("\")\" is missing");
    return value;
  }

  Value Name() {
    const std::size_t start = position_;
    while (position_ < text_.size() && IsNamePart(text_[position_])) ++position_;
    const std::string name(text_.substr(start, position_ - start));
    if (std::find(names_.begin(), names_.end(), name) == names_.end()) names_.push_back(name);
    if (values_ == nullptr) return std::nullopt;
    const auto found = values_->find(name);
    return found == values_->end() ? Value() : Value(found->second);
  }

  /// `12`, `1_000` or, with a size that does not change the value, `8'hff`.
  Value Literal() {
    const Value number = Digits(10);
    if (position_ >= text_.size() || text_[position_] != '\'') return number;
    ++position_;
    const char base = position_ < text_.size() ? text_[position_++] : '\0';
    switch (base) {
      case 'd':
        return Digits(10);
      case 'h':
        return Digits(16);
      case 'o':
        return Digits(8);
      case 'b':
        return Digits(2);
      default:
        Fail("the base is none of d h o b");
    }
  }

  Value Digits(int base) {
    Value value = 0;
    bool any = false;
    for (; position_ < text_.size(); ++position_) {
      const char c = static_cast<char>(std::tolower(static_cast<unsigned char>(text_[position_])));
      if (c == '_' && any) continue;
      if (std::isxdigit(static_cast<unsigned char>(c)) == 0) break;
      const int digit = std::isdigit(static_cast<unsigned char>(c)) != 0 ? c - '0' : c - 'a' + 10;
      if (digit >= base) Fail("a digit is too large");
      value = Apply("+", Apply("*", value, base), digit);
      any = true;
    }
    if (!any) Fail("a digit is missing");
    return value;
  }

  std::string_view text_;
  const Values* values_;
  std::size_t position_ = 0;
  int depth_ = 0;
  Level level_ = kUnary;
  std::vector<std::string> names_;
};

std::string Wrap(const std::string& text, Level least) {
  Parser parser(text, nullptr);
  parser.Whole();
  return parser.level() < least ? "(" + text + ")" : text;
}

}  // namespace

Expr::Expr(std::string text) : text_(std::move(text)) { Parser(text_, nullptr).Whole(); }

std::string Expr::AsTerm() const { return Wrap(text_, kSum); }
std::string Expr::AsFactor() const { return Wrap(text_, kProduct); }

Expr operator+(const Expr& a, const Expr& b) { return a.AsTerm() + "+" + b.AsTerm(); }
Expr operator-(const Expr& a, const Expr& b) { return a.AsTerm() + "-" + b.AsFactor(); }
Expr operator*(const Expr& a, const Expr& b) {
  return a.AsFactor() + "*" + Wrap(b.text(), kUnary);  // a*(b/c) is not a*b/c
}
Expr Clog2(const Expr& a) { return "$clog2(" + a.text() + ")"; }
Expr Max(const Expr& a, const Expr& b) {
  return fmt::format("({0} > {1} ? {0} : {1})", a.AsTerm(), b.AsTerm());
}

std::optional<std::int64_t> Evaluate(const Expr& expression, const Values& values) {
  return Parser(expression.text(), &values).Whole();
}

std::vector<std::string> Names(const Expr& expression) {
  Parser parser(expression.text(), nullptr);
  parser.Whole();
  return parser.names();
}

}  // namespace systole::rtl
