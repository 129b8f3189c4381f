// SPDX-License-Identifier: Apache-2.0
#include "synth/liberty/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "synth/liberty/lef.h"

namespace systole {

namespace {

bool IsSeparator(char c) {
  return c == ' ' || c == ',' || c == '\t' || c == '\n' || c == '\r' || c == '\\';
}

/// Appends the numbers of a text such as "0.1, 0.2". False if something else stands there.
bool AppendNumbers(std::string_view text, std::vector<double>& numbers) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    while (at < end && IsSeparator(*at)) ++at;
    if (at == end) return true;
    if (*at == '+') ++at;
    double number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc() || !std::isfinite(number)) return false;
    if (next < end && !IsSeparator(*next)) return false;
    numbers.push_back(number);
    at = next;
  }
}

/// "10ps" as a scale to the unit without prefix, e.g. 1e-11; nullopt if it is no such text.
std::optional<double> ParseUnit(std::string text, std::string_view unit) {
  std::erase_if(text, [](char c) { return IsSeparator(c); });
  text = Lower(std::move(text));
  double number = 0;
  const auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !(number > 0)) return std::nullopt;
  std::string_view rest(next, static_cast<std::size_t>(text.data() + text.size() - next));
  if (!rest.ends_with(unit)) return std::nullopt;
  rest.remove_suffix(unit.size());
  if (rest.empty()) return number;
  constexpr std::array<std::pair<char, double>, 7> kPrefixes = {{{'a', 1e-18},
                                                                 {'f', 1e-15},
                                                                 {'p', 1e-12},
                                                                 {'n', 1e-9},
                                                                 {'u', 1e-6},
                                                                 {'m', 1e-3},
                                                                 {'k', 1e3}}};
  for (const auto& [letter, scale] : kPrefixes) {
    if (rest.size() == 1 && rest[0] == letter) return number * scale;
  }
  return std::nullopt;
}

std::optional<Table::Axis> AxisOf(std::string_view variable) {
  if (variable == "input_net_transition" || variable == "input_transition_time")
    return Table::Axis::kInputTransition;
  if (variable == "total_output_net_capacitance") return Table::Axis::kOutputLoad;
  return std::nullopt;
}

}  // namespace

void LibertyReader::Fail(std::size_t line, const std::string& what) const {
  throw RequestError(fmt::format("{}:{} {}", path_.string(), line, what),
                     "repair the Liberty file or give another one");
}

double LibertyReader::Number(const LibertyAttribute& attribute) const {
  std::vector<double> numbers = Numbers(attribute);
  if (numbers.size() != 1) {
    Fail(attribute.line,
         fmt::format("{} has {} numbers instead of one", attribute.name, numbers.size()));
  }
  return numbers[0];
}

std::optional<double> LibertyReader::Number(const LibertyGroup& group,
                                            std::string_view name) const {
  const LibertyAttribute* attribute = group.Find(name);
  if (attribute == nullptr) return std::nullopt;
  return Number(*attribute);
}

std::string LibertyReader::Text(const LibertyGroup& group, std::string_view name) const {
  const LibertyAttribute* attribute = group.Find(name);
  if (attribute == nullptr || attribute->values.empty()) return {};
  return LibertyText(attribute->values[0]);
}

bool LibertyReader::Flag(const LibertyGroup& group, std::string_view name) const {
  const LibertyAttribute* attribute = group.Find(name);
  return attribute != nullptr && !attribute->values.empty() && attribute->values[0] == "true";
}

std::vector<double> LibertyReader::Numbers(const LibertyAttribute& attribute) const {
  std::vector<double> numbers;
  for (const std::string_view value : attribute.values) {
    if (!AppendNumbers(value, numbers)) {
      Fail(attribute.line, fmt::format("{} holds \"{}\": not a number", attribute.name,
                                       LibertyText(value.substr(0, 60))));
    }
  }
  return numbers;
}

std::optional<double> LibertyReader::Default(const std::string& name, double unit) const {
  const auto number = Number(*library_, name);
  if (!number) return std::nullopt;
  return *number * unit;
}

