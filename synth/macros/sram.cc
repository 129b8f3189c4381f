// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "base/error.h"
#include "synth/macros/macro_figures.h"
#include "synth/macros/reference_sram.h"

namespace systole {
namespace {

constexpr double kFoundryFeature = 0.18;  // of the 6T cell that makes the low end of the area
constexpr double kSlowest = 1.5;          // assumed
constexpr double kLeakage = 10;           // assumed, either way

const RealMacro& Real(int depth, int width, const char* source = "sram.ihp") {
  for (const RealMacro& macro : Macros().macros) {
    if (macro.depth == depth && macro.width == width && macro.source == source) return macro;
  }
  throw RunError(fmt::format("sram.json has no {} x {} of {}", depth, width, source));
}

/// y of x through points of rising x, straight on log-log paper, the outer pieces going on.
double LogLog(const std::vector<std::pair<double, double>>& points, double x) {
  std::size_t i = 1;
  while (i + 1 < points.size() && x > points[i].first) ++i;
  const auto& [x0, y0] = points[i - 1];
  const auto& [x1, y1] = points[i];
  return y0 * std::pow(x / x0, std::log(y1 / y0) / std::log(x1 / x0));
}

template <typename Value>
std::vector<std::pair<double, double>> ByDepth(Value value) {
  std::vector<std::pair<double, double>> points;
  for (const int depth : {64, 256, 512, 1024, 2048})
    points.push_back({depth, value(Real(depth, 64))});
  return points;
}

/// Energy over width is a straight line; `Offset` is where it meets zero, in bits left of it.
template <typename Value>
double Offset(Value value) {
  double sum = 0;
  for (const auto& [depth, narrow] : {std::pair{256, 48}, std::pair{512, 32}}) {
    const double low = value(Real(depth, narrow)), high = value(Real(depth, 64));
    sum += high * (64 - narrow) / (high - low) - 64;
  }
  return sum / 2;
}

template <typename Value>
double Energy(const MacroShape& shape, Value value) {
  const double offset = Offset(value);
  return LogLog(ByDepth(value), shape.depth) * (shape.width + offset) / (64 + offset);
}

double ReadEnergy(const RealMacro& macro) { return macro.read.value(); }
double WriteEnergy(const RealMacro& macro) { return macro.write.value(); }

}  // namespace

double AreaScale(const MacroNode& from, const MacroNode& to) {
  return (to.feature / from.feature) * (to.feature / from.feature);
}
double EnergyScale(const MacroNode& from, const MacroNode& to) {
  return (to.feature / from.feature) * (to.voltage / from.voltage) * (to.voltage / from.voltage);
}
double TimeScale(const MacroNode& from, const MacroNode& to) { return to.feature / from.feature; }
double LeakageScale(const MacroNode& from, const MacroNode& to) {
  return to.voltage / from.voltage;
}

const ReferenceSram& Reference() {
  static const ReferenceSram reference = [] {
    ReferenceSram fit;
    fit.node = Real(64, 64).node;
    const double column_256 = (Real(256, 64).area - Real(256, 48).area) / 16;
    const double column_512 = (Real(512, 64).area - Real(512, 32).area) / 32;
    fit.bit = (column_512 - column_256) / 256;
    fit.column = column_256 - 256 * fit.bit;
    fit.row = (Real(2048, 64).area - Real(64, 64).area) / (2048 - 64) - 64 * fit.bit;
    fit.fixed = Real(64, 64).area - 64 * fit.column - 64 * fit.row - 64 * 64 * fit.bit;
    const RealMacro& largest = Real(2048, 64);
    fit.leakage = largest.leakage / (2048 * 64);
    return fit;
  }();
  return reference;
}

double ReferenceSram::Area(const MacroShape& shape) const {
  const double array = shape.depth * row + bit * shape.depth * shape.width;
  return std::max(array, fixed + shape.width * column + array);
}

double ReferenceSram::Read(const MacroShape& shape) const { return Energy(shape, ReadEnergy); }
double ReferenceSram::Write(const MacroShape& shape) const { return Energy(shape, WriteEnergy); }
double ReferenceSram::Access(const MacroShape& shape) const {
  return LogLog(ByDepth([](const RealMacro& macro) { return macro.access; }), shape.depth);
}

void CheckMacro(const MacroShape& shape, const MacroNode& node) {
  if (shape.depth < 1 || shape.width < 1) {
    throw RequestError(
        fmt::format("a memory of {} words of {} bits cannot be made", shape.depth, shape.width));
  }
  if (!(node.feature > 0) || !(node.voltage > 0)) {
    throw RequestError(fmt::format("a process of {} um and {} V: both have to be more than 0",
                                   node.feature, node.voltage));
  }
}

MacroFigures ModelSram(const MacroShape& shape, const MacroNode& node) {
  CheckMacro(shape, node);
  const ReferenceSram& sram = Reference();
  // Ends of the bands, as factors of the typical value: other sources against IHP's macros.
  static const double dense = [&] {
    for (const Cell6T& cell : Macros().cells_6t) {
      if (cell.feature != kFoundryFeature) continue;
      return cell.area / (sram.bit * AreaScale(sram.node, {cell.feature, 1}));
    }
    throw RunError("sram.json has no 6T cell of 0.18 um");
  }();
  static const RealMacro& open = Real(256, 64, "sram.openram");
  static const double sparse = open.area / Real(256, 64).area;
  static const double fast = open.access / Real(256, 64).access;
  static const double frugal = [&] {
    double least = 1;
    for (const PublishedCache& cache : Macros().caches) {
      const MacroShape same = {cache.bytes * 8 / cache.width, cache.width};
      least = std::min(least, cache.read / (sram.Read(same) * EnergyScale(sram.node, cache.node)));
    }
    return least;
  }();

  const double area = sram.Area(shape) * AreaScale(sram.node, node);
  const double read = sram.Read(shape) * EnergyScale(sram.node, node);
  const double write = sram.Write(shape) * EnergyScale(sram.node, node);
  const double leakage = sram.leakage * shape.depth * shape.width * LeakageScale(sram.node, node);
  const double access = sram.Access(shape) * TimeScale(sram.node, node);
  return {.area = Around(dense * area, area, sparse * area),
          .read = Around(frugal * read, read, read / frugal),
          .write = Around(frugal * write, write, write / frugal),
          .search = {},
          .leakage = Around(leakage / kLeakage, leakage, kLeakage * leakage),
          .access = Around(fast * access, access, kSlowest * access)};
}

}  // namespace systole
