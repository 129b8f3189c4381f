// SPDX-License-Identifier: Apache-2.0
#include "tests/gates/icarus.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "base/file.h"
#include "base/stimulus.h"
#include "tests/support/tool.h"

namespace systole {
namespace {

std::string NetWord(std::int32_t net) {
  if (net == kConstant0) return "1'b0";
  if (net == kConstant1) return "1'b1";
  return net == kUnconnected ? "" : fmt::format("n{}", net);
}

/// A cell's table as Verilog: a constant, and the index into it of those signals that matter (an
/// unknown one that does not matter would make the value unknown).
struct TableText {
  std::string declarations, index, value;

  TableText(const std::string& name, const CellLogic::Table& table,
            const std::vector<std::string>& signals) {
    const auto at = [&](std::size_t i) { return (table[i / 64] >> (i % 64) & 1) != 0; };
    std::vector<std::size_t> bits;
    std::string list;
    for (std::size_t bit = 0; bit < signals.size(); ++bit) {
      bool matters = false;
      for (std::size_t i = 0; i < std::size_t{1} << signals.size(); ++i) {
        matters = matters || at(i) != at(i ^ (std::size_t{1} << bit));
      }
      if (!matters) continue;
      bits.push_back(bit);
      list = signals[bit] + (list.empty() ? "" : ", ") + list;
    }
    std::string digits;
    for (std::size_t small = std::size_t{1} << bits.size(); small-- > 0;) {
      std::size_t i = 0;
      for (std::size_t k = 0; k < bits.size(); ++k) i |= (small >> k & 1) << bits[k];
      digits += at(i) ? '1' : '0';
    }
    index = "index_" + name;
    declarations =
        fmt::format("  localparam [{0}:0] T_{1} = {2}'b{3};\n  wire [{4}:0] {5} = {{{6}}};\n",
                    digits.size() - 1, name, digits.size(), digits,
                    std::max<std::size_t>(bits.size(), 1) - 1, index, list.empty() ? "1'b0" : list);
    value = fmt::format("T_{}[{}]", name, index);
  }
};

std::string StateText(const CellLogic& logic, const std::vector<std::string>& signals, bool state,
                      int period) {
  const TableText clock("clock", logic.clock, signals), next("next", logic.next_state, signals),
      clear("clear", logic.clear, signals), preset("preset", logic.preset, signals);
  // What settles from unknown in the first cycle is no edge.
  const std::string when =
      logic.latch ? fmt::format("clock or clear or preset or {}", next.index) : "posedge clock";
  const std::string condition = logic.latch ? "clock" : fmt::format("$time >= {}", period);
  return fmt::format(
      "  reg state;\n  initial state = 1'b{};\n{}{}{}{}"
      "  wire clock = {}, clear = {}, preset = {};\n"
      "  always @(clear or preset)\n"
      "    if (clear) state <= 1'b0;\n    else if (preset) state <= 1'b1;\n"
      "  always @({})\n    if ({} && !clear && !preset) state <= {};\n",
      state ? 1 : 0, clock.declarations, next.declarations, clear.declarations, preset.declarations,
      clock.value, clear.value, preset.value, when, condition, next.value);
}

std::string CellModule(const Cell& type, const CellLogic& logic, const std::string& name,
                       bool state, int period, const ArcDelay* arcs) {
  std::string ports, body, paths;
  std::vector<std::string> signals;
  for (const std::uint32_t pin : logic.inputs) {
    signals.push_back(type.pins[pin].name);
    ports += fmt::format("input wire {}, ", signals.back());
  }
  if (logic.sequential) {
    signals.push_back("state");
    body += StateText(logic, signals, state, period);
  }
  for (std::size_t output = 0; output < logic.outputs.size(); ++output) {
    const std::string& pin = type.pins[logic.outputs[output].pin].name;
    const TableText table(pin, logic.outputs[output].function, signals);
    ports += fmt::format("output wire {}, ", pin);
    // A block runs when all changes of the time step have come; an expression would follow each of
    // them and let the specify paths see values between.
    body += fmt::format(
        "{0}  reg value_{1};\n  always @({2}) value_{1} = {3};\n"
        "  initial #1 value_{1} = {3};\n  assign {1} = value_{1};\n",
        table.declarations, pin, table.index, table.value);
    for (std::size_t k = 0; arcs != nullptr && k < logic.inputs.size(); ++k) {
      const bool source =
          logic.sequential ? logic.wakes >> k & 1 : logic.outputs[output].reads >> k & 1;
      const ArcDelay& arc = arcs[output * logic.inputs.size() + k];
      if (source) {
        paths += fmt::format("    ({} => {}) = ({}, {});\n", signals[k], pin, arc.rise, arc.fall);
      }
    }
  }
  if (!paths.empty()) body += "  specify\n" + paths + "  endspecify\n";
  ports.resize(ports.size() - 2);
  return fmt::format("module {}({});\n{}endmodule\n", name, ports, body);
}

std::string TopModule(const FlatNetlist& netlist, bool own_modules) {
  std::string list, body;
  for (const FlatPort& port : netlist.ports) {
    const bool input = port.direction == PortDirection::kInput;
    list += fmt::format("{}{} wire [{}:0] {}", list.empty() ? "" : ", ", input ? "input" : "output",
                        port.bits.size() - 1, port.name);
    for (std::size_t bit = 0; bit < port.bits.size(); ++bit) {
      const std::string inside = NetWord(port.bits[bit]);
      if (inside.empty()) continue;
      const std::string outside = fmt::format("{}[{}]", port.name, bit);
      body += input ? fmt::format("  assign {} = {};\n", inside, outside)
                    : fmt::format("  assign {} = {};\n", outside, inside);
    }
  }
  std::string text = fmt::format("module dut({});\n", list);
  for (std::uint32_t net = 0; net < netlist.nets; ++net) text += fmt::format("  wire n{};\n", net);
  text += body;
  for (std::uint32_t i = 0; i < netlist.cells.size(); ++i) {
    const Cell& type = *netlist.types[netlist.cells[i].cell];
    std::string pins;
    for (std::size_t pin = 0; pin < type.pins.size(); ++pin) {
      const CellPin::Direction direction = type.pins[pin].direction;
      if (direction != CellPin::Direction::kInput && direction != CellPin::Direction::kOutput) {
        continue;
      }
      pins += fmt::format("{}.{}({})", pins.empty() ? "" : ", ", type.pins[pin].name,
                          NetWord(netlist.pin_nets[netlist.cells[i].first_pin + pin]));
    }
    text += fmt::format("  {} u{}({});\n", own_modules ? fmt::format("cell_{}", i) : type.name, i,
                        pins);
  }
  return text + "endmodule\n";
}

/// The value of a register's state, from the output that shows it.
bool InitialState(const FlatNetlist& netlist, const CellLogic& logic, const FlatCell& cell,
                  const GateSimulator& simulator) {
  for (const CellLogic::Output& output : logic.outputs) {
    const std::int32_t net = netlist.pin_nets[cell.first_pin + output.pin];
    if (net < 0 || output.reads != 1u << logic.inputs.size()) continue;
    const bool inverts = output.function[0] & 1;  // its value at state 0
    return simulator.Value(static_cast<std::uint32_t>(net)) != inverts;
  }
  return false;
}

/// The clock is ideal: its cells have no delay.
bool InClockNetwork(const FlatNetlist& netlist, const Timing& timing, const FlatCell& cell) {
  const std::uint32_t pin = timing.models[cell.cell].outputs.front().pin;
  const std::int32_t net = netlist.pin_nets[cell.first_pin + pin];
  return net >= 0 && timing.clock_network[static_cast<std::size_t>(net)];
}

/// The test bench; inputs in one word, in the recording's order from the lowest bit on.
std::string TestBench(const IcarusJob& job) {
  std::string declarations, connections, sets, outputs;
  std::uint32_t width = 0;
  std::string formats;
  for (const RecordedPort& port : job.stimulus->ports()) {
    connections += fmt::format("{}.{}({})", connections.empty() ? "" : ", ", port.name, port.name);
    if (port.direction == PortDirection::kInput) {
      declarations += fmt::format("  reg [{}:0] {} = 0;\n", port.width - 1, port.name);
      sets +=
          fmt::format("      {} <= bits[c][{}:{}];\n", port.name, width + port.width - 1, width);
      width += port.width;
    } else {
      declarations += fmt::format("  wire [{}:0] {};\n", port.width - 1, port.name);
      formats += " %b";
      outputs += ", " + port.name;
    }
  }
  if (!job.clock.empty()) {
    connections += fmt::format("{}.{}(clock)", connections.empty() ? "" : ", ", job.clock);
  }
  const int fall = job.period / 2;
  return fmt::format(
      "`timescale 1ps/1ps\n"
      "module bench;\n"
      "  reg clock = 0;\n{declarations}"
      "  reg [{high}:0] bits [0:{last}];\n"
      "  {top} dut({connections});\n"
      "  integer c, file;\n"
      "  initial begin\n"
      "    $readmemb(\"stimulus.txt\", bits);\n"
      "    file = $fopen(\"outputs.txt\");\n"
      "    $dumpfile(\"dut.vcd\");\n"
      "    $dumpvars(1, bench.dut);\n"
      "    for (c = 0; c <= {last}; c = c + 1) begin\n"
      "      if (c > 0) clock = 1;\n"
      "{wait}{sets}"
      "      #{to_fall} clock = 0;\n"
      "      #{to_end} $fstrobe(file, \"o{formats}\"{outputs});\n"
      "      #1;\n"
      "    end\n"
      "    $finish;\n"
      "  end\n"
      "endmodule\n",
      fmt::arg("declarations", declarations), fmt::arg("high", width == 0 ? 0 : width - 1),
      fmt::arg("last", job.stimulus->cycles() - 1), fmt::arg("top", job.top),
      fmt::arg("connections", connections),
      fmt::arg("wait", job.input_time > 0 ? fmt::format("      #{};\n", job.input_time) : ""),
      fmt::arg("sets", sets), fmt::arg("to_fall", fall - job.input_time),
      fmt::arg("to_end", job.period - fall - 1), fmt::arg("formats", formats),
      fmt::arg("outputs", outputs));
}

std::string StimulusText(const PortRecording& stimulus) {
  std::string text;
  for (std::uint64_t cycle = 0; cycle < stimulus.cycles(); ++cycle) {
    std::string line;  // highest bit first
    for (std::size_t i = stimulus.ports().size(); i-- > 0;) {
      const RecordedPort& port = stimulus.ports()[i];
      if (port.direction != PortDirection::kInput) continue;
      for (std::uint32_t bit = port.width; bit-- > 0;) {
        line += stimulus.Bit(cycle, i, bit) ? '1' : '0';
      }
    }
    text += (line.empty() ? "0" : line) + "\n";
  }
  return text;
}

/// Toggles of the scalar wires of a VCD of one scope, from `begin` on.
std::map<std::string, std::uint64_t> CountToggles(const std::string& vcd, std::uint64_t begin) {
  std::map<std::string, std::vector<std::string>> names;  // several wires may share a code
  std::map<std::string, std::pair<char, std::uint64_t>> codes;
  std::istringstream in(vcd);
  std::uint64_t time = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("$var")) {
      std::istringstream words(line);
      std::string word, type, width, code, name;
      words >> word >> type >> width >> code >> name;
      if (width == "1") names[code].push_back(name);
    } else if (line.starts_with("#")) {
      time = std::stoull(line.substr(1));
    } else if (!line.empty() && (line[0] == '0' || line[0] == '1' || line[0] == 'x')) {
      auto& [value, count] = codes.try_emplace(line.substr(1), 'x', 0).first->second;
      if (time >= begin && value != 'x' && line[0] != 'x' && value != line[0]) ++count;
      value = line[0];
    }
  }
  std::map<std::string, std::uint64_t> toggles;
  for (const auto& [code, list] : names) {
    for (const std::string& name : list) toggles[name] = codes[code].second;
  }
  return toggles;
}

}  // namespace

