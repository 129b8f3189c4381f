// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "synth/liberty/group.h"
#include "synth/liberty/library.h"

namespace systole {

/// What the cells of a library share while it is read: units, defaults, templates, bus types. The
/// parts of ReadLiberty.
class LibertyReader {
 public:
  explicit LibertyReader(const std::filesystem::path& path) : path_(path) {}

  /// Fills everything but the library's path and hash.
  void Read(const LibertyGroup& group, Library& library);

  [[noreturn]] void Fail(std::size_t line, const std::string& what) const;
  /// Counted; each text appears once in the library's warnings.
  void Warn(const std::string& what) { ++warnings_[what]; }

  double Number(const LibertyAttribute& attribute) const;
  std::optional<double> Number(const LibertyGroup& group, std::string_view name) const;
  std::string Text(const LibertyGroup& group, std::string_view name) const;
  bool Flag(const LibertyGroup& group, std::string_view name) const;
  /// Numbers of all values of a complex attribute, apart by blanks and commas.
  std::vector<double> Numbers(const LibertyAttribute& attribute) const;

  /// The table of a group such as cell_rise, values scaled; empty (with a warning) over quantities
  /// that Systole does not follow.
  Table ReadTable(const LibertyGroup& group, double scale);

  struct Units {
    double time = 1e-9, voltage = 1, capacitance = 1e-12, leakage = 1e-9;
    double energy() const { return capacitance * voltage * voltage; }
  };
  const Units& units() const { return units_; }
  /// A default_ attribute of the library, scaled.
  std::optional<double> Default(const std::string& name, double unit) const;
  struct BusType {
    long from, to;
  };
  BusType FindBusType(const LibertyGroup& bus) const;

 private:
  struct Template {
    std::vector<std::optional<Table::Axis>> axes;  ///< nullopt: another quantity
    std::vector<std::vector<double>> points;       ///< not scaled
  };
  void ReadUnits(const LibertyGroup& group);
  void ReadConditions(const LibertyGroup& group, Library& library);
  void ReadTemplate(const LibertyGroup& group);
  void ReadBusType(const LibertyGroup& group);
  void NoteGaps(Library& library);

  const std::filesystem::path& path_;
  const LibertyGroup* library_ = nullptr;
  Units units_;
  std::map<std::string, Template, std::less<>> templates_;
  std::map<std::string, BusType, std::less<>> bus_types_;
  std::map<std::string, int> warnings_;
};

/// One `cell` group.
Cell ReadCell(const LibertyGroup& group, LibertyReader& reader);

}  // namespace systole
