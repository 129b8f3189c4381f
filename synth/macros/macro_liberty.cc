// SPDX-License-Identifier: Apache-2.0
#include "synth/macros/macro_liberty.h"

#include <fmt/format.h>

#include <bit>
#include <regex>
#include <set>

#include "base/error.h"
#include "synth/macros/reference_sram.h"

namespace systole {
namespace {

int AddressBits(int depth) { return std::bit_width(static_cast<unsigned>(depth - 1)); }

/// What a cell of IHP's macros shows at its pins, at another node, in ns and pF.
struct Pins {
  double setup, pin, clock_pin, load, load_delay, rise, load_rise;
};

Pins PinsAt(const MacroNode& node) {
  const MacroInterface& known = Macros().interface;
  const double scale = node.feature / known.feature;
  return {.setup = scale * known.setup * 1e9,
          .pin = scale * known.pin * 1e12,
          .clock_pin = scale * known.clock_pin * 1e12,
          .load = scale * known.load * 1e12,
          .load_delay = scale * known.load_delay * 1e9,
          .rise = scale * known.rise * 1e9,
          .load_rise = scale * known.load_rise * 1e9};
}

std::string Setup(const Pins& pins) {
  return fmt::format(
      "      timing () {{\n"
      "        related_pin : \"clk_i\";\n"
      "        timing_type : setup_rising;\n"
      "        rise_constraint (scalar) {{ values (\"{0:.6g}\"); }}\n"
      "        fall_constraint (scalar) {{ values (\"{0:.6g}\"); }}\n"
      "      }}\n",
      pins.setup);
}

std::string InputPin(const std::string& name, const Pins& pins) {
  return fmt::format(
      "    pin ({}) {{\n      direction : input;\n      capacitance : {:.6g};\n{}    }}\n", name,
      pins.pin, Setup(pins));
}

std::string InputBus(const std::string& name, int width, const Pins& pins) {
  return fmt::format(
      "    bus ({}) {{\n      bus_type : bits_{};\n      direction : input;\n      capacitance : "
      "{:.6g};\n{}    }}\n",
      name, width, pins.pin, Setup(pins));
}

std::string Energy(const char* when, double joules) {
  return fmt::format(
      "      internal_power () {{\n"
      "        when : \"{}\";\n"
      "        rise_power (scalar) {{ values (\"{:.6g}\"); }}\n"
      "        fall_power (scalar) {{ values (\"0\"); }}\n"
      "      }}\n",
      when, joules * 1e12);
}

std::string ClockPin(const MacroCell& cell, const Pins& pins) {
  return fmt::format(
      "    pin (clk_i) {{\n      direction : input;\n      clock : true;\n      capacitance : "
      "{:.6g};\n{}{}{}    }}\n",
      pins.clock_pin, Energy("en_i & !write_i", cell.figures.read.typical),
      Energy("en_i & write_i", cell.figures.write.typical), Energy("!en_i", 0));
}

std::string Output(const MacroCell& cell, const Pins& pins) {
  const double access = cell.figures.access.typical * 1e9;
  const auto table = [](const char* name, double low, double high) {
    return fmt::format("        {} (by_load) {{ values (\"{:.6g}, {:.6g}\"); }}\n", name, low,
                       high);
  };
  return fmt::format(
      "    bus (rdata_o) {{\n      bus_type : bits_{};\n      direction : output;\n      "
      "max_capacitance : {:.6g};\n"
      "      timing () {{\n        related_pin : \"clk_i\";\n        timing_type : rising_edge;\n"
      "        timing_sense : non_unate;\n{}{}{}{}      }}\n    }}\n",
      cell.shape.width, pins.load, table("cell_rise", access, access + pins.load_delay),
      table("cell_fall", access, access + pins.load_delay),
      table("rise_transition", pins.rise, pins.rise + pins.load_rise),
      table("fall_transition", pins.rise, pins.rise + pins.load_rise));
}

std::string CellText(const MacroCell& cell, const Pins& pins) {
  const int address = AddressBits(cell.shape.depth);
  return fmt::format(
             "  cell ({}) {{\n"
             "    memory () {{ type : ram; address_width : {}; word_width : {}; }}\n"
             "    interface_timing : true;\n"
             "    area : {:.8g};\n"
             "    cell_leakage_power : {:.6g};\n",
             cell.name, address, cell.shape.width, cell.figures.area.typical,
             cell.figures.leakage.typical * 1e9) +
         ClockPin(cell, pins) + InputPin("en_i", pins) + InputPin("write_i", pins) +
         InputBus("addr_i", address, pins) + InputBus("mask_i", cell.shape.width, pins) +
         InputBus("wdata_i", cell.shape.width, pins) + Output(cell, pins) + "  }\n";
}

void Check(const std::vector<std::string>& names, const std::vector<MacroCell>& cells) {
  static const std::regex verilog("[A-Za-z_][A-Za-z0-9_]*");
  for (const std::string& name : names) {
    if (!std::regex_match(name, verilog)) {
      throw RequestError(fmt::format("{} is no name for a macro", name),
                         "use letters, digits and _");
    }
  }
  std::set<std::string> seen;
  for (const MacroCell& cell : cells) {
    if (!seen.insert(cell.name).second) {
      throw RequestError(fmt::format("macro {} is there twice", cell.name));
    }
    if (cell.shape.depth < 2 || cell.shape.width < 1) {
      throw RequestError(fmt::format("macro {} has {} words of {} bits: it needs 2 words or more",
                                     cell.name, cell.shape.depth, cell.shape.width));
    }
  }
}

std::string Header(const std::string& library, const MacroNode& node, const Pins& pins) {
  return fmt::format(
      "/* Generated by systole from synth/macros; modelled, not characterized. */\n"
      "library ({0}) {{\n"
      "  delay_model : table_lookup;\n"
      "  time_unit : \"1ns\";\n"
      "  voltage_unit : \"1V\";\n"
      "  current_unit : \"1mA\";\n"
      "  pulling_resistance_unit : \"1kohm\";\n"
      "  leakage_power_unit : \"1nW\";\n"
      "  capacitive_load_unit (1, pf);\n"
      "  nom_process : 1;\n"
      "  nom_voltage : {1:.6g};\n"
      "  nom_temperature : 25;\n"
      "  slew_lower_threshold_pct_rise : 30;\n"
      "  slew_upper_threshold_pct_rise : 70;\n"
      "  slew_lower_threshold_pct_fall : 30;\n"
      "  slew_upper_threshold_pct_fall : 70;\n"
      "  input_threshold_pct_rise : 50;\n"
      "  input_threshold_pct_fall : 50;\n"
      "  output_threshold_pct_rise : 50;\n"
      "  output_threshold_pct_fall : 50;\n"
      "  lu_table_template (by_load) {{\n"
      "    variable_1 : total_output_net_capacitance;\n"
      "    index_1 (\"0, {2:.6g}\");\n"
      "  }}\n",
      library, node.voltage, pins.load);
}

}  // namespace

std::string MacroName(const MacroShape& shape) {
  return fmt::format("cache_ram_Depth{}_Width{}", shape.depth, shape.width);
}

std::string MacroLiberty(const std::string& library, const std::vector<MacroCell>& cells,
                         const MacroNode& node) {
  std::vector<std::string> names = {library};
  std::set<int> widths;
  for (const MacroCell& cell : cells) names.push_back(cell.name);
  Check(names, cells);
  for (const MacroCell& cell : cells) {
    CheckMacro(cell.shape, node);
    widths.insert({cell.shape.width, AddressBits(cell.shape.depth)});
  }
  const Pins pins = PinsAt(node);
  std::string text = Header(library, node, pins);
  for (const int width : widths) {
    text += fmt::format(
        "  type (bits_{0}) {{ base_type : array; data_type : bit; bit_width : {0}; bit_from : {1}; "
        "bit_to : 0; downto : true; }}\n",
        width, width - 1);
  }
  for (const MacroCell& cell : cells) text += CellText(cell, pins);
  return text + "}\n";
}

std::string MacroStubs(const std::vector<MacroCell>& cells) {
  std::string text;
  for (const MacroCell& cell : cells) {
    Check({cell.name}, {cell});
    text += fmt::format(
        "(* blackbox *)\nmodule {0} (\n  input  wire clk_i,\n  input  wire en_i,\n  input  wire "
        "write_i,\n  input  wire [{1}:0] addr_i,\n  input  wire [{2}:0] mask_i,\n  input  wire "
        "[{2}:0] wdata_i,\n  output wire [{2}:0] rdata_o\n);\nendmodule\n",
        cell.name, AddressBits(cell.shape.depth) - 1, cell.shape.width - 1);
  }
  return text;
}

}  // namespace systole
