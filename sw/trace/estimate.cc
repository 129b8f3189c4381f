// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <variant>

#include "sw/trace/conv_kernels.h"
#include "sw/trace/program_builder.h"

namespace systole {
namespace {

std::int64_t Estimate(const ConvOp& op) {
  const std::int64_t features = op.features / op.group, outs = op.window.OutCount();
  const std::int64_t depth = op.channels / op.group * op.window.KernelCount();
  const std::int64_t macs = features * depth * outs, images = op.batch * op.group;
  if (op.kind == ConvKind::kDepthwise) return images * 2 * macs;
  if (op.kind == ConvKind::kDirect) return images * (macs + macs / 4);
  const std::int64_t columns = NeedsColumns(op.window) ? 2 * depth * outs : 0;
  const std::int64_t results = 4 * features * outs;
  if (op.gemm == GemmKind::kRows) return images * (columns + results + 3 * macs);
  const std::int64_t copies = op.gemm == GemmKind::kPacked ? 2 * depth * outs : 0;
  return images * (columns + copies + results + macs / 2);
}
std::int64_t Estimate(const DenseOp& op) {
  return op.rows * op.features * (op.depth + op.depth / 4 + 2);
}
std::int64_t Estimate(const PoolOp& op) {
  return op.planes * op.window.OutCount() * (op.window.KernelCount() + 1);
}
std::int64_t Estimate(const UnaryOp& op) { return 2 * op.count; }
std::int64_t Estimate(const BinaryOp& op) { return 3 * op.planes * op.area; }
std::int64_t Estimate(const CopyOp& op) { return 2 * op.count * op.bytes / op.unit; }
std::int64_t Estimate(const SoftmaxOp& op) { return 5 * op.rows * op.length; }
std::int64_t Estimate(const QuantizeOp& op) { return 2 * op.count; }
std::int64_t Estimate(const LrnOp& op) {
  return op.batch * op.channels * op.area * (std::min(op.size, op.channels) + 2);
}

std::int64_t Estimate(const MoveOp& op) {
  std::int64_t count = 2;
  for (const std::int64_t dim : op.dims) count *= dim;
  return count;
}
std::int64_t Estimate(const ResizeOp& op) {
  return op.planes * op.out_height * op.out_width * (op.linear ? 8 : 5);
}

}  // namespace

std::uint64_t EstimateAccesses(const TraceOp& op) {
  return std::visit([](const auto& one) { return static_cast<std::uint64_t>(Estimate(one)); }, op);
}

}  // namespace systole
