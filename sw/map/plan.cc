// SPDX-License-Identifier: Apache-2.0
#include "sw/map/plan.h"

#include <fmt/format.h>

#include "base/error.h"
#include "sw/map/operands.h"
#include "sw/map/plan_kinds.h"

namespace systole {

std::unique_ptr<LayerPlan> MakePlan(const Node& node, const std::vector<const Tensor*>& inputs,
                                    const ArrayConfig& config, MappingSet mappings) {
  std::vector<InputFacts> facts;
  for (const Tensor* input : inputs) {
    InputFacts& fact = facts.emplace_back();
    if (input == nullptr) continue;
    fact = {.present = true, .type = input->type(), .shape = input->shape(), .value = input};
  }
  const auto layer = DescribeArrayLayer(node, facts);
  if (!layer) FailNode(node, "is no work for the array");
  if (config.data_width != 8) {
    throw RequestError(fmt::format("node \"{}\" ({}): int8 data needs a data width of 8, the array "
                                   "has {}",
                                   node.name, node.op, config.data_width),
                       "pass --data-width 8");
  }
  const NodeInputs sorted = SortInputs(node, inputs);
  Tiling tiling = PlanLayer(*layer, config, mappings);
  const auto make = tiling.stos ? MakeLinePlan : tiling.vector ? MakeVectorPlan : MakeGemmPlan;
  return make(node, sorted, *layer, std::move(tiling), config);
}

}  // namespace systole