Table LibertyReader::ReadTable(const LibertyGroup& group, double scale) {
  Table table;
  const std::string name = group.arguments.empty() ? "scalar" : LibertyText(group.arguments[0]);
  if (name != "scalar") {
    const auto found = templates_.find(name);
    if (found == templates_.end())
      Fail(group.line, fmt::format("uses the undeclared template {}", name));
    for (std::size_t i = 0; i < found->second.axes.size(); ++i) {
      const auto axis = found->second.axes[i];
      if (!axis || i == 2) {
        Warn(
            fmt::format("{} tables over other quantities than input transition and output load "
                        "are left out",
                        group.name));
        return {};
      }
      const LibertyAttribute* index = group.Find(fmt::format("index_{}", i + 1));
      auto points = index != nullptr ? Numbers(*index) : found->second.points[i];
      if (points.empty()) Fail(group.line, fmt::format("has no index_{}", i + 1));
      for (std::size_t p = 1; p < points.size(); ++p) {
        if (points[p] <= points[p - 1]) {
          Fail(index != nullptr ? index->line : group.line,
               fmt::format("index_{} of {} does not rise", i + 1, group.name));
        }
      }
      for (double& point : points)
        point *= *axis == Table::Axis::kInputTransition ? units_.time : units_.capacitance;
      table.axes.push_back(*axis);
      table.points.push_back(std::move(points));
    }
  }
  const LibertyAttribute* values = group.Find("values");
  if (values == nullptr) Fail(group.line, fmt::format("{} has no values", group.name));
  table.values = Numbers(*values);
  std::size_t expected = 1;
  for (const auto& points : table.points) expected *= points.size();
  if (table.values.size() != expected) {
    Fail(values->line, fmt::format("{} has {} values, its axes {} points", group.name,
                                   table.values.size(), expected));
  }
  for (double& value : table.values) value *= scale;
  return table;
}

void LibertyReader::ReadUnits(const LibertyGroup& group) {
  const auto read = [&](std::string_view name, std::string_view unit, double& scale) {
    const LibertyAttribute* attribute = group.Find(name);
    if (attribute == nullptr || attribute->values.empty()) {
      Warn(fmt::format("{} is missing: {}{} is assumed", name, scale, unit));
      return;
    }
    std::string text;
    for (const std::string_view value : attribute->values) text += LibertyText(value);
    const auto parsed = ParseUnit(text, unit);
    if (!parsed)
      Fail(attribute->line, fmt::format("{} is \"{}\": no unit in {}", name, text, unit));
    scale = *parsed;
  };
  read("time_unit", "s", units_.time);
  read("voltage_unit", "v", units_.voltage);
  read("capacitive_load_unit", "f", units_.capacitance);
  read("leakage_power_unit", "w", units_.leakage);
}

void LibertyReader::ReadConditions(const LibertyGroup& group, Library& library) {
  library.voltage = Default("nom_voltage", units_.voltage).value_or(0);
  library.temperature = Default("nom_temperature", 1).value_or(25);
  const std::string name = Text(group, "default_operating_conditions");
  for (const LibertyGroup& child : group.groups) {
    if (child.name != "operating_conditions" || child.arguments.empty()) continue;
    if (LibertyText(child.arguments[0]) != name) continue;
    if (const auto volts = Number(child, "voltage")) library.voltage = *volts * units_.voltage;
    library.temperature = Number(child, "temperature").value_or(library.temperature);
  }
  if (library.voltage <= 0) Warn("no nominal voltage: power cannot be computed");
}

void LibertyReader::ReadTemplate(const LibertyGroup& group) {
  if (group.arguments.empty()) Fail(group.line, fmt::format("{} has no name", group.name));
  Template result;
  for (int i = 1; i <= 3; ++i) {
    const std::string variable = Text(group, fmt::format("variable_{}", i));
    if (variable.empty()) break;
    result.axes.push_back(AxisOf(variable));
    const LibertyAttribute* index = group.Find(fmt::format("index_{}", i));
    result.points.push_back(index != nullptr ? Numbers(*index) : std::vector<double>{});
  }
  templates_[LibertyText(group.arguments[0])] = std::move(result);
}

