// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "gen/config/array_config.h"
#include "sw/ir/network.h"
#include "sw/map/layer.h"
#include "sw/map/stream.h"
#include "sw/map/tiling.h"

namespace systole {

/// One layer with its values, ready to run: the tiles to stream and the tensor that they make.
/// Form() is const and may run in another thread than Collect().
class LayerPlan : public TileSource {
 public:
  virtual const ArrayLayer& layer() const = 0;
  /// Its blocks are the tiles that Form() makes, in order.
  virtual const Tiling& tiling() const = 0;
  /// True when tile `index` can be the first that an array runs: a shard of the layer may begin
  /// there. A tile that goes on with an ST-OS stream or keeps its bank of parameters cannot.
  virtual bool StartsFresh(std::uint64_t index) const = 0;
  /// The output after all tiles were collected; the plan keeps none. Once.
  virtual Tensor TakeOutput() = 0;
};

/// Plans the array work of `node` (DescribeArrayLayer) on its inputs, in the node's order, null
/// where an optional one is absent. The plan keeps what it needs: the inputs need not outlive the
/// call. `config` is a good one (Check). Throws RequestError, naming the node, when the node is no
/// array work, when inputs do not fit it, when a scale leaves the positive normal float32 numbers,
/// and when the array's widths cannot hold the work (data width other than 8, a sum wider than the
/// accumulator).
std::unique_ptr<LayerPlan> MakePlan(const Node& node, const std::vector<const Tensor*>& inputs,
                                    const ArrayConfig& config,
                                    MappingSet mappings = MappingSet::kBest);

}  // namespace systole
