// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace systole {

/// A mapped design: modules of library cells, memory macros and other modules.

using Net = std::int32_t;  ///< index in NetlistModule::nets, or a constant
constexpr Net kConstant0 = -1, kConstant1 = -2, kUnconnected = -3;

enum class PortDirection { kInput, kOutput };

/// Verilog parameters by name.
using Parameters = std::map<std::string, std::int64_t>;

struct NetlistPort {
  std::string name;
  PortDirection direction = PortDirection::kInput;
  std::vector<Net> bits;  ///< bit 0 first
};

struct NetlistInstance {
  std::string name;  ///< as in the RTL; a register's is that of its output: sum_q[3][7]_reg
  std::string type;  ///< a library cell, a macro, or a module of the netlist
  bool is_module = false;
  struct Connection {
    std::string port;
    std::vector<Net> bits;  ///< bit 0 first
    /// Of a macro's port; a cell's and a module's port says its own.
    std::optional<PortDirection> direction = {};
  };
  std::vector<Connection> connections;
  /// A macro (a module kept as a black box): its name in the RTL, and all its parameters; `type` is
  /// then VariantName(block, parameters). Empty for library cells.
  std::string block = {};
  Parameters parameters = {};
};

struct NetlistModule {
  std::string name;            ///< legal and unique: the Verilog name with what sets it apart, e.g.
                               ///< delay_line_Depth3_Width8; the Verilog name where nothing does
  std::string block;           ///< name in the RTL, e.g. delay_line
  Parameters parameters = {};  ///< in force
  std::vector<std::string> nets;  ///< names, e.g. sum_q[3][7]
  std::vector<NetlistPort> ports;
  std::vector<NetlistInstance> instances;
};

/// Modules stand after the modules they instantiate; the last one is the top.
struct Netlist {
  std::vector<NetlistModule> modules;
  const NetlistModule& top() const { return modules.back(); }
};

/// `cache_ram` with {Depth: 512, Width: 64} as "cache_ram_Depth512_Width64": the cell that a
/// Liberty file of a macro has to describe. A negative value has an `m` for its sign.
std::string VariantName(const std::string& block, const Parameters& parameters);

/// The cell's pin at a bit of a connection, as CellPin names it: `D`, or `addr_i[3]` of a bus.
std::string PinName(const NetlistInstance::Connection& connection, std::size_t bit);

/// Instances that InsertBuffers added have names that begin so; those of the clock with the second.
inline constexpr std::string_view kBufferPrefix = "buffer_", kClockBufferPrefix = "clock_buffer_";

/// Instances that make up a clock gate have names that begin so, then its number and a dot.
inline constexpr std::string_view kClockGatePrefix = "clock_gate_";

/// Reads what Yosys' write_json says of a mapped design. Modules that differ in parameters get
/// names that say so; modules that Yosys knows only from outside (black boxes) are macros. Cells
/// and nets without a name in the RTL are numbered. Undefined bits are read as 0, as setundef -zero
/// makes them.
/// Throws RunError when the text is no whole netlist: damaged, without a top, or with processes,
/// memories or inout ports left.
Netlist ReadYosysJson(std::string_view text);

/// A module of the RTL with its parameters.
struct ModuleVariant {
  std::string block;
  Parameters parameters;
};

/// The modules that a text of write_json names, in its order, without what is in them.
std::vector<ModuleVariant> ReadYosysVariants(std::string_view text);

/// Puts modules that were read one by one together to a design: an instance of a macro whose block
/// and parameters are those of a module becomes an instance of that module. Names, order and what
/// is dropped as unused are as ReadYosysJson gives them. Throws RunError when `top` is none of them
/// or modules instantiate each other.
Netlist LinkModules(std::vector<NetlistModule> modules, const std::string& top);

}  // namespace systole
