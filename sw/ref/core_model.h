// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "gen/config/array_config.h"
#include "sw/map/stream.h"

namespace systole {

/// Throws RequestError when the tile breaks the contract of the core: a pass out of range, a drain
/// before the last pass, ST-OS on a core without, both modes, streams of another length than the
/// passes take, a bank that is missing, too long, has no end or values out of range.
void CheckTile(const ArrayConfig& config, const TileStream& tile);

/// Functional model of the systolic core (docs/systolic-core.md): what drains for the tiles it is
/// given, without any notion of time. It holds what the core's registers hold from one tile to the
/// next: the activation chains (a continued ST-OS stream), the sums of a tile of several passes,
/// and the bank of channel parameters that a tile last switched to.
///
/// Two things the hardware leaves open have one value here: the activation chains hold zeros at the
/// start and after a GEMM pass (so an ST-OS tile that follows one fills the columns it uses), and
/// channels that a bank does not send have the default ChannelParam.
class CoreModel {
 public:
  /// Throws RequestError when the configuration is not good.
  explicit CoreModel(const ArrayConfig& config);

  /// Runs one tile and returns its drained beats: `rows` of its last pass times Cols values, bottom
  /// row first; sums of more than 32 bits are cut to the low 32. Empty when the last pass does not
  /// drain. Checks the tile with CheckTile.
  std::vector<std::int32_t> Run(const TileStream& tile);

 private:
  void Gemm(const Pass& pass, const std::int8_t* activations, const std::int8_t* weights);
  void Stos(const Pass& pass, const std::int8_t* activations, const std::int8_t* weights);
  std::int64_t Element(const std::int8_t* packed, std::uint64_t index) const;
  std::vector<std::int32_t> Drain(const Pass& pass) const;

  ArrayConfig config_;
  std::vector<std::uint64_t> sums_;    ///< Rows x Cols, modulo 2^64: the low AccW bits count
  std::vector<std::int64_t> history_;  ///< Rows x (Cols - 1): the latest activations, oldest first
  std::vector<ChannelParam> bank_;
};

}  // namespace systole