std::string FlatVerilog(const FlatNetlist& netlist, const Timing& timing,
                        const GateSimulator& simulator, int period, bool delays) {
  std::string text = "`timescale 1ps/1ps\n" + TopModule(netlist, true);
  for (std::uint32_t i = 0; i < netlist.cells.size(); ++i) {
    const FlatCell& cell = netlist.cells[i];
    const CellLogic& logic = timing.models[cell.cell];
    text += CellModule(*netlist.types[cell.cell], logic, fmt::format("cell_{}", i),
                       InitialState(netlist, logic, cell, simulator), period,
                       delays && !InClockNetwork(netlist, timing, cell)
                           ? &timing.arcs[timing.first_arc[i]]
                           : nullptr);
  }
  return text;
}

std::string FlatVerilogOfCells(const FlatNetlist& netlist) {
  return "`timescale 1ps/1ps\n" + TopModule(netlist, false);
}

bool HasIcarus() { return RunTool(".", "iverilog -V").status != 127; }

IcarusResult RunIcarus(const IcarusJob& job) {
  const ScratchFolder folder;
  WriteFile(folder.path() / "design.v", job.verilog);
  WriteFile(folder.path() / "bench.v", TestBench(job));
  WriteFile(folder.path() / "stimulus.txt", StimulusText(*job.stimulus));
  const ToolResult tool =
      RunTool(folder.path(),
              fmt::format("iverilog -g2005 {} -s bench -o sim bench.v design.v && vvp -n sim",
                          job.specify ? "-gspecify" : ""));
  if (tool.status != 0) throw std::runtime_error("iverilog: " + tool.output);
  IcarusResult result{
      PortRecording(job.stimulus->ports()), PortRecording(job.stimulus->ports()), {}};
  std::istringstream in(ReadFile(folder.path() / "outputs.txt"));
  for (std::uint64_t cycle = 0; cycle < job.stimulus->cycles(); ++cycle) {
    result.recording.AddCycle();
    result.unknown.AddCycle();
    std::string word;
    if (!(in >> word)) throw std::runtime_error("iverilog ended early: " + tool.output);
    for (std::size_t i = 0; i < job.stimulus->ports().size(); ++i) {
      const RecordedPort& port = job.stimulus->ports()[i];
      if (port.direction == PortDirection::kOutput) in >> word;
      for (std::uint32_t bit = 0; bit < port.width; ++bit) {
        const char digit = port.direction == PortDirection::kOutput ? word[port.width - 1 - bit]
                           : job.stimulus->Bit(cycle, i, bit)       ? '1'
                                                                    : '0';
        result.recording.Set(i, bit, 1, digit == '1');
        result.unknown.Set(i, bit, 1, digit != '0' && digit != '1');
      }
    }
  }
  result.toggles = CountToggles(ReadFile(folder.path() / "dut.vcd"),
                                job.window * static_cast<std::uint64_t>(job.period));
  return result;
}

