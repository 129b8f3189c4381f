// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gen/emit/module.h"

namespace systole::rtl {

/// Cycles from the inputs that an output depends on to the output; 0: combinational.
struct Latency {
  int cycles = 0;
};

/// The type of a vector port: `In("a_i", width, ...)` is unsigned, `In("a_i", Signed(width), ...)`
/// two's complement. Ports that pack several lanes are unsigned.
struct Vector {
  template <typename T>
  requires std::convertible_to<T, Expr> Vector(T width)
      : width(std::move(width)) {}  // NOLINT: a width alone is an unsigned vector
  Vector(Expr width, bool is_signed) : width(std::move(width)), is_signed(is_signed) {}

  Expr width;  ///< bits
  bool is_signed = false;
};
inline Vector Signed(Expr width) { return Vector(std::move(width), true); }

/// Puts a module together: the interface is declared, the behaviour is written as Verilog. What
/// exists is decided by the caller in C++: a port or a piece of body that is not wanted is not
/// added.
///
///   ModuleBuilder m("adder", "registered adder", "gen/sample/adder.cc");
///   const Expr w = m.Param("Width", 8, "Operand width, bits");
///   m.Require("Width >= 2", "Width_holds_a_sign");
///   m.ClockAndReset();
///   m.Group("Operands");
///   m.In("a_i", Signed(w), "Left");
///   m.Out("sum_o", Signed(w + 1), Latency{1}, "Sum");
///   m.Body(R"v( ... )v");
///   return std::move(m).Finish();
///
/// Inputs end in `_i` (`_ni`: active low), outputs in `_o`. Outputs are wires: registers are
/// declared in the body and assigned to them. Throws EmitError for every mistake it can see: see
/// docs/emitter.md.
class ModuleBuilder {
 public:
  /// `source`: the file that the module is described in, relative to the repository.
  ModuleBuilder(std::string name, std::string summary, std::string source);

  /// Further lines of the header comment, for a diagram or equations.
  void Doc(std::string_view text);

  /// Declares `parameter integer name = value`; the result is for widths.
  Expr Param(std::string name, std::int64_t value, std::string doc);
  /// A condition on parameters; `name` is what the tools' error shows.
  void Require(Expr condition, std::string name);

  void Clock();          ///< `clk_i`
  void ClockAndReset();  ///< `clk_i`, and `rst_ni`: asynchronous, active low
  /// The heading of the ports that follow.
  void Group(std::string heading);
  void In(std::string name, Vector type, std::string doc);
  void Out(std::string name, Vector type, std::string doc);
  void Out(std::string name, Vector type, Latency latency, std::string doc);
  /// One bit without a range; the direction is in the name: `_i` or `_o`.
  void Bit(std::string name, std::string doc);
  void Bit(std::string name, Latency latency, std::string doc);

  /// Verilog, appended to the body after an empty line. Its indentation as a whole does not matter.
  /// `${name}` stands for what Set gives.
  void Body(std::string_view verilog);
  /// The value of `${name}`; several lines are indented like the line of the placeholder.
  void Set(std::string name, std::string_view value);
  void Set(std::string name, std::int64_t value);
  void Set(std::string name, const Instance& instance);

  /// The module, checked.
  Module Finish() &&;

 private:
  void AddPort(Port port);
  void SetText(std::string name, std::string text);

  Module module_;
  std::string group_;
  std::string body_;
  std::map<std::string, std::string> values_;
  std::map<std::string, Instance> instances_;  ///< by placeholder
};

}  // namespace systole::rtl
