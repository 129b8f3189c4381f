// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/stimulus.h"
#include "sw/ir/network.h"

namespace systole {

struct RandomGraphOptions {
  /// Depthwise kernels are zero outside their middle element, so that every variant computes what
  /// the network does.
  bool exact = true;
  int opset = 13;
};

/// A float network of one input "x" (1 x channels x height x width) and one or two outputs: some
/// depthwise convolutions of random geometry, and around them whatever may stand there:
/// normalization, activations, gates, pools, residuals, concatenations, a flattened classifier,
/// constants by channel, further readers.
Network RandomGraph(Stimulus& random, const RandomGraphOptions& options);

}  // namespace systole
