// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "synth/liberty/library.h"

namespace systole {

/// The data of synth/macros/*.json, built into the program. Every number there names its source.
/// Areas in um2, energies in J, leakage in W, times in s, features in um, voltages in V.

struct DataSource {
  std::string title;    ///< paper or file
  std::string where;    ///< table, figure, attribute
  std::string checked;  ///< how the number was checked: "read from the files", "not verified here"
};

/// What the models of memories need of a process.
struct MacroNode {
  double feature = 0.13;  ///< um
  double voltage = 1.2;   ///< V, nominal

  friend bool operator==(const MacroNode&, const MacroNode&) = default;
};

/// An SRAM macro that exists.
struct RealMacro {
  std::string name;
  int depth = 0, width = 0;
  double area = 0;
  std::optional<double> read, write;  ///< J an access of the whole word
  double leakage = 0;
  double access = 0;  ///< clock to output
  MacroNode node;
  std::string ports;
  std::string source;
};

/// What a macro shows at its pins, in s and F: setup of the inputs, capacitances, and of an output
/// the largest load, its rise time without load, what delay and rise time gain up to that load.
struct MacroInterface {
  double setup = 0, pin = 0, clock_pin = 0, load = 0, load_delay = 0, rise = 0, load_rise = 0;
  double feature = 0;  ///< um
  std::string source;
};

struct Cell6T {
  std::string node;
  double feature = 0, area = 0;
  std::string source;
};

/// Energy of a read of a whole cache, published.
struct PublishedCache {
  int bytes = 0, width = 0;
  double read = 0;
  MacroNode node;
  std::string source;
};

struct PublishedCam {
  int entries = 0, width = 0;
  double area = 0, search = 0;
  std::optional<double> access;
  MacroNode node;
  std::string source;
};

/// A TCAM that was built, or a ternary cell; what its paper does not say is left out.
struct TcamSilicon {
  int entries = 0, width = 0;
  double feature = 0;
  std::optional<double> voltage, search_per_bit, cycle, match;
  std::optional<double> saving;  ///< fraction of the power of an array without its measures
  std::string source;
};

struct TcamCell {
  std::string what;
  double feature = 0, area = 0;
  std::string source;
};

struct MainMemory {
  std::string name, what;
  double low = 0, high = 0;  ///< J a bit
  std::string source;
};

struct Processor {
  std::string name, what;
  double area = 0, area_without_caches = 0;
  int cache_bytes = 0;
  double energy_per_cycle = 0;
  MacroNode node;
  std::string source;
};

struct ProcessorCore {
  std::string name, what;
  double gates = 0;  ///< two-input NANDs
  std::string source;
};

/// What SparseCache's authors published over their whole processor, in percent.
struct PublishedOverhead {
  double area_percent = 0, power_percent = 0;
};

struct MacroData {
  std::map<std::string, DataSource> sources;  ///< by file and key, e.g. "sram.ihp"
  std::vector<RealMacro> macros;
  MacroInterface interface;
  std::vector<Cell6T> cells_6t;
  std::vector<PublishedCache> caches;
  std::vector<PublishedCam> binary_cams;  ///< rising entries, one width
  std::vector<TcamSilicon> tcams;
  std::vector<TcamCell> tcam_cells;
  std::vector<MainMemory> memories;
  std::vector<Processor> processors;
  std::vector<ProcessorCore> cores;
  PublishedOverhead published;
  struct LibraryNode {
    std::string library;  ///< what the library's name begins with
    MacroNode node;
  };
  std::vector<LibraryNode> nodes;
};

const MacroData& Macros();

/// The node of a known cell library; its feature, with the voltage of the file where that says one.
/// Throws RequestError for others: their feature has to be given.
MacroNode NodeOf(const Library& library);

}  // namespace systole
