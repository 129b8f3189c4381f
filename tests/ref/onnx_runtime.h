// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "sw/ir/network.h"
#include "sw/ref/execute.h"

namespace systole {

/// True if models/fetch.sh has installed ONNX Runtime.
bool HaveOnnxRuntime();

#define SYSTOLE_NEED_ONNX_RUNTIME()                                                           \
  if (!HaveOnnxRuntime()) {                                                                   \
    GTEST_SKIP() << "ONNX Runtime is not installed; models/fetch.sh installs it (needs npm)"; \
  }

/// Every tensor that ONNX Runtime computes in the network, by name. `name` is a folder for files.
Tensors RunOnnxRuntime(const Network& network, const Tensors& inputs, const std::string& name);

/// How far a result may be from ONNX Runtime's: |difference| <= absolute + relative * |result|.
/// Both 0: the same bits (any NaN equals any NaN).
struct Bound {
  double relative = 0.0, absolute = 0.0;
};

/// Fails the test where the tensors differ by more than `bound`. Returns the largest
/// |difference| / max(|expected|, 1).
double ExpectWithin(const Tensor& got, const Tensor& expected, const Bound& bound,
                    const std::string& what);

/// A network of independent nodes, run by the reference and by ONNX Runtime.
class Comparison {
 public:
  Comparison(std::string name, int opset);
  /// A node whose first input is an input of the network; the others are constants, an undefined
  /// tensor stands for an absent one.
  void Add(const std::string& op, const std::vector<Tensor>& inputs,
           const std::map<std::string, Attribute>& attributes = {}, Bound bound = {},
           int outputs = 1);
  /// Runs both and compares every output. Prints the largest difference of inexact nodes.
  void Run();

 private:
  Network network_;
  Tensors inputs_;
  std::map<std::string, Bound> bounds_;
};

}  // namespace systole
