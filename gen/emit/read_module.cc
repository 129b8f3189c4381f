// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdio>

#include "gen/emit/scan.h"

namespace systole::rtl {
namespace {

/// Reads the header of one module, token by token.
class HeaderReader {
 public:
  HeaderReader(std::string_view verilog, const std::string& source) : source_(source) {
    tokens_ = Tokens(verilog, &comments_);
  }

  Module Read() {
    while (Peek() != "module") Next();
    Next();
    module_.name = Next();
    ReadSummary();
    if (Peek() == "#") ReadParams();
    ReadPorts();
    Expect(";");
    const std::vector<Token> body(tokens_.begin() + static_cast<std::ptrdiff_t>(at_),
                                  tokens_.end());
    module_.instances = ScanVerilog(body).instantiated;
    return std::move(module_);
  }

 private:
  const std::string& Peek() const {
    if (at_ >= tokens_.size()) throw EmitError(source_ + ": the module's header does not end");
    return tokens_[at_].text;
  }

  std::string Next() {
    std::string text = Peek();
    ++at_;
    return text;
  }

  void Expect(std::string_view text) {
    const int line = at_ < tokens_.size() ? tokens_[at_].line : 0;
    const std::string found = Next();
    if (found != text) {
      throw EmitError(
          fmt::format("{}:{}: \"{}\" where \"{}\" is expected", source_, line, found, text));
    }
  }

  bool Accept(std::string_view text) {
    if (Peek() != text) return false;
    ++at_;
    return true;
  }

  /// The comment on the line of the token before.
  std::string DocHere(int line) const {
    const auto found = comments_.find(line);
    return found == comments_.end() ? "" : found->second;
  }

  void ReadSummary() {
    const std::string start = module_.name + " - ";
    for (const auto& [line, comment] : comments_) {
      if (comment.starts_with(start)) module_.summary = comment.substr(start.size());
    }
  }

  Expr Until(std::string_view a, std::string_view b) {
    std::string text;
    for (int depth = 0; depth > 0 || (Peek() != a && Peek() != b);) {
      const std::string token = Next();
      if (token == "(") ++depth;
      if (token == ")") --depth;
      text += token;
    }
    return text;
  }

  void ReadParams() {
    Expect("#");
    Expect("(");
    do {
      const int line = tokens_[at_].line;
      Expect("parameter");
      Expect("integer");
      const std::string name = Next();
      Expect("=");
      const auto value = Evaluate(Until(",", ")"), module_.Defaults());
      if (!value) throw EmitError(fmt::format("{}:{}: {} has no value", source_, line, name));
      module_.params.push_back({name, *value, DocHere(line)});
    } while (Accept(","));
    Expect(")");
  }

  void ReadPorts() {
    Expect("(");
    do {
      const int line = tokens_[at_].line;
      Port port;
      port.direction = Accept("input") ? Direction::kIn : Direction::kOut;
      if (port.direction == Direction::kOut) Expect("output");
      if (!Accept("wire")) Accept("reg");
      port.is_signed = Accept("signed");
      if (Accept("[")) {
        const Expr high = Until(":", ":");
        Expect(":");
        Expect("0");
        Expect("]");
        port.width = WidthFrom(high);
      }
      port.name = Next();
      port.doc = DocHere(line);
      TakeLatency(port);
      module_.ports.push_back(std::move(port));
    } while (Accept(","));
    Expect(")");
  }

  /// The end of a comment that says when an output follows is data too, as in emitted modules.
  static void TakeLatency(Port& port) {
    const std::size_t start = port.doc.rfind(" (");
    if (port.direction == Direction::kIn || start == std::string::npos) return;
    const std::string note = port.doc.substr(start + 2);
    int cycles = 0;
    if (note != "combinational)" && std::sscanf(note.c_str(), "latency %d)", &cycles) != 1) return;
    port.latency = cycles;
    port.doc.resize(start);
  }

  /// `W-1` is a width of W.
  static Expr WidthFrom(const Expr& high) {
    if (high.text().ends_with("-1")) {
      Expr width = high.text().substr(0, high.text().size() - 2);
      if (width.AsTerm() == width.text()) return width;
    }
    const auto value = Evaluate(high, {});
    return value ? Expr(std::to_string(*value + 1)) : high + 1;
  }

  std::string source_;
  std::map<int, std::string> comments_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  Module module_;
};

}  // namespace

Module ModuleFromVerilog(std::string_view verilog, std::string source) {
  Module module = HeaderReader(verilog, source).Read();
  module.source = std::move(source);
  module.verbatim = verilog;
  return module;
}

}  // namespace systole::rtl
