// SPDX-License-Identifier: Apache-2.0
#include "gen/peers/peers.h"

#include <fmt/format.h>

#include <algorithm>

#include "gen/config/check_range.h"
#include "gen/peers/arrays.h"
#include "gen/peers/elements.h"
#include "gen/systolic/blocks.h"

namespace systole {
namespace {

int CeilLog2(int value) {
  int bits = 0;
  while ((1 << bits) < value) ++bits;
  return bits;
}

const char* Name(MacStyle style) {
  switch (style) {
    case MacStyle::kFused:
      return " fused";
    case MacStyle::kBooth:
      return " booth";
    case MacStyle::kRipple:
      return " ripple";
    case MacStyle::kKoggeStone:
      return " kogge-stone";
    case MacStyle::kPipelined:
      return " pipelined";
    case MacStyle::kOwnWidth:
      break;
  }
  return "";
}

}  // namespace

int PartialSumWidth(const PeerConfig& config) {
  return 2 * config.data_width + CeilLog2(config.rows);
}

std::vector<Problem> Check(const PeerConfig& config) {
  std::vector<Problem> problems;
  CheckRange(problems, "--rows", config.rows, 2, 64, 8);
  CheckRange(problems, "--cols", config.cols, 2, 64, 8);
  if (config.data_width != 4 && config.data_width != 8 && config.data_width != 16) {
    problems.push_back(
        {fmt::format("data width {} is not supported: 4, 8 or 16", config.data_width), "use 8"});
  } else {
    CheckRange(problems, "accumulator width", config.acc_width, 2 * config.data_width + 8, 48, 32);
  }
  if (config.mac != MacStyle::kOwnWidth && config.kind != PeerKind::kInPlace) {
    problems.push_back(
        {"only the output-stationary array that drains in place has other MACs", ""});
  }
  return problems;
}

std::string ToString(const PeerConfig& config) {
  switch (config.kind) {
    case PeerKind::kSystole:
      return "systole";
    case PeerKind::kBroadcast:
      return "os-broadcast";
    case PeerKind::kWeightStationary:
      return "ws";
    case PeerKind::kInPlace:
      break;
  }
  return std::string("os") + Name(config.mac);
}

PeerElement ElementOf(const PeerConfig& config) {
  switch (config.kind) {
    case PeerKind::kSystole:
      return {"systolic_row", config.cols};
    case PeerKind::kBroadcast:
      return {"peer_element_broadcast", 1};
    case PeerKind::kWeightStationary:
      return {"peer_element_ws", 1};
    case PeerKind::kInPlace:
      break;
  }
  return {"peer_element_in_place", 1};
}

rtl::Design BuildPeer(const PeerConfig& config) {
  if (std::vector<Problem> problems = Check(config); !problems.empty()) {
    throw RequestError(std::move(problems));
  }
  rtl::Design design{.top = "peer_array", .modules = {}};
  switch (config.kind) {
    case PeerKind::kSystole: {
      const ArrayConfig array = SystoleArray(config);
      design.modules = {Prim("delay_line"), Prim("skew_lines"), BuildRow(array), BuildArray(array),
                        BuildSystolePeer(config)};
      break;
    }
    case PeerKind::kInPlace:
      design.modules = {Prim("delay_line"), BuildInPlaceElement(config), BuildInPlacePeer(config)};
      break;
    case PeerKind::kBroadcast:
      design.modules = {BuildBroadcastElement(config), BuildBroadcastPeer(config)};
      break;
    case PeerKind::kWeightStationary:
      design.modules = {Prim("delay_line"), BuildWeightStationaryElement(config),
                        BuildWeightStationaryPeer(config)};
      break;
  }
  return design;
}

}  // namespace systole
