// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "sw/ir/network.h"
#include "sw/ref/execute.h"
#include "tb/network_runner.h"
#include "tb/result_store.h"

namespace systole {

/// What the results of a network's layers depend on beside the settings of the run.
struct StoredWork {
  const Network& network;  ///< quantized, shapes known
  std::string inputs;      ///< content hash of the network and of the values of its inputs
  std::string program;     ///< content hash of the program that runs them
  /// Every tensor of the network (ExecuteNetwork); asked once, and only if a layer has to run.
  std::function<Tensors()> values;
};

struct StoredRun {
  NetworkRun run;
  std::size_t reused = 0;  ///< layers whose result was in the store
};

/// RunLayers with memory: a layer that was verified before, by the same program with the same
/// network, inputs and settings, is not run again, and every layer that is verified now is kept as
/// soon as it is done: an interrupted run goes on where it was. What differed or failed is not
/// kept. Without pauses and waveforms only: RequestError. Throws what RunLayers throws.
StoredRun RunStored(const StoredWork& work, const RunSettings& settings, const RunHooks& hooks,
                    ResultStore& store);

}  // namespace systole
