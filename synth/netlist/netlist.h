// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace systole {

/// A mapped design: modules of library cells, memory macros and other modules.

using Net = std::int32_t;  ///< index in NetlistModule::nets, or a constant
constexpr Net kConstant0 = -1, kConstant1 = -2, kUnconnected = -3;

enum class PortDirection { kInput, kOutput };

struct NetlistPort {
  std::string name;
  PortDirection direction = PortDirection::kInput;
  std::vector<Net> bits;  ///< bit 0 first
};

struct NetlistInstance {
  std::string name;
  std::string type;  ///< a library cell, a macro, or a module of the netlist
  bool is_module = false;
  struct Connection {
    std::string port;
    std::vector<Net> bits;  ///< bit 0 first
  };
  std::vector<Connection> connections;
};

struct NetlistModule {
  std::string
      name;  ///< legal and unique: the Verilog name with what sets it apart, e.g. delay_line_8_3
  std::string block;              ///< name in the RTL, e.g. delay_line
  std::vector<std::string> nets;  ///< names, e.g. sum_q[3][7]
  std::vector<NetlistPort> ports;
  std::vector<NetlistInstance> instances;
};

/// Modules stand after the modules they instantiate; the last one is the top.
struct Netlist {
  std::vector<NetlistModule> modules;
  const NetlistModule& top() const { return modules.back(); }
};

}  // namespace systole
