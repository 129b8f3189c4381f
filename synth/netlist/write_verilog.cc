// SPDX-License-Identifier: Apache-2.0
#include "synth/netlist/write_verilog.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

namespace systole {
namespace {

bool IsPlain(const std::string& name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && letter(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9');
  });
}

std::string Escaped(const std::string& name) {
  return IsPlain(name) ? name : fmt::format("\\{} ", name);
}

class ModuleWriter {
 public:
  ModuleWriter(const NetlistModule& module, std::string& out) : module_(&module), out_(&out) {}

  void Write() {
    NameNets();
    *out_ += fmt::format("module {} (", Escaped(module_->name));
    for (std::size_t i = 0; i < module_->ports.size(); ++i) {
      *out_ += (i == 0 ? "" : ", ") + Escaped(module_->ports[i].name);
    }
    *out_ += ");\n";
    for (const NetlistPort& port : module_->ports) {
      const char* direction = port.direction == PortDirection::kInput ? "input" : "output";
      if (port.bits.size() == 1) {
        *out_ += fmt::format("  {} {};\n", direction, Escaped(port.name));
      } else {
        *out_ +=
            fmt::format("  {} [{}:0] {};\n", direction, port.bits.size() - 1, Escaped(port.name));
      }
    }
    for (std::size_t net = 0; net < names_.size(); ++net) {
      if (!of_port_[net]) *out_ += fmt::format("  wire {};\n", names_[net]);
    }
    for (const auto& [port, bit] : repeated_)
      *out_ += fmt::format("  assign {} = {};\n", port, bit);
    for (const NetlistInstance& instance : module_->instances) WriteInstance(instance);
    *out_ += "endmodule\n\n";
  }

 private:
  static std::string PortBit(const NetlistPort& port, std::size_t bit) {
    return port.bits.size() == 1 ? Escaped(port.name)
                                 : fmt::format("{}[{}]", Escaped(port.name), bit);
  }

  std::string Bit(Net net) const {
    if (net == kConstant0) return "1'b0";
    if (net == kConstant1) return "1'b1";
    return names_[static_cast<std::size_t>(net)];
  }

  /// A net at a port is the port's bit; the other ports' bits on it are assigned from it.
  void NameNets() {
    names_.resize(module_->nets.size());
    of_port_.resize(module_->nets.size(), false);
    std::unordered_set<std::string> taken;
    for (const PortDirection direction : {PortDirection::kInput, PortDirection::kOutput}) {
      for (const NetlistPort& port : module_->ports) {
        taken.insert(port.name);
        if (port.direction != direction) continue;
        for (std::size_t i = 0; i < port.bits.size(); ++i) {
          taken.insert(fmt::format("{}[{}]", port.name, i));
          NamePortBit(port, i);
        }
      }
    }
    for (std::size_t net = 0; net < names_.size(); ++net) {
      if (of_port_[net]) continue;
      std::string name = module_->nets[net];
      while (!taken.insert(name).second) name += "_net";
      names_[net] = Escaped(name);
    }
  }

  void NamePortBit(const NetlistPort& port, std::size_t bit) {
    const Net net = port.bits[bit];
    const std::string text = PortBit(port, bit);
    if (net == kUnconnected) return;
    if (net < 0) {
      repeated_.emplace_back(text, Bit(net));
    } else if (of_port_[static_cast<std::size_t>(net)]) {
      repeated_.emplace_back(text, names_[static_cast<std::size_t>(net)]);
    } else {
      of_port_[static_cast<std::size_t>(net)] = true;
      names_[static_cast<std::size_t>(net)] = text;
    }
  }

  void WriteInstance(const NetlistInstance& instance) {
    *out_ += fmt::format("  {} {} (", Escaped(instance.type), Escaped(instance.name));
    bool first = true;
    for (const NetlistInstance::Connection& connection : instance.connections) {
      *out_ += fmt::format("{}.{}(", first ? "" : ", ", Escaped(connection.port));
      first = false;
      WriteBits(connection.bits);
      *out_ += ")";
    }
    *out_ += ");\n";
  }

  /// An unconnected bit inside a bus gets a net of its own, because Verilog has no other word for
  /// it.
  void WriteBits(const std::vector<Net>& bits) {
    if (std::all_of(bits.begin(), bits.end(), [](Net net) { return net == kUnconnected; })) return;
    if (bits.size() > 1) *out_ += "{";
    for (std::size_t i = bits.size(); i-- > 0;) {
      *out_ += bits[i] == kUnconnected ? fmt::format("\\unconnected[{}] ", unconnected_++)
                                       : Bit(bits[i]);
      if (i > 0) *out_ += ", ";
    }
    if (bits.size() > 1) *out_ += "}";
  }

  const NetlistModule* module_;
  std::string* out_;
  std::vector<std::string> names_;  // of nets, as written
  std::vector<bool> of_port_;
  std::vector<std::pair<std::string, std::string>> repeated_;
  std::size_t unconnected_ = 0;
};

}  // namespace

std::string WriteVerilog(const Netlist& netlist) {
  std::string out;
  for (const NetlistModule& module : netlist.modules) ModuleWriter(module, out).Write();
  return out;
}

}  // namespace systole
