// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "base/stimulus.h"
#include "sw/cost/core_timing.h"
#include "sw/onnx/onnx_io.h"
#include "sw/ref/core_model.h"
#include "tb/network_runner.h"

namespace systole {

constexpr std::uint64_t kSeed = 7;

inline Tensor RandomBytes(Stimulus& random, const Shape& shape) {
  Tensor tensor(ElementType::kInt8, shape);
  for (std::int8_t& value : tensor.As<std::int8_t>()) {
    value = static_cast<std::int8_t>(random.Signed(8));
  }
  return tensor;
}

inline Node Conv(const std::string& name, const std::string& input, const std::string& weights,
                 const std::string& output, std::vector<std::int64_t> kernel,
                 std::vector<std::int64_t> pads, std::int64_t group) {
  return {
      name,     "QLinearConv",
      "",       {input, "s", "z", weights, "ws", "wz", "s", "z"},
      {output}, {{"kernel_shape", std::move(kernel)}, {"pads", std::move(pads)}, {"group", group}}};
}

/// Two array layers, a dense and a 1x3 depthwise one, and a host layer between them.
struct Sample {
  Network network;
  Tensors values;

  Sample() {
    Stimulus random(kSeed);
    network.name = "sample";
    network.opset = 13;
    network.inputs = {"x"};
    network.outputs = {"y"};
    ValueType input;
    input.type = ElementType::kInt8;
    input.shape = {1, 3, 6, 6};
    input.has_shape = true;
    input.symbols.resize(4);
    network.values["x"] = input;
    network.initializers = {{"s", Tensor::Scalar(0.02F)},
                            {"ws", Tensor::Scalar(0.01F)},
                            {"z", Tensor::Scalar<std::int8_t>(5)},
                            {"wz", Tensor::Scalar<std::int8_t>(0)},
                            {"w1", RandomBytes(random, {5, 3, 3, 3})},
                            {"w2", RandomBytes(random, {5, 1, 1, 3})}};
    network.nodes = {
        Conv("dense", "x", "w1", "a", {3, 3}, {1, 1, 1, 1}, 1),
        {"pool", "MaxPool", "", {"a"}, {"b"}, {{"kernel_shape", std::vector<std::int64_t>{2, 2}}}},
        Conv("line", "b", "w2", "y", {1, 3}, {0, 1, 0, 1}, 5)};
    InferShapes(network, {});
    const Tensors inputs = {{"x", RandomBytes(random, {1, 3, 6, 6})}};
    values = ExecuteNetwork(network, inputs);
    values.insert(inputs.begin(), inputs.end());
  }
};

inline RunSettings SmallArray() {
  RunSettings settings;
  settings.config = {.rows = 4, .cols = 4};
  settings.jobs = 2;
  settings.cache_dir = std::filesystem::path(SYSTOLE_BINARY_DIR) / "test-cache";
  return settings;
}

/// The functional model with the cycle formulas: what a right core does, without RTL.
inline RunResult RunModel(TileSource& source, const ArrayConfig& config) {
  CoreModel core(config);
  CoreTiming timing(config);
  RunResult result;
  TileStream tile;
  for (std::uint64_t i = 0; i < source.tile_count(); ++i) {
    tile.Clear();
    source.Form(i, tile);
    source.Collect(i, core.Run(tile));
    result.completion.push_back(timing.Next(TimingOf(tile)));
  }
  result.cycles = timing.total();
  return result;
}

inline RunHooks With(const TileRunner& runner) {
  RunHooks hooks;
  hooks.tile_runner = runner;
  return hooks;
}

}  // namespace systole
