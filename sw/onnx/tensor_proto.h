// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "sw/ir/tensor.h"

namespace systole {

/// The element type of an ONNX data type number. Throws RequestError "`what` has type float16,
/// which is not supported" for those that have no ElementType.
ElementType ElementTypeFromProto(int data_type, const std::string& what);

/// Bytes of the tensor that `proto` describes. Throws RequestError, like TensorFromProto, for a
/// type or shape that is refused.
std::uint64_t TensorBytes(const onnx::TensorProto& proto, const std::string& what);

/// The tensor that `proto` holds, whichever field its data is in. External data is read from a file
/// under `folder`; an empty `folder` refuses it. Memory is bounded by the bytes that are there.
/// Throws RequestError whose text starts with `what`.
Tensor TensorFromProto(const onnx::TensorProto& proto, const std::filesystem::path& folder,
                       const std::string& what);

/// The same tensor with its data in raw_data.
onnx::TensorProto TensorToProto(const Tensor& tensor, const std::string& name);

}  // namespace systole
