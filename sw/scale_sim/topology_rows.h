// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace systole {

/// One row of a topology file, as written.
struct TopologyRow {
  std::string name;
  int line = 0;
  bool marked_depthwise = false;  ///< a comment "#dw" stands behind it
  bool product = false;           ///< m, n, k count, else the other numbers

  std::int64_t ifmap_height = 1, ifmap_width = 1, filter_height = 1, filter_width = 1;
  std::int64_t channels = 1, filters = 1, stride_height = 1, stride_width = 1;
  std::int64_t m = 1, n = 1, k = 1;
};

/// The rows of a topology (ParseTopology has the format). Adds a sentence to `warnings` for what
/// has no meaning here. Throws RequestError naming `origin` and the line.
std::vector<TopologyRow> ParseTopologyRows(const std::string& text, const std::string& origin,
                                           std::vector<std::string>& warnings);

}  // namespace systole
