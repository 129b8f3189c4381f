// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sw/cache/memory_image.h"
#include "sw/cache_study/points.h"
#include "sw/trace/program.h"

namespace systole {

/// Which addresses the entries of a null cache cover while a program runs. Addresses are those of
/// the program's segments, one segment behind the other, in `rows` ranges of equally many lines;
/// time is `columns` moments, equally many accesses apart.
struct CoverageMap {
  std::size_t columns = 0, rows = 0;
  std::vector<float> zero;     ///< share of a cell's lines that are zero: column by column
  std::vector<float> covered;  ///< share that the null cache covers
  struct Mark {
    std::string name;
    double at = 0;  ///< in rows or columns
  };
  std::vector<Mark> segments;  ///< where each begins
  std::vector<Mark> layers;
  std::vector<int> entries;  ///< valid ones, by column
};

/// Runs the program on the point's cache, which has a null cache.
CoverageMap MapCoverage(const Program& program, MemoryImage& image, const CachePoint& point,
                        std::size_t columns, std::size_t rows);

/// The map as SVG.
std::string DrawCoverage(const CoverageMap& map, const std::string& title);

}  // namespace systole
