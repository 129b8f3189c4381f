// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/rtl_study.h"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/file.h"
#include "base/hash.h"
#include "base/stimulus.h"
#include "sw/cli/interrupt.h"
#include "sw/cli/run_progress.h"
#include "sw/onnx/onnx_io.h"
#include "sw/quant/quantize.h"
#include "tb/stored_run.h"

namespace systole {
namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::json;

constexpr std::uint64_t kPictureSeed = 1;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Tensor PictureFor(const Network& network) {
  const ValueType& input = network.values.at(network.inputs.front());
  return SamplePicture(input.shape.back(), kPictureSeed);
}

Network QuantizeOnPicture(const Network& network) {
  const Tensor picture = PictureFor(network);
  return Quantize(network, {{{network.inputs.front(), picture}}}, {});
}

/// The quantized network of a case as ONNX, from the store or made now.
std::string QuantizedModel(const RtlCase& work, const RtlStudySettings& settings,
                           ResultStore& store) {
  const json description = {{"program", ProgramHash()}, {"quantized", work.label}};
  const std::filesystem::path file = settings.store / (ContentHash(description.dump()) + ".onnx");
  if (const auto hash = store.Find(description); hash && std::filesystem::exists(file)) {
    std::string bytes = ReadFile(file);
    if (*hash == ContentHash(bytes)) return bytes;
  }
  std::string bytes = SerializeOnnx(QuantizeOnPicture(work.network()));
  WriteFile(file, bytes);
  store.Put(description, ContentHash(bytes));
  return bytes;
}

}  // namespace

Tensor SamplePicture(std::int64_t size, std::uint64_t seed) {
  Stimulus random(seed);
  Tensor picture(ElementType::kFloat32, {1, 3, size, size});
  const auto noise = [&random] { return static_cast<float>(random.Signed(16)) / 32768.0F; };
  auto values = picture.As<float>();
  for (std::int64_t i = 0; i < picture.size(); ++i) {
    // A walk along the lines around the value above: neighbours are alike, and the walk stays
    // bounded.
    const bool first_line = i % (size * size) < size;
    const float left = i % size == 0 ? 0.0F : values[static_cast<std::size_t>(i - 1)];
    const float above = first_line ? left : values[static_cast<std::size_t>(i - size)];
    values[static_cast<std::size_t>(i)] = 0.47F * (left + above) + 0.9F * noise();
  }
  return picture;
}

RtlOutcome RunOnRtl(const RtlCase& work, const RtlStudySettings& settings, ProgressLine& line) {
  const Clock::time_point start = Clock::now();
  ResultStore store(settings.store);
  RtlOutcome outcome;
  line.Show(work.label + ": quantizing");
  const std::string model = QuantizedModel(work, settings, store);
  ThrowIfInterrupted();
  Network network = ParseOnnx(model, work.label, settings.store);
  InferShapes(network, {});
  const Tensors inputs = {{network.inputs.front(), PictureFor(network)}};
  const auto reference = [&] {
    Tensors values = ExecuteNetwork(network, inputs, [&](const Node& node, const Tensors&) {
      ThrowIfInterrupted();
      line.Show(fmt::format("{}: reference, {}", work.label, node.name));
    });
    values.insert(inputs.begin(), inputs.end());
    outcome.prepare_seconds = SecondsSince(start);
    return values;
  };
  RunSettings run;
  run.config = work.array;
  run.mappings = work.mappings;
  run.jobs = settings.jobs;
  run.cache_dir = settings.cache_dir;
  RunHooks hooks = ProgressHooks(line, work.label + ": ");
  StoredRun stored =
      RunStored({network, ContentHash(model), ProgramHash(), reference}, run, hooks, store);
  if (stored.run.stopped) throw Interrupted();
  outcome.run = std::move(stored.run);
  outcome.reused = stored.reused;
  outcome.damaged = store.damaged();
  return outcome;
}

}  // namespace systole
