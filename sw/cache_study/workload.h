// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sw/cache/memory_image.h"
#include "sw/ir/network.h"
#include "sw/trace/program.h"

namespace systole {

/// Networks of the study.
enum class CacheNetwork { kLenet, kAlexNet, kVgg16, kSqueezeNet, kFace };
const std::vector<CacheNetwork>& AllCacheNetworks();
std::string ToString(CacheNetwork network);
/// "lenet", "alexnet", "vgg-16", "squeezenet", "face". Throws RequestError that lists the names.
CacheNetwork ParseCacheNetwork(const std::string& text);

enum class WorkloadPruning {
  /// LeNet: SIMD groups of 8 with retraining; the face detector as its makers pruned it; others:
  /// magnitude, published densities.
  kPublished,
  kNone,
  kLine,  ///< whole cache lines, at the published densities; ours
};
std::string ToString(WorkloadPruning pruning);
WorkloadPruning ParseWorkloadPruning(const std::string& text);

/// How the program computes its convolutions.
enum class ProgramKind { kPacked, kUnpacked, kDirect };
std::string ToString(ProgramKind kind);
ProgramKind ParseProgramKind(const std::string& text);

struct WorkloadRequest {
  CacheNetwork network = CacheNetwork::kLenet;
  WorkloadPruning pruning = WorkloadPruning::kPublished;
  ProgramKind program = ProgramKind::kUnpacked;
  bool int8 = false;  ///< quantized (sw/quant), uint8 activations, calibrated with the input
  std::optional<std::int64_t> size{};  ///< of the input; without it as published; not LeNet, face
  std::filesystem::path models = "models";  ///< where lenet/ and face/ lie
};

/// Zeros of one layer's data in the program's memory.
struct LayerZeros {
  std::string layer, op;
  std::int64_t weights = 0, zero_weights = 0;
  std::int64_t activations = 0, zero_activations = 0;  ///< of its output
};

/// A program in its memory, run once already, so that a trace begins with the memory that an
/// earlier inference left.
struct Workload {
  std::string origin;  ///< what is trained and what is synthetic
  Program program;
  std::vector<LayerZeros> zeros;
};

/// Whether the files of the network are there: the face detector's are fetched by models/fetch.sh.
bool IsPresent(const WorkloadRequest& request);

/// All that the accesses depend on.
nlohmann::json Describe(const WorkloadRequest& request);

/// Builds the network, prunes it, lays it out in `image` and runs it natively on one input: LeNet
/// has kLenetSamples, of the others each `sample` is another picture. Throws RequestError for what
/// cannot be built and when LeNet's files are missing.
Workload BuildWorkload(const WorkloadRequest& request, MemoryImage& image, std::int64_t sample = 0);
inline constexpr std::int64_t kLenetSamples = 100;

/// The network alone, with shapes, and its input.
struct PrunedNetwork {
  Network network;
  Tensor input;
  std::string origin;
};
PrunedNetwork BuildPrunedNetwork(const WorkloadRequest& request, std::int64_t sample = 0);

}  // namespace systole
