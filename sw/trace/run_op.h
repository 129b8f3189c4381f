// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <variant>

#include "sw/trace/layer_kernels.h"
#include "sw/trace/move_kernels.h"

namespace systole {

/// Calls function.operator()<T>() with the C++ type of the elements.
template <typename Function>
void WithType(TraceType type, Function function) {
  switch (type) {
    case TraceType::kFloat32:
      return function.template operator()<float>();
    case TraceType::kInt8:
      return function.template operator()<std::int8_t>();
    case TraceType::kUint8:
      return function.template operator()<std::uint8_t>();
  }
}
template <typename Function>
void WithBytes(TraceType type, Function function) {
  if (type == TraceType::kUint8) return function.template operator()<std::uint8_t>();
  return function.template operator()<std::int8_t>();
}

template <typename Runner>
void RunOp(Runner& run, const ConvOp& op) {
  WithType(op.type, [&]<typename T>() { Convolve<T>(run, op); });
}
template <typename Runner>
void RunOp(Runner& run, const DenseOp& op) {
  WithType(op.type, [&]<typename T>() { Dense<T>(run, op); });
}
template <typename Runner>
void RunOp(Runner& run, const PoolOp& op) {
  WithType(op.type, [&]<typename T>() { Pool<T>(run, op); });
}
template <typename Runner>
void RunOp(Runner& run, const UnaryOp& op) {
  WithType(op.type, [&]<typename T>() { Unary<T>(run, op); });
}
template <typename Runner>
void RunOp(Runner& run, const BinaryOp& op) {
  Binary(run, op);
}
template <typename Runner>
void RunOp(Runner& run, const CopyOp& op) {
  if (op.unit == 8) return Copy<std::uint64_t>(run, op);
  if (op.unit == 4) return Copy<std::uint32_t>(run, op);
  if (op.unit == 2) return Copy<std::uint16_t>(run, op);
  Copy<std::uint8_t>(run, op);
}
template <typename Runner>
void RunOp(Runner& run, const SoftmaxOp& op) {
  Softmax(run, op);
}
template <typename Runner>
void RunOp(Runner& run, const LrnOp& op) {
  NormalizeResponses(run, op);
}
template <typename Runner>
void RunOp(Runner& run, const MoveOp& op) {
  if (op.type == TraceType::kFloat32) return Move<float>(run, op);
  Move<std::int8_t>(run, op);
}
template <typename Runner>
void RunOp(Runner& run, const ResizeOp& op) {
  Resize(run, op);
}
template <typename Runner>
void RunOp(Runner& run, const QuantizeOp& op) {
  WithBytes(op.type,
            [&]<typename T>() { op.dequantize ? Dequantize<T>(run, op) : Quantize<T>(run, op); });
}
template <typename Runner>
void RunOp(Runner& run, const TraceOp& op) {
  std::visit([&](const auto& concrete) { RunOp(run, concrete); }, op);
}

}  // namespace systole
