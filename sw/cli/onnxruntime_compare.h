// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sw/ref/execute.h"

namespace systole {

/// Our tensor beside ONNX Runtime's.
struct TensorComparison {
  enum class Result {
    kEqual,        ///< every byte
    kWithinBound,  ///< of a float operator that docs/numerics.md lists as inexact
    kDiffers,
    kMissing,  ///< ONNX Runtime's folder does not hold it or one of its inputs
  };
  std::string tensor, node, op;
  Result result = Result::kEqual;
  std::int64_t elements = 0;
  std::int64_t differing = 0;
  double largest = 0;  ///< difference of two elements
  /// The node's inputs differed already (after an inexact operator): it was executed again on ONNX
  /// Runtime's inputs.
  bool executed_again = false;
};

struct Comparison {
  std::string folder, runtime;            ///< "onnxruntime-node 1.30.0"
  std::vector<TensorComparison> tensors;  ///< every output of every node, in order

  std::size_t Count(TensorComparison::Result result) const;
  /// The comparison of that tensor, or null.
  const TensorComparison* Find(const std::string& tensor) const;
  bool Good() const;  ///< nothing differs, nothing is missing
};

/// The tensors of a folder that models/ort_run.mjs has written, by name, and the runtime's version.
/// Throws RequestError for a folder without a readable index or tensor.
Tensors ReadTensorFolder(const std::filesystem::path& folder, std::string& runtime);

/// Compares every tensor that a node makes: `own` holds ours, `theirs` ONNX Runtime's.
Comparison CompareTensors(const Network& network, const Tensors& own, const Tensors& theirs);

}  // namespace systole
