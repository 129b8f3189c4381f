// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/error.h"
#include "synth/macros/macro_figures.h"
#include "synth/macros/reference_sram.h"

namespace systole {
namespace {

const TcamSilicon& Silicon(const std::string& source) {
  for (const TcamSilicon& tcam : Macros().tcams) {
    if (tcam.source == source) return tcam;
  }
  throw RunError("tcam.json has no " + source);
}

const TcamCell& TernaryCell(const std::string& source) {
  for (const TcamCell& cell : Macros().tcam_cells) {
    if (cell.source == source) return cell;
  }
  throw RunError("tcam.json has no " + source);
}

/// A value of the published binary CAMs over their entries: straight lines, the outer ones going
/// on; proportional to the width.
template <typename Value>
double Cam(const MacroShape& shape, Value value) {
  const std::vector<PublishedCam>& cams = Macros().binary_cams;
  std::size_t i = 1;
  while (i + 1 < cams.size() && shape.depth > cams[i].entries) ++i;
  const PublishedCam &a = cams[i - 1], &b = cams[i];
  const double slope = (value(b) - value(a)) / (b.entries - a.entries);
  return (value(a) + slope * (shape.depth - a.entries)) * shape.width / a.width;
}

}  // namespace

MacroFigures ModelTcam(const MacroShape& shape, const MacroNode& node) {
  CheckMacro(shape, node);
  const ReferenceSram& sram = Reference();
  const MacroShape pairs = {shape.depth, 2 * shape.width};  // two stored bits a ternary bit
  const double bits = static_cast<double>(shape.depth) * shape.width;
  const MacroNode cam_node = Macros().binary_cams.front().node;

  const auto cell = [&](const TcamCell& known) {
    return known.area * AreaScale({known.feature, 1}, node);
  };
  const double periphery =
      (pairs.width * sram.column + shape.depth * sram.row) * AreaScale(sram.node, node);
  const double area = bits * cell(TernaryCell("tcam.survey_cell")) + periphery;
  const double binary = Cam(shape, [](const PublishedCam& cam) { return cam.area; });

  const TcamSilicon& low_power = Silicon("tcam.pagiamtzis");
  const MacroNode silicon_node = {low_power.feature, low_power.voltage.value()};
  const double least = bits * low_power.search_per_bit.value() * EnergyScale(silicon_node, node);
  const double search = least / (1 - low_power.saving.value());
  const double cam_search = Cam(shape, [](const PublishedCam& cam) { return cam.search; });

  const TcamSilicon& fast = Silicon("tcam.arsovski");
  const double match = fast.match.value() * TimeScale({fast.feature, 1}, node);
  const MacroFigures storage = ModelSram(pairs, node);
  return {.area = Around(bits * cell(TernaryCell("tcam.li")), area,
                         2 * binary * AreaScale(cam_node, node)),
          .read = storage.read,
          .write = storage.write,
          .search = Around(least, search, cam_search * EnergyScale(cam_node, node)),
          .leakage = storage.leakage,
          .access = Around(Macros().binary_cams.front().access.value() * TimeScale(cam_node, node),
                           match, low_power.cycle.value() * TimeScale(silicon_node, node))};
}

}  // namespace systole