void LibertyReader::ReadBusType(const LibertyGroup& group) {
  if (group.arguments.empty()) Fail(group.line, "type has no name");
  const auto from = Number(group, "bit_from"), to = Number(group, "bit_to");
  if (!from || !to) Fail(group.line, "type has no bit_from or bit_to");
  constexpr double kMaxBit = 65535;
  if (std::min(*from, *to) < 0 || std::max(*from, *to) > kMaxBit)
    Fail(group.line, "type has bits outside 0 to 65535");
  bus_types_[LibertyText(group.arguments[0])] = {std::lround(*from), std::lround(*to)};
}

LibertyReader::BusType LibertyReader::FindBusType(const LibertyGroup& bus) const {
  const std::string name = Text(bus, "bus_type");
  const auto found = bus_types_.find(name);
  if (found == bus_types_.end())
    Fail(bus.line, fmt::format("uses the undeclared type \"{}\"", name));
  return found->second;
}

void LibertyReader::Read(const LibertyGroup& group, Library& library) {
  library_ = &group;
  library.name = group.arguments.empty() ? "" : LibertyText(group.arguments[0]);
  const std::string model = Text(group, "delay_model");
  if (!model.empty() && model != "table_lookup") {
    Fail(group.Find("delay_model")->line,
         fmt::format("delay_model {} is not supported, only table_lookup", model));
  }
  if (const LibertyAttribute* include = group.Find("include_file"))
    Fail(include->line, "include_file is not supported: join the files");
  ReadUnits(group);
  ReadConditions(group, library);
  for (const LibertyGroup& child : group.groups) {
    if (child.name == "lu_table_template" || child.name == "power_lut_template")
      ReadTemplate(child);
    if (child.name == "type") ReadBusType(child);
  }
  for (const LibertyGroup& child : group.groups) {
    if (child.name != "cell") continue;
    Cell cell = ReadCell(child, *this);
    if (!library.index.emplace(cell.name, library.cells.size()).second)
      Fail(child.line, fmt::format("declares the cell {} a second time", cell.name));
    library.cells.push_back(std::move(cell));
  }
  NoteGaps(library);
  for (const auto& [text, count] : warnings_)
    library.warnings.push_back(count == 1 ? text : fmt::format("{} ({} times)", text, count));
}

void LibertyReader::NoteGaps(Library& library) {
  std::size_t arcs = 0, tables = 0, leaking = 0;
  for (const Cell& cell : library.cells) {
    leaking += cell.leakage > 0;
    for (const CellPin& pin : cell.pins) {
      for (const PowerArc& arc : pin.power) {
        ++arcs;
        tables += !arc.rise.axes.empty() || !arc.fall.axes.empty();
      }
    }
  }
  if (library.cells.empty()) {
    Warn("no cells");
  } else if (arcs == 0) {
    Warn("no internal power: energies of this library's cells lack it");
  } else if (tables == 0) {
    Warn("internal power only as constants: it does not follow slew and load");
  }
  if (!library.cells.empty() && leaking == 0) Warn("no leakage: it counts as zero");
}

namespace {

bool HasOutput(const Cell& cell) {
  return std::any_of(cell.pins.begin(), cell.pins.end(), [](const CellPin& pin) {
    return pin.direction == CellPin::Direction::kOutput;
  });
}

/// OSU's libraries give their latch an area of 0; the LEF files have it.
void TakeLefAreas(Library& library) {
  std::map<std::string, double> areas;
  bool read = false;
  for (Cell& cell : library.cells) {
    if (cell.area.value_or(0) > 0 || !HasOutput(cell)) continue;
    if (!std::exchange(read, true)) {
      const std::filesystem::path lef = FindLef(library.path);
      if (!lef.empty()) areas = ReadLefAreas(ReadFile(lef));
    }
    const auto found = areas.find(cell.name);
    if (found == areas.end()) continue;
    cell.area = found->second;
    cell.area_of_lef = true;
    library.hash = ContentHash(fmt::format("{} {} {}", library.hash, cell.name, found->second));
  }
}

}  // namespace

Library ReadLiberty(const std::filesystem::path& path) {
  const std::string text = ReadMaybeGzip(path);
  Library library;
  library.path = path;
  library.hash = ContentHash(text);
  LibertyReader reader(path);
  reader.Read(ParseLiberty(text, path), library);
  TakeLefAreas(library);
  return library;
}

}  // namespace systole
