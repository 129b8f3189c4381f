// SPDX-License-Identifier: Apache-2.0
#include "gen/emit/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "gen/emit/scan.h"
#include "gen/emit/side_files.h"
#include "gen/emit/text.h"

namespace systole::rtl {
namespace {

/// Collects what is wrong with one module or design.
class Report {
 public:
  explicit Report(std::string subject) : subject_(std::move(subject)) {}

  template <typename... Args>
  void Add(fmt::format_string<Args...> text, Args&&... args) {
    if (!text_.empty()) text_ += '\n';
    text_ += subject_ + ": " + fmt::format(text, std::forward<Args>(args)...);
  }

  void ThrowIfAny() const {
    if (!text_.empty()) throw EmitError(text_);
  }

 private:
  std::string subject_;
  std::string text_;
};

bool Contains(const std::set<std::string>& names, const std::string& name) {
  return names.find(name) != names.end();
}

void CheckDoc(const std::string& what, const std::string& doc, Report& report) {
  if (doc.empty()) report.Add("{} has no doc comment", what);
  if (doc.find_first_of("\n\r\t") != std::string::npos || doc.find("*/") != std::string::npos) {
    report.Add("the doc comment of {} is more than one line of text", what);
  }
}

void CheckName(const char* kind, const std::string& name, std::set<std::string>& taken,
               Report& report) {
  if (IsKeyword(name)) {
    report.Add("{} {} has the name of a keyword", kind, name);
  } else if (!IsIdentifier(name)) {
    report.Add("{} \"{}\" is no legal name: letters, digits and _ only", kind, name);
  } else if (!taken.insert(name).second) {
    report.Add("{} {} has a name that is taken", kind, name);
  }
}

void CheckParams(const Module& module, std::set<std::string>& taken, Report& report) {
  std::map<std::string, std::string> macros;
  for (const Param& param : module.params) {
    CheckName("parameter", param.name, taken, report);
    CheckDoc("parameter " + param.name, param.doc, report);
    const auto [same, is_new] = macros.emplace(MacroName(param.name), param.name);
    if (!is_new && same->second != param.name) {
      report.Add("parameters {} and {} are the same C macro, {}", same->second, param.name,
                 same->first);
    }
    if (param.value < std::numeric_limits<std::int32_t>::min() ||
        param.value > std::numeric_limits<std::int32_t>::max()) {
      report.Add("parameter {} = {} does not fit 32 bits", param.name, param.value);
    }
  }
  std::set<std::string> rules;
  for (const Rule& rule : module.rules) {
    CheckName("rule", rule.name, rules, report);
    for (const std::string& name : Names(rule.condition)) {
      if (module.FindParam(name) == nullptr) {
        report.Add("rule {} uses {}, which is no parameter", rule.name, name);
      }
    }
    if (Evaluate(rule.condition, module.Defaults()) == 0) {
      report.Add("the default parameters break the rule {}: {}", rule.name, rule.condition.text());
    }
  }
}

void CheckWidth(const Module& module, const Port& port, Report& report) {
  bool known = true;
  for (const std::string& name : Names(*port.width)) {
    if (module.FindParam(name) != nullptr) continue;
    known = false;
    report.Add("the width of port {} uses {}, which is no parameter", port.name, name);
  }
  if (!known) return;
  const auto width = Evaluate(*port.width, module.Defaults());
  if (!width || *width < 1) {
    report.Add("the width of port {} is {} with the default parameters: {}", port.name,
               width ? std::to_string(*width) : "not defined", port.width->text());
  }
}

void CheckPorts(const Module& module, std::set<std::string>& taken, Report& report) {
  if (module.ports.empty()) report.Add("it has no ports");
  for (const Port& port : module.ports) {
    CheckName("port", port.name, taken, report);
    CheckDoc("port " + port.name, port.doc, report);
    const bool in = port.direction == Direction::kIn;
    const bool named_in = port.name.ends_with("_i") || port.name.ends_with("_ni");
    const bool named_out = port.name.ends_with("_o") || port.name.ends_with("_no");
    if (in ? !named_in : !named_out) {
      report.Add("{} {} does not end in {}", in ? "input" : "output", port.name, in ? "_i" : "_o");
    }
    if (port.width) CheckWidth(module, port, report);
    if (port.latency && in) report.Add("input {} has a latency", port.name);
    if (port.latency.value_or(0) < 0) report.Add("port {} has a negative latency", port.name);
  }
}

/// Everything is used, and driven from the right side.
void CheckBody(const Module& module, const Scan& scan, const std::set<std::string>& driven,
               const std::set<std::string>& used, Report& report) {
  for (const Port& port : module.ports) {
    if (port.direction == Direction::kOut) {
      if (!Contains(driven, port.name) && !Contains(scan.connected, port.name)) {
        report.Add("output {} is not driven: assign it, or connect it to an instance's output",
                   port.name);
      }
    } else if (Contains(driven, port.name)) {
      report.Add("input {} is driven from inside", port.name);
    } else if (!Contains(used, port.name)) {
      report.Add("input {} is not used", port.name);
    }
    if (Contains(scan.declared, port.name)) report.Add("port {} is declared again", port.name);
  }
  std::set<std::string> in_ports;
  for (const Port& port : module.ports) {
    if (!port.width) continue;
    for (const std::string& name : Names(*port.width)) in_ports.insert(name);
  }
  for (const Param& param : module.params) {
    if (!Contains(used, param.name) && !Contains(in_ports, param.name)) {
      report.Add("parameter {} is not used", param.name);
    }
    if (Contains(scan.declared, param.name)) {
      report.Add("parameter {} is declared again", param.name);
    }
  }
}

template <typename Pairs>
void CheckGiven(const char* kind, const std::string& where, const Pairs& given,
                const std::vector<std::string>& wanted, Report& report) {
  std::set<std::string> seen;
  for (const auto& [name, value] : given) {
    if (!seen.insert(name).second) report.Add("{}: {} {} is given twice", where, kind, name);
    if (std::find(wanted.begin(), wanted.end(), name) == wanted.end()) {
      report.Add("{}: there is no {} {}", where, kind, name);
    }
  }
  for (const std::string& name : wanted) {
    if (!Contains(seen, name)) report.Add("{}: {} {} is missing", where, kind, name);
  }
}

/// The child's parameters in this place; those that depend on a genvar, say, are left out.
Values ParamsOf(const Instance& instance, const Scope& scope) {
  Values values;
  for (const auto& [name, expression] : instance.params) {
    const auto value = Evaluate(expression, scope.constants);
    if (value) values[name] = *value;
  }
  return values;
}

void CheckRulesOf(const Instance& instance, const std::string& where, const Values& params,
                  Report& report) {
  for (const Rule& rule : instance.module.rules) {
    if (Evaluate(rule.condition, params) == 0) {
      report.Add("{}: its parameters break the rule {}: {}", where, rule.name,
                 rule.condition.text());
    }
  }
}

void CheckInstance(const Instance& instance, const Scope& scope, std::set<std::string>& taken,
                   Report& report) {
  const std::string where = fmt::format("instance {} of {}", instance.name, instance.module.name);
  CheckName("instance", instance.name, taken, report);
  std::vector<std::string> params, ports;
  for (const Param& param : instance.module.params) params.push_back(param.name);
  for (const Port& port : instance.module.ports) ports.push_back(port.name);
  CheckGiven("parameter", where, instance.params, params, report);
  CheckGiven("port", where, instance.ports, ports, report);

  const Values values = ParamsOf(instance, scope);
  CheckRulesOf(instance, where, values, report);
  for (const auto& [name, actual] : instance.ports) {
    const Port* port = instance.module.FindPort(name);
    if (port == nullptr) continue;
    if (actual.empty()) {
      if (port->direction == Direction::kIn) report.Add("{}: input {} is open", where, name);
      continue;
    }
    const auto want = port->width ? Evaluate(*port->width, values) : 1;
    const auto have = WidthOf(actual, scope);
    if (want && have && *want != *have) {
      report.Add("{}: port {} has {} bits ({}), \"{}\" has {}", where, name, *want,
                 port->width ? port->width->text() : "1", actual, *have);
    }
  }
}

/// The names that an instance's outputs drive.
void AddDriven(const Instance& instance, std::set<std::string>& driven) {
  for (const auto& [name, actual] : instance.ports) {
    const Port* port = instance.module.FindPort(name);
    if (port == nullptr || port->direction != Direction::kOut) continue;
    driven.merge(Targets(Tokens(actual)));
  }
}

}  // namespace

void CheckModule(const Module& module, const std::string& written,
                 const std::vector<Instance>& instances) {
  Report report(module.name.empty() ? "a module without a name" : module.name);
  std::set<std::string> taken, instance_names;
  CheckName("module", module.name, taken, report);
  CheckDoc("the module", module.summary, report);
  CheckParams(module, taken, report);
  CheckPorts(module, taken, report);
  report.ThrowIfAny();  // what follows evaluates names and widths

  const std::vector<Token> body = Tokens(module.body);
  const Scan scan = ScanVerilog(Tokens(written));
  const Scope scope = ScopeOf(module, body);
  std::set<std::string> driven = scan.assigned;
  for (const Instance& instance : instances) {
    CheckInstance(instance, scope, instance_names, report);
    AddDriven(instance, driven);
  }
  CheckBody(module, scan, driven, ScanVerilog(body).names, report);
  for (const Token& token : body) {
    if (token.text == "endmodule") report.Add("the body ends the module");
  }
  report.ThrowIfAny();
  CheckLayout(module.name, module.ToVerilog());
}

void CheckDesign(const Design& design) {
  Report report("design " + design.top);
  std::set<std::string> known, used = {design.top};
  for (const Module& module : design.modules) {
    for (const std::string& child : module.instances) {
      used.insert(child);
      if (!Contains(known, child)) {
        report.Add("{} instantiates {}, which does not come before it", module.name, child);
      }
    }
    if (!known.insert(module.name).second) report.Add("there are two modules {}", module.name);
  }
  if (!Contains(known, design.top)) report.Add("the top module is missing");
  for (const std::string& name : known) {
    if (!Contains(used, name)) report.Add("nothing instantiates {}", name);
  }
  report.ThrowIfAny();
}

}  // namespace systole::rtl
