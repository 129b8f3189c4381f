// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "sw/ir/network.h"

namespace systole {

/// Reads and checks an ONNX model: nodes are sorted topologically and named, Constant nodes and
/// external data become initializers, opset 6 to 18 of ai.onnx.
/// Throws RequestError, with file and node, for anything that is not a valid model: truncated,
/// cyclic, missing or duplicate names, bad dimensions, external data outside the model's folder.
Network ReadOnnx(const std::filesystem::path& path);

/// The same for a model in memory; `origin` stands in messages, `folder` is where external data is.
Network ParseOnnx(const std::string& bytes, const std::string& origin,
                  const std::filesystem::path& folder);

/// The network as a serialized ONNX model (IR version 8) that ONNX's checker accepts; the same
/// bytes every time.
std::string SerializeOnnx(const Network& network);
void WriteOnnx(const Network& network, const std::filesystem::path& path);

/// Sets the shapes of the network's inputs and infers the type and shape of every tensor from them.
/// `shapes` holds inputs by name; symbolic or unknown dimensions that nobody gives become 1 when
/// they are the first (the batch), otherwise they are an error that names the option to pass.
void InferShapes(Network& network, const std::map<std::string, Shape>& shapes);

/// Reads one tensor: `.npy` (NumPy, little-endian, C order) or `.pb` (ONNX TensorProto).
Tensor ReadTensor(const std::filesystem::path& path);
/// Writes one tensor as `.npy` or `.pb`, by the path's extension.
void WriteTensor(const Tensor& tensor, const std::filesystem::path& path);

}  // namespace systole
