// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "sw/ir/tensor.h"

namespace systole::models {

/// The weights of a `weightsManifest`, float32 in TensorFlow's layouts, by name. A weight quantized
/// with scale and minimum is `number * scale + minimum`, computed in double. `folder` holds the
/// files, `origin` stands in messages. Throws RequestError as ReadTfjs says.
std::map<std::string, Tensor> ReadTfjsWeights(const nlohmann::json& manifest,
                                              const std::filesystem::path& folder,
                                              const std::string& origin);

}  // namespace systole::models
