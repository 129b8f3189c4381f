// SPDX-License-Identifier: Apache-2.0
#include "gen/emit/builder.h"

#include <fmt/format.h>

#include "gen/emit/check.h"
#include "gen/emit/scan.h"
#include "gen/emit/text.h"

namespace systole::rtl {

ModuleBuilder::ModuleBuilder(std::string name, std::string summary, std::string source) {
  module_.name = std::move(name);
  module_.summary = std::move(summary);
  module_.source = std::move(source);
}

void ModuleBuilder::Doc(std::string_view text) { module_.doc += Reindent(text, 0); }

Expr ModuleBuilder::Param(std::string name, std::int64_t value, std::string doc) {
  if (!IsIdentifier(name)) {  // Finish would be too late: the result is a name
    throw EmitError(fmt::format("{}: parameter \"{}\" is no legal name", module_.name, name));
  }
  module_.params.push_back({name, value, std::move(doc)});
  return Expr(std::move(name));
}

void ModuleBuilder::Require(Expr condition, std::string name) {
  module_.rules.push_back({std::move(condition), std::move(name)});
}

void ModuleBuilder::Clock() { Bit("clk_i", "Clock"); }

void ModuleBuilder::ClockAndReset() {
  Clock();
  Bit("rst_ni", "Asynchronous reset, active low");
}

void ModuleBuilder::Group(std::string heading) { group_ = std::move(heading); }

void ModuleBuilder::In(std::string name, Vector type, std::string doc) {
  AddPort({.name = std::move(name),
           .direction = Direction::kIn,
           .width = std::move(type.width),
           .is_signed = type.is_signed,
           .latency = {},
           .doc = std::move(doc),
           .group = group_});
}

void ModuleBuilder::Out(std::string name, Vector type, std::string doc) {
  AddPort({.name = std::move(name),
           .direction = Direction::kOut,
           .width = std::move(type.width),
           .is_signed = type.is_signed,
           .latency = {},
           .doc = std::move(doc),
           .group = group_});
}

void ModuleBuilder::Out(std::string name, Vector type, Latency latency, std::string doc) {
  Out(std::move(name), std::move(type), std::move(doc));
  module_.ports.back().latency = latency.cycles;
}

void ModuleBuilder::Bit(std::string name, std::string doc) {
  const Direction direction = name.ends_with("_o") ? Direction::kOut : Direction::kIn;
  AddPort({.name = std::move(name),
           .direction = direction,
           .width = {},
           .is_signed = false,
           .latency = {},
           .doc = std::move(doc),
           .group = group_});
}

void ModuleBuilder::Bit(std::string name, Latency latency, std::string doc) {
  Bit(std::move(name), std::move(doc));
  module_.ports.back().latency = latency.cycles;
}

void ModuleBuilder::AddPort(Port port) { module_.ports.push_back(std::move(port)); }

void ModuleBuilder::Body(std::string_view verilog) {
  const std::string text = Reindent(verilog, 2);
  if (!body_.empty() && !text.empty()) body_ += "\n";
  body_ += text;
}

void ModuleBuilder::SetText(std::string name, std::string text) {
  if (!values_.emplace(name, std::move(text)).second) {
    throw EmitError(fmt::format("{}: ${{{}}} is set twice", module_.name, name));
  }
}

void ModuleBuilder::Set(std::string name, std::string_view value) {
  std::string text(value);
  if (text.find('\n') != std::string::npos) {
    text = Reindent(text, 0);
    if (!text.empty()) text.pop_back();  // the placeholder's line has its own newline
  }
  SetText(std::move(name), std::move(text));
}

void ModuleBuilder::Set(std::string name, std::int64_t value) {
  SetText(std::move(name), std::to_string(value));
}

void ModuleBuilder::Set(std::string name, const Instance& instance) {
  instances_.insert_or_assign(name, instance);
  SetText(std::move(name), instance.ToVerilog());
}

Module ModuleBuilder::Finish() && {
  std::map<std::string, std::string> without_instances = values_;
  std::vector<Instance> instances;
  for (const auto& [placeholder, instance] : instances_) {
    without_instances[placeholder].clear();
    instances.push_back(instance);
  }
  module_.body = Substitute(module_.name, body_, values_);
  module_.instances = ScanVerilog(Tokens(module_.body)).instantiated;
  CheckModule(module_, Substitute(module_.name, body_, without_instances), instances);
  return std::move(module_);
}

}  // namespace systole::rtl
