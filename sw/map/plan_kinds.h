// SPDX-License-Identifier: Apache-2.0
#pragma once

// The plans behind MakePlan. Internal to sw/map.

#include <memory>

#include "sw/map/operands.h"
#include "sw/map/plan.h"

namespace systole {

/// Rows are output pixels, columns output channels (docs/mapping.md, "GEMM").
std::unique_ptr<LayerPlan> MakeGemmPlan(const Node& node, const NodeInputs& inputs,
                                        const ArrayLayer& layer, Tiling tiling,
                                        const ArrayConfig& config);

/// Rows are streams of lines, columns output positions (docs/mapping.md, "ST-OS").
std::unique_ptr<LayerPlan> MakeLinePlan(const Node& node, const NodeInputs& inputs,
                                        const ArrayLayer& layer, Tiling tiling,
                                        const ArrayConfig& config);

/// Weights come through both edges (docs/mapping.md, "Matrix-vector products").
std::unique_ptr<LayerPlan> MakeVectorPlan(const Node& node, const NodeInputs& inputs,
                                          const ArrayLayer& layer, Tiling tiling,
                                          const ArrayConfig& config);

/// The shape of the output tensor.
Shape OutputShape(const NodeInputs& inputs, const ArrayLayer& layer);

}  // namespace systole
