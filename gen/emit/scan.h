// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gen/emit/module.h"

namespace systole::rtl {

/// A reserved word of IEEE 1364-2005 or IEEE 1800-2012: tools that read files as SystemVerilog
/// reject it as a name.
bool IsKeyword(std::string_view word);

/// `name` is letters, digits and `_`, no digit first.
bool IsIdentifier(std::string_view name);

struct Token {
  std::string text;
  int line = 0;  ///< from 1
};

/// Names, numbers (with base and size as one token), strings and punctuation; comments and
/// attributes are left out. `comments`, where given, takes the `//` comment of each line.
std::vector<Token> Tokens(std::string_view verilog, std::map<int, std::string>* comments = nullptr);

bool IsName(const Token& token);

/// Index of the bracket that closes the one at `open`, one of `( [ {`; the number of tokens if none
/// does.
std::size_t Closing(const std::vector<Token>& tokens, std::size_t open);

/// What a piece of Verilog declares, uses and drives, as far as its text shows it.
struct Scan {
  std::set<std::string> names;            ///< every name that appears
  std::set<std::string> declared;         ///< wires, registers, integers, localparams, genvars
  std::set<std::string> assigned;         ///< left sides of `assign`
  std::set<std::string> connected;        ///< names in `.port(...)`
  std::vector<std::string> instantiated;  ///< module names, each once
};
Scan ScanVerilog(const std::vector<Token>& tokens);

/// The names outside of `[...]`: those that a left side, or a connected output, drives.
std::set<std::string> Targets(const std::vector<Token>& tokens);

/// Widths and constants that the text of a module makes known, with parameters at their defaults.
struct Scope {
  Values constants;                            ///< parameters and localparams
  std::map<std::string, std::int64_t> widths;  ///< bits of ports, wires and registers
  std::set<std::string> memories;              ///< of these, those whose first index chooses a word
};
Scope ScopeOf(const Module& module, const std::vector<Token>& body);

/// Bits of what an instance's port is connected to: a name, a selection of one, a sized literal, a
/// concatenation or a replication of these. Empty for anything else and for what is not constant.
std::optional<std::int64_t> WidthOf(std::string_view actual, const Scope& scope);

}  // namespace systole::rtl
