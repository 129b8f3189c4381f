// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace systole {

/// What Systole uses of a cell library in the Liberty format, in SI units: seconds, farads, volts,
/// watts, joules; areas in um2. Liberty Reference Manual 2017.06, chapters 1 to 3 (NLDM).

/// A table of one value over no, one or two quantities.
struct Table {
  enum class Axis { kInputTransition, kOutputLoad };  ///< seconds; farads
  std::vector<Axis> axes;                             ///< 0, 1 or 2
  std::vector<std::vector<double>> points;            ///< of each axis, rising
  std::vector<double> values;                         ///< first axis outermost

  bool empty() const { return values.empty(); }
  /// Bilinear between the points; beyond the ends the outermost piece goes on (as OpenSTA does).
  /// 0 for an empty table.
  double At(double input_transition, double output_load) const;
};

enum class TimingSense { kPositiveUnate, kNegativeUnate, kNonUnate };

/// Delay from an input to an output. Setup, hold and other constraints are OpenSTA's business.
struct TimingArc {
  std::size_t input;  ///< index in Cell::pins
  TimingSense sense = TimingSense::kNonUnate;
  bool clock_edge = false;    ///< from the clock of a register
  bool asynchronous = false;  ///< clear or preset
  std::string when;           ///< condition, as in the file; empty: always
  Table delay_rise, delay_fall, transition_rise, transition_fall;  ///< of the output
};

/// Energy that a cell takes from the supply beside the charge of its load, at each transition.
struct PowerArc {
  std::optional<std::size_t> input;  ///< of an output's arc: the input that caused it
  std::string when;
  std::string supply;  ///< related_pg_pin: arcs that differ only in it add up
  Table rise, fall;    ///< joules a transition of this pin
};

struct CellPin {
  enum class Direction { kInput, kOutput, kInout, kInternal };
  std::string name;
  Direction direction = Direction::kInput;
  double capacitance = 0;                 ///< that it adds to its net; of an output mostly 0
  std::optional<double> max_capacitance;  ///< of an output
  std::string function;                   ///< of an output, as in the file
  std::string three_state;                ///< of an output: when it drives nothing
  bool clock = false;
  std::vector<TimingArc> timing;  ///< of an output
  std::vector<PowerArc> power;
};

/// Flip-flop or latch.
struct Sequential {
  bool latch = false;
  std::string state, inverted_state;  ///< names that output functions use, e.g. IQ, IQN
  std::string clocked_on;             ///< flip-flop: clock edge; latch: enable. A function of pins
  std::string next_state;             ///< flip-flop: next_state; latch: data_in
  std::string clear, preset;          ///< active when true; may be empty
};

struct LeakageState {
  std::string when;
  double watts = 0;
};

struct Cell {
  std::string name;
  std::optional<double> area;  ///< um2; a cell without one is an error where it is counted
  bool area_of_lef = false;    ///< the Liberty file has none, or 0, and a LEF file beside it has it
  double leakage = 0;          ///< watts; cell_leakage_power, else the mean of the states
  std::vector<LeakageState> leakage_states;
  std::optional<Sequential> sequential;
  bool memory = false;    ///< has a memory group: an SRAM macro
  bool dont_use = false;  ///< marked so, or for power management
  /// Isolation, level shifter, always on, retention or power switch: of use only where the supply
  /// says so, though its function may be that of a gate.
  bool power_management = false;
  std::vector<CellPin> pins;  ///< a bus gives one pin a bit, named bus[i]

  const CellPin* FindPin(const std::string& name) const;
};

struct Library {
  std::string name;
  std::filesystem::path path;
  std::string hash;                     ///< of the unpacked file, for reports and caches
  double voltage = 0, temperature = 0;  ///< nominal; V, degrees Celsius
  std::vector<Cell> cells;
  std::map<std::string, std::size_t> index;  ///< of cells, by name
  std::vector<std::string> warnings;         ///< what was left out, and what it means

  const Cell* Find(const std::string& cell) const;
  /// The area of the smallest two-input NAND: one gate equivalent. Throws RequestError without one.
  double Nand2Area() const;
};

/// Reads a Liberty file, gzip-compressed or not. Cells with outputs whose area it does not give, or
/// gives as 0, take it from the LEF file beside it (FindLef), where there is one. Throws
/// RequestError with path and line when it cannot be read, and when it is no Liberty file.
Library ReadLiberty(const std::filesystem::path& path);

}  // namespace systole
