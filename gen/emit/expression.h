// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace systole::rtl {

/// A mistake of a generator's author, found while a module or design is put together: it names the
/// module and what to change. Never the fault of a user's configuration, which is checked before.
class EmitError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// A constant Verilog expression over parameters, kept as its text: `Rows*DataW`,
/// `$clog2(Rows + 1)`, `Rows > Cols ? Rows : Cols`. Understood are integer literals (`12`,
/// `8'hff`), names, parentheses, `$clog2`, `?:` and the operators
/// `|| && | ^ & == != < <= > >= << >> + - * / % ! ~`. Throws EmitError if the text is no such
/// expression.
class Expr {
 public:
  Expr(int value) : Expr(std::to_string(value)) {}     // NOLINT: reads as the number it is
  Expr(const char* text) : Expr(std::string(text)) {}  // NOLINT: reads as the text it is
  Expr(std::string text);                              // NOLINT

  const std::string& text() const { return text_; }
  /// The text, in parentheses if it binds less tightly than `+`: ready for `...-1`.
  std::string AsTerm() const;
  /// The text, in parentheses if it binds less tightly than `*`.
  std::string AsFactor() const;

  friend bool operator==(const Expr&, const Expr&) = default;

 private:
  std::string text_;
};

Expr operator+(const Expr& a, const Expr& b);
Expr operator-(const Expr& a, const Expr& b);
Expr operator*(const Expr& a, const Expr& b);
/// `$clog2(a)`: bits that count 0 to a - 1.
Expr Clog2(const Expr& a);
/// `(a > b ? a : b)`.
Expr Max(const Expr& a, const Expr& b);

using Values = std::map<std::string, std::int64_t, std::less<>>;

/// The expression's value with 64-bit signed arithmetic and Verilog's rules (division truncates
/// towards zero, comparisons give 0 or 1). Empty if it needs a name that `values` lacks, divides by
/// zero or overflows.
std::optional<std::int64_t> Evaluate(const Expr& expression, const Values& values);

/// The names in the expression, in order of appearance, each once.
std::vector<std::string> Names(const Expr& expression);

}  // namespace systole::rtl
