// SPDX-License-Identifier: Apache-2.0
#include "sw/cache_study/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/words.h"
#include "models/build_model.h"
#include "models/pictures.h"
#include "models/tflite.h"
#include "sw/onnx/onnx_io.h"
#include "sw/prune/prune.h"
#include "sw/prune/published.h"
#include "sw/quant/quantize.h"
#include "sw/trace/run.h"

namespace systole {
namespace {

constexpr EnumWords<CacheNetwork, 5> kNetworks{{{CacheNetwork::kLenet, "lenet"},
                                                {CacheNetwork::kAlexNet, "alexnet"},
                                                {CacheNetwork::kVgg16, "vgg-16"},
                                                {CacheNetwork::kSqueezeNet, "squeezenet"},
                                                {CacheNetwork::kFace, "face"}}};
constexpr EnumWords<WorkloadPruning, 3> kPrunings{{{WorkloadPruning::kPublished, "published"},
                                                   {WorkloadPruning::kNone, "none"},
                                                   {WorkloadPruning::kLine, "line"}}};
constexpr EnumWords<ProgramKind, 3> kPrograms{{{ProgramKind::kPacked, "packed"},
                                               {ProgramKind::kUnpacked, "unpacked"},
                                               {ProgramKind::kDirect, "direct"}}};

constexpr std::uint64_t kPictureSeed = 1;

std::filesystem::path LenetFile(const WorkloadRequest& request, const char* name) {
  std::filesystem::path path = request.models / "lenet" / name;
  if (!std::filesystem::exists(path)) {
    throw RequestError(fmt::format("{} does not exist: LeNet is read from there", path.string()),
                       "run in Systole's folder, or pass --models DIR");
  }
  return path;
}

constexpr const char* kPrunedLenet = "lenet5-simd.onnx";

const char* LenetName(const WorkloadRequest& request) {
  return request.pruning == WorkloadPruning::kPublished ? kPrunedLenet : "lenet5.onnx";
}

/// The densities of the LeNet that was pruned in SIMD groups.
std::map<std::string, double> LenetDensities(const WorkloadRequest& request) {
  std::map<std::string, double> densities;
  const Network pruned = ReadOnnx(LenetFile(request, kPrunedLenet));
  for (const PrunedLayer& layer : CountZeros(pruned, PruneOptions{}.line_bytes).layers) {
    densities[layer.weights.layer] = layer.after.density();
  }
  return densities;
}

PrunedNetwork BuildLenet(const WorkloadRequest& request, std::int64_t sample) {
  if (request.size) throw RequestError("LeNet's input is 28x28", "leave --size out");
  PrunedNetwork built;
  built.network = ReadOnnx(LenetFile(request, LenetName(request)));
  if (request.pruning == WorkloadPruning::kLine) {
    PruneOptions options;
    options.method = PruneMethod::kLine;
    options.densities = LenetDensities(request);
    built.network = Prune(std::move(built.network), options);
  }
  const Tensor digits = ReadTensor(LenetFile(request, "digits.npy"));
  built.input = Tensor::Of<float>(
      {1, 1, 28, 28},
      digits.As<float>().subspan(static_cast<std::size_t>(sample) * 28 * 28, 28 * 28));
  built.origin = request.pruning == WorkloadPruning::kPublished
                     ? "trained, pruned in SIMD groups and retrained; a real digit"
                     : "trained; a real digit";
  return built;
}

PrunedNetwork BuildSynthetic(const WorkloadRequest& request, std::int64_t sample) {
  const ModelName model = ParseModelName(ToString(request.network));
  ModelRequest wanted;
  wanted.name = model;
  if (request.size) wanted.size = *request.size;
  PrunedNetwork built;
  built.network = BuildModel(wanted);
  const std::int64_t size = built.network.values.at(built.network.inputs.at(0)).shape.back();
  if (request.pruning != WorkloadPruning::kNone) {
    PruneOptions options;
    options.method =
        request.pruning == WorkloadPruning::kLine ? PruneMethod::kLine : PruneMethod::kMagnitude;
    options.densities = PublishedDensities(ToString(request.network));
    built.network = Prune(std::move(built.network), options);
  }
  built.input =
      Normalized(NaturalPictures(1, size, kPictureSeed + static_cast<std::uint64_t>(sample)));
  built.origin = "synthetic weights and picture";
  return built;
}

std::filesystem::path FaceFile(const WorkloadRequest& request) {
  return request.models / "face" / "full_range_sparse.tflite";
}

PrunedNetwork BuildFace(const WorkloadRequest& request, std::int64_t sample) {
  if (request.size) throw RequestError("the face detector's input is 192x192", "leave --size out");
  if (request.pruning != WorkloadPruning::kPublished) {
    throw RequestError("the face detector is pruned by its makers", "pass --pruning published");
  }
  if (!IsPresent(request)) {
    throw RequestError(fmt::format("{} does not exist", FaceFile(request).string()),
                       "run models/fetch.sh");
  }
  PrunedNetwork built;
  built.network = ReadTflite(FaceFile(request));
  const std::int64_t size = built.network.values.at(built.network.inputs.at(0)).shape.back();
  built.input = NaturalPictures(1, size, kPictureSeed + static_cast<std::uint64_t>(sample));
  built.origin = "trained and pruned by its makers; synthetic picture";
  return built;
}

template <typename T>
std::int64_t Zeros(const Tensor& tensor, T zero) {
  const auto values = tensor.As<T>();
  return std::count(values.begin(), values.end(), zero);
}

std::int64_t ZeroElements(const Tensor& tensor) {
  switch (tensor.type()) {
    case ElementType::kFloat32:
      return Zeros<float>(tensor, 0.0F);
    case ElementType::kInt8:
      return Zeros<std::int8_t>(tensor, 0);
    case ElementType::kUint8:
      return Zeros<std::uint8_t>(tensor, 0);
    default:
      return 0;
  }
}

std::int64_t Elements(const Tensor& tensor) {
  std::int64_t count = 1;
  for (const std::int64_t extent : tensor.shape()) count *= extent;
  return count;
}

/// Zeros of the layers that multiply: of their weights, and of the tensor that the layer behind
/// them gets (the ReLU's, where one follows).
std::vector<LayerZeros> MeasureZeros(const Network& network, const Program& program,
                                     const MemoryImage& image) {
  std::vector<LayerZeros> zeros;
  for (const Node& node : network.nodes) {
    const auto layer = std::find_if(program.layers.begin(), program.layers.end(),
                                    [&](const ProgramLayer& l) { return l.name == node.name; });
    if (layer == program.layers.end() || layer->macs == 0) continue;
    LayerZeros counts;
    counts.layer = node.name;
    counts.op = node.op;
    for (const std::string& input : node.inputs) {
      const Tensor* weights = network.Constant(input);
      if (weights == nullptr || weights->shape().size() < 2) continue;
      counts.weights = Elements(*weights);
      counts.zero_weights = ZeroElements(*weights);
    }
    if (program.tensors.contains(node.outputs[0])) {
      const Tensor output = ReadTensorFrom(program, image, node.outputs[0]);
      counts.activations = Elements(output);
      counts.zero_activations = ZeroElements(output);
    }
    zeros.push_back(counts);
  }
  return zeros;
}

ProgramOptions OptionsOf(ProgramKind kind) {
  ProgramOptions options;
  options.gemm = kind == ProgramKind::kPacked ? GemmKind::kPacked : GemmKind::kUnpacked;
  if (kind == ProgramKind::kDirect) options.convolution = ConvolutionMethod::kDirect;
  return options;
}

}  // namespace

const std::vector<CacheNetwork>& AllCacheNetworks() {
  static const std::vector<CacheNetwork> all = {CacheNetwork::kLenet, CacheNetwork::kAlexNet,
                                                CacheNetwork::kVgg16, CacheNetwork::kSqueezeNet,
                                                CacheNetwork::kFace};
  return all;
}
std::string ToString(CacheNetwork network) { return WordOf(kNetworks, network); }
CacheNetwork ParseCacheNetwork(const std::string& text) {
  return ParseWord(kNetworks, "network", text);
}
std::string ToString(WorkloadPruning pruning) { return WordOf(kPrunings, pruning); }
WorkloadPruning ParseWorkloadPruning(const std::string& text) {
  return ParseWord(kPrunings, "pruning", text);
}
std::string ToString(ProgramKind kind) { return WordOf(kPrograms, kind); }
ProgramKind ParseProgramKind(const std::string& text) {
  return ParseWord(kPrograms, "program", text);
}

bool IsPresent(const WorkloadRequest& request) {
  return request.network != CacheNetwork::kFace || std::filesystem::exists(FaceFile(request));
}

nlohmann::json Describe(const WorkloadRequest& request) {
  nlohmann::json json = {{"network", ToString(request.network)},
                         {"pruning", ToString(request.pruning)},
                         {"program", ToString(request.program)},
                         {"data", request.int8 ? "int8" : "float32"}};
  if (request.size) json["size"] = *request.size;
  if (request.network == CacheNetwork::kLenet) {
    json["hash"] = ContentHash(ReadFile(LenetFile(request, LenetName(request))) +
                               ReadFile(LenetFile(request, "digits.npy")));
  } else if (request.network == CacheNetwork::kFace && IsPresent(request)) {
    json["hash"] = ContentHash(ReadFile(FaceFile(request)));
  }
  return json;
}

PrunedNetwork BuildPrunedNetwork(const WorkloadRequest& request, std::int64_t sample) {
  PrunedNetwork built = request.network == CacheNetwork::kLenet  ? BuildLenet(request, sample)
                        : request.network == CacheNetwork::kFace ? BuildFace(request, sample)
                                                                 : BuildSynthetic(request, sample);
  const std::string input = built.network.inputs.at(0);
  if (request.int8) {
    // uint8: a zero behind a ReLU is a zero byte; as int8 it would be -128.
    QuantizeOptions options;
    options.activations = ElementType::kUint8;
    built.network = Quantize(built.network, {{{input, built.input}}}, options);
  }
  InferShapes(built.network, {{input, built.input.shape()}});
  return built;
}

Workload BuildWorkload(const WorkloadRequest& request, MemoryImage& image, std::int64_t sample) {
  PrunedNetwork built = BuildPrunedNetwork(request, sample);
  Workload workload;
  workload.origin = built.origin;
  workload.program = BuildProgram(built.network, OptionsOf(request.program), image);
  WriteTensorTo(workload.program, image, built.network.inputs.at(0), built.input);
  RunNatively(workload.program, image);
  workload.zeros = MeasureZeros(built.network, workload.program, image);
  return workload;
}

}  // namespace systole
