// SPDX-License-Identifier: Apache-2.0
// Transpose, DepthToSpace and Resize.
#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

#include "base/error.h"
#include "sw/ref/execute.h"
#include "sw/trace/move_kernels.h"
#include "sw/trace/program_builder.h"

namespace systole {
namespace {

/// Adds a copy of x whose element (i0, i1, ...) is element sum of i * stride of x. Leading
/// dimensions of 1 are added.
void AddMove(ProgramBuilder& builder, const Node& node, const Shape& dims, const Shape& strides) {
  if (dims.size() > MoveOp::kRank) throw RequestError("more than six dimensions are not supported");
  MoveOp op;
  op.type = TraceTypeOf(builder.Value(node.inputs[0]).type);
  const std::size_t skip = MoveOp::kRank - dims.size();
  for (std::size_t d = 0; d < MoveOp::kRank; ++d) {
    op.dims[d] = d < skip ? 1 : dims[d - skip];
    op.strides[d] = d < skip ? 0 : strides[d - skip];
  }
  op.x = builder.AddressOf(node.inputs[0]);
  op.y = builder.Make(node.outputs[0]);
  builder.Add(op);
}

void Transpose(ProgramBuilder& builder, const Node& node) {
  const Shape shape = builder.Value(node.inputs[0]).shape;
  const auto rank = static_cast<std::int64_t>(shape.size());
  std::vector<std::int64_t> reversed(shape.size());
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  const auto order = node.Ints("perm", reversed);
  auto sorted = order;
  std::sort(sorted.begin(), sorted.end());
  std::reverse(reversed.begin(), reversed.end());
  if (sorted != reversed) throw RequestError("perm is no permutation of the dimensions");
  Shape strides(shape.size(), 1);
  for (std::int64_t d = rank - 2; d >= 0; --d) {
    const auto i = static_cast<std::size_t>(d);
    strides[i] = strides[i + 1] * shape[i + 1];
  }
  Shape dims, steps;
  for (const std::int64_t axis : order) {
    dims.push_back(shape[static_cast<std::size_t>(axis)]);
    steps.push_back(strides[static_cast<std::size_t>(axis)]);
  }
  AddMove(builder, node, dims, steps);
}

void DepthToSpace(ProgramBuilder& builder, const Node& node) {
  const Shape x = builder.Value(node.inputs[0]).shape;
  const std::int64_t block = node.Int("blocksize", 0);
  const std::string mode = node.String("mode", "DCR");
  if (x.size() != 4 || block < 1 || block > 65536 || x[1] % (block * block) != 0 ||
      (mode != "DCR" && mode != "CRD")) {
    throw RequestError("blocksize squared must divide the channels of four dimensions");
  }
  const std::int64_t n = x[0], c = x[1] / (block * block), h = x[2], w = x[3];
  const bool depth_first = mode == "DCR";
  const std::int64_t channel = depth_first ? h * w : block * block * h * w;
  const std::int64_t column = depth_first ? c * h * w : h * w;
  AddMove(builder, node, {n, c, h, block, w, block},
          {x[1] * h * w, channel, w, column * block, 1, column});
}

/// The table of one axis. Its positions are what the reference makes of a ramp along the axis.
Address ResizeTable(ProgramBuilder& builder, const Node& node, std::size_t axis, bool linear) {
  const Shape in = builder.Value(node.inputs[0]).shape;
  const Shape out = builder.Value(node.outputs[0]).shape;
  Tensor ramp(ElementType::kFloat32, in);
  const auto values = ramp.As<float>();
  const std::int64_t inner = axis == 2 ? in[3] : 1;
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(static_cast<std::int64_t>(i) / inner % in[axis]);
  }
  std::vector<const Tensor*> inputs = {&ramp};
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    inputs.push_back(builder.HasInput(node, i) ? &builder.Constant(node, i, "a size") : nullptr);
  }
  const Tensor positions = ExecuteNode(node, inputs, builder.network().opset).at(0);
  if (positions.shape() != out) throw RequestError("the size is not that of the output");
  std::vector<std::byte> table;
  for (std::int64_t i = 0; i < out[axis]; ++i) {
    const float source =
        positions.As<float>()[static_cast<std::size_t>(axis == 2 ? i * out[3] : i)];
    const auto lower = static_cast<std::int32_t>(source);
    const ResizeSource entry = {lower, std::min(lower + 1, static_cast<std::int32_t>(in[axis] - 1)),
                                linear ? source - static_cast<float>(lower) : 0.0F};
    static_assert(sizeof(entry) == kResizeEntry);
    const auto bytes = std::as_bytes(std::span(&entry, 1));
    table.insert(table.end(), bytes.begin(), bytes.end());
  }
  return builder.AddConstant(std::span<const std::byte>(table));
}

void Resize(ProgramBuilder& builder, const Node& node) {
  const ValueType x = builder.Value(node.inputs[0]), y = builder.Value(node.outputs[0]);
  if (x.type != ElementType::kFloat32 || x.shape.size() != 4 || y.shape.size() != 4 ||
      x.shape[0] != y.shape[0] || x.shape[1] != y.shape[1] || x.shape[2] > (1 << 24) ||
      x.shape[3] > (1 << 24)) {
    throw RequestError("only the last two of four float32 dimensions can be resized");
  }
  ResizeOp op{.linear = node.String("mode", "nearest") == "linear",
              .planes = x.shape[0] * x.shape[1],
              .in_height = x.shape[2],
              .in_width = x.shape[3],
              .out_height = y.shape[2],
              .out_width = y.shape[3]};
  op.rows = ResizeTable(builder, node, 2, op.linear);
  op.columns = ResizeTable(builder, node, 3, op.linear);
  op.x = builder.AddressOf(node.inputs[0]);
  op.y = builder.Make(node.outputs[0]);
  builder.Add(op);
}

}  // namespace

std::span<const NodeBuilderEntry> MovementBuilders() {
  static constexpr NodeBuilderEntry kEntries[] = {
      {"DepthToSpace", DepthToSpace}, {"Resize", Resize}, {"Transpose", Transpose}};
  return kEntries;
}

}  // namespace systole