std::uint64_t KnownFrom(const PortRecording& unknown) {
  for (std::uint64_t cycle = unknown.cycles(); cycle-- > 0;) {
    for (std::size_t port = 0; port < unknown.ports().size(); ++port) {
      for (std::uint32_t bit = 0; bit < unknown.ports()[port].width; ++bit) {
        if (unknown.Bit(cycle, port, bit)) return cycle + 1;
      }
    }
  }
  return 0;
}

PortRecording RandomStimulus(const std::vector<RecordedPort>& ports, std::uint64_t cycles,
                             std::uint64_t seed, const std::string& quiet,
                             std::uint64_t quiet_from) {
  PortRecording recording(ports);
  Stimulus random(seed);
  for (std::uint64_t cycle = 0; cycle < cycles; ++cycle) {
    recording.AddCycle();
    for (std::size_t i = 0; i < ports.size(); ++i) {
      if (ports[i].direction != PortDirection::kInput || cycle == 0) continue;
      for (std::uint32_t first = 0; first < ports[i].width; first += 64) {
        recording.Set(i, first, std::min<std::uint32_t>(64, ports[i].width - first),
                      ports[i].name == quiet && cycle + 1 >= quiet_from ? ~0ULL : random.Next());
      }
    }
  }
  return recording;
}

std::vector<RecordedPort> PortsOf(const FlatNetlist& netlist, const std::string& clock) {
  std::vector<RecordedPort> ports;
  for (const FlatPort& port : netlist.ports) {
    if (port.name == clock) continue;
    ports.push_back({port.name, static_cast<std::uint32_t>(port.bits.size()), port.direction});
  }
  return ports;
}

}  // namespace systole
