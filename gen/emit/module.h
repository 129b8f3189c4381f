// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gen/emit/expression.h"

namespace systole::rtl {

/// A Verilog parameter (`parameter integer`): a configuration sets only its default.
struct Param {
  std::string name;
  std::int64_t value = 0;  ///< the default
  std::string doc;         ///< one line

  friend bool operator==(const Param&, const Param&) = default;
};

/// A condition on parameters. Broken, it stops every tool with an error that names `name`.
struct Rule {
  Expr condition;
  std::string name;  ///< a Verilog name that says what must hold: `AccW_holds_one_product`

  friend bool operator==(const Rule&, const Rule&) = default;
};

enum class Direction { kIn, kOut };

struct Port {
  std::string name;
  Direction direction = Direction::kIn;
  std::optional<Expr> width;  ///< bits; empty: one bit without a range
  bool is_signed = false;
  std::optional<int> latency;  ///< of an output: cycles after the inputs that it depends on
  std::string doc;             ///< one line
  std::string group;           ///< heading above the first port of a group; empty: none

  friend bool operator==(const Port&, const Port&) = default;
};

/// One Verilog module as a value. Made by ModuleBuilder, which checks it, or read from hand-written
/// Verilog by ModuleFromVerilog.
struct Module {
  std::string name;
  std::string summary;  ///< one line
  std::string doc;      ///< further lines of the header comment; may be empty
  std::string source;   ///< the file that describes it: `gen/systolic/row.cc`
  std::vector<Param> params;
  std::vector<Rule> rules;
  std::vector<Port> ports;
  std::string body;                    ///< Verilog between the port list and `endmodule`
  std::vector<std::string> instances;  ///< names of the modules it instantiates, each once
  std::string verbatim;                ///< the whole file of a hand-written module; else empty

  /// The file: header comment without date, host or path, then the module. The same bytes always.
  /// Throws EmitError for a line longer than 100 characters.
  std::string ToVerilog(const std::string& version = SYSTOLE_VERSION) const;

  const Param* FindParam(const std::string& param) const;  ///< null if there is none
  const Port* FindPort(const std::string& port) const;     ///< null if there is none
  Values Defaults() const;                                 ///< the parameters' defaults

  friend bool operator==(const Module&, const Module&) = default;
};

/// A use of a module. The builder checks it against the module: every parameter is given and every
/// port connected, none is unknown, and where both widths can be evaluated they are equal.
struct Instance {
  Module module;
  std::string name;
  std::vector<std::pair<std::string, Expr>> params;        ///< name, value in the parent
  std::vector<std::pair<std::string, std::string>> ports;  ///< name, what it is connected to

  /// The instantiation, aligned; the first line is not indented.
  std::string ToVerilog() const;
};

/// The module in `verilog`, one hand-written file with ANSI ports, `parameter integer` parameters
/// and the header comment `// name - summary`. Its interface is read so that instances of it are
/// checked like any others; the text is kept as it is. Throws EmitError if it is not in this form.
Module ModuleFromVerilog(std::string_view verilog, std::string source);

}  // namespace systole::rtl
