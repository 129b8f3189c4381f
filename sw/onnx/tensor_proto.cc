// SPDX-License-Identifier: Apache-2.0
#include "sw/onnx/tensor_proto.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <limits>
#include <map>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

/// Where a tensor's external data lies.
struct ExternalPlace {
  fs::path file;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

std::uint64_t ParseSize(const std::string& key, const std::string& text, const std::string& what) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw RequestError(
        fmt::format("{}: external data {} '{}' is not a number of bytes", what, key, text));
  }
  return value;
}

/// The file of `location`, which must lie under `folder`, also when links are followed.
fs::path FileUnder(const fs::path& folder, const std::string& location, const std::string& what) {
  if (folder.empty()) {
    throw RequestError(fmt::format(
        "{}: has external data '{}', but there is no folder to read it from", what, location));
  }
  const fs::path relative(location);
  const auto outside = [&] {
    return RequestError(
        fmt::format("{}: external data '{}' lies outside the model's folder", what, location),
        "put the data file beside the model and name it by a relative path");
  };
  if (location.empty() || location.find('\0') != std::string::npos) {
    throw RequestError(fmt::format("{}: external data has no usable location", what));
  }
  if (relative.is_absolute()) throw outside();
  if (std::find(relative.begin(), relative.end(), "..") != relative.end()) throw outside();
  std::error_code error;
  const fs::path root = fs::weakly_canonical(folder, error);
  fs::path file = fs::weakly_canonical(folder / relative, error);
  if (error) {
    throw RequestError(
        fmt::format("{}: cannot read external data '{}': {}", what, location, error.message()));
  }
  if (std::mismatch(root.begin(), root.end(), file.begin(), file.end()).first != root.end()) {
    throw outside();
  }
  if (!fs::is_regular_file(file, error)) {
    throw RequestError(
        fmt::format("{}: external data file '{}' is not in the model's folder", what, location));
  }
  return file;
}

ExternalPlace FindExternal(const onnx::TensorProto& proto, const fs::path& folder,
                           std::uint64_t wanted, const std::string& what) {
  std::map<std::string, std::string> entries;
  for (const auto& entry : proto.external_data()) entries[entry.key()] = entry.value();
  ExternalPlace place;
  const std::string location = entries["location"];
  place.file = FileUnder(folder, location, what);
  if (entries.contains("offset")) place.offset = ParseSize("offset", entries["offset"], what);
  std::error_code error;
  const std::uint64_t size = fs::file_size(place.file, error);
  if (error || place.offset > size) {
    throw RequestError(fmt::format("{}: external data starts at byte {} of '{}', which has {}",
                                   what, place.offset, location, error ? 0 : size));
  }
  place.length = entries.contains("length") ? ParseSize("length", entries["length"], what)
                                            : std::min(wanted, size - place.offset);
  if (place.length > size - place.offset) {
    throw RequestError(fmt::format("{}: external data of {} bytes at byte {} of '{}', which has {}",
                                   what, place.length, place.offset, location, size));
  }
  if (place.length != wanted) {
    throw RequestError(fmt::format("{}: external data '{}' has {} bytes where {} are needed", what,
                                   location, place.length, wanted));
  }
  return place;
}

/// bool bytes other than 0 and 1 must not reach a C++ bool.
void NormalizeBools(Tensor& tensor) {
  if (tensor.type() != ElementType::kBool) return;
  for (std::byte& byte : tensor.bytes()) byte = std::byte(byte != std::byte{0});
}

template <typename T, typename Field>
void CopyField(const Field& field, Tensor& tensor, const std::string& what) {
  const std::span<T> to = tensor.As<T>();
  for (std::size_t i = 0; i < to.size(); ++i) {
    const auto value = field[static_cast<int>(i)];
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
      if (value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max()) {
        throw RequestError(
            fmt::format("{}: element {} is {}, no {}", what, i, value, ToString(tensor.type())));
      }
    }
    to[i] = static_cast<T>(value);
  }
}

Shape ShapeOf(const onnx::TensorProto& proto) {
  return Shape(proto.dims().begin(), proto.dims().end());
}

int FieldSize(const onnx::TensorProto& proto, ElementType type) {
  switch (type) {
    case ElementType::kFloat32:
      return proto.float_data_size();
    case ElementType::kFloat64:
      return proto.double_data_size();
    case ElementType::kInt64:
      return proto.int64_data_size();
    default:
      return proto.int32_data_size();
  }
}

void CopyTyped(const onnx::TensorProto& proto, Tensor& tensor, const std::string& what) {
  switch (tensor.type()) {
    case ElementType::kFloat32:
      return CopyField<float>(proto.float_data(), tensor, what);
    case ElementType::kFloat64:
      return CopyField<double>(proto.double_data(), tensor, what);
    case ElementType::kInt64:
      return CopyField<std::int64_t>(proto.int64_data(), tensor, what);
    case ElementType::kInt32:
      return CopyField<std::int32_t>(proto.int32_data(), tensor, what);
    case ElementType::kInt8:
      return CopyField<std::int8_t>(proto.int32_data(), tensor, what);
    case ElementType::kUint8:
      return CopyField<std::uint8_t>(proto.int32_data(), tensor, what);
    case ElementType::kBool:
      return CopyField<bool>(proto.int32_data(), tensor, what);
    case ElementType::kUndefined:
      return;
  }
}

Tensor ReadExternal(const onnx::TensorProto& proto, const fs::path& folder, ElementType type,
                    const Shape& shape, std::uint64_t size, const std::string& what) {
  const ExternalPlace place = FindExternal(proto, folder, size, what);
  Tensor tensor(type, shape);
  std::ifstream in(place.file, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(place.offset));
  in.read(reinterpret_cast<char*>(tensor.bytes().data()), static_cast<std::streamsize>(size));
  if (!in) {
    throw RequestError(
        fmt::format("{}: cannot read external data '{}'", what, place.file.filename().string()));
  }
  NormalizeBools(tensor);
  return tensor;
}

}  // namespace

ElementType ElementTypeFromProto(int data_type, const std::string& what) {
  switch (data_type) {
    case onnx::TensorProto::FLOAT:
    case onnx::TensorProto::UINT8:
    case onnx::TensorProto::INT8:
    case onnx::TensorProto::INT32:
    case onnx::TensorProto::INT64:
    case onnx::TensorProto::BOOL:
    case onnx::TensorProto::DOUBLE:
      return static_cast<ElementType>(data_type);
    default:
      break;
  }
  if (data_type == onnx::TensorProto::UNDEFINED) {
    throw RequestError(fmt::format("{} has no element type", what));
  }
  const std::string name =
      onnx::TensorProto::DataType_IsValid(data_type)
          ? onnx::TensorProto::DataType_Name(static_cast<onnx::TensorProto::DataType>(data_type))
          : fmt::format("number {}", data_type);
  throw RequestError(
      fmt::format("{} has element type {}, which is not supported", what, Lower(name)),
      "use float32, float64, int8, uint8, int32, int64 or bool");
}

std::uint64_t TensorBytes(const onnx::TensorProto& proto, const std::string& what) {
  const ElementType type = ElementTypeFromProto(proto.data_type(), what);
  try {
    return static_cast<std::uint64_t>(ElementCount(ShapeOf(proto))) * SizeOf(type);
  } catch (const RequestError& error) {
    throw RequestError(fmt::format("{}: {}", what, error.what()));
  }
}

Tensor TensorFromProto(const onnx::TensorProto& proto, const fs::path& folder,
                       const std::string& what) {
  const std::uint64_t size = TensorBytes(proto, what);
  const ElementType type = ElementTypeFromProto(proto.data_type(), what);
  const Shape shape = ShapeOf(proto);
  const std::int64_t count = ElementCount(shape);
  if (proto.has_segment()) throw RequestError(fmt::format("{}: is stored in segments", what));
  if (proto.data_location() == onnx::TensorProto::EXTERNAL) {
    return ReadExternal(proto, folder, type, shape, size, what);
  }
  // The data must be there before memory is taken for it.
  if (proto.has_raw_data()) {
    if (proto.raw_data().size() != size) {
      throw RequestError(fmt::format("{}: {} bytes of data for {} {}, which needs {}", what,
                                     proto.raw_data().size(), ToString(shape), ToString(type),
                                     size));
    }
    Tensor tensor(type, shape);
    if (size != 0) std::memcpy(tensor.bytes().data(), proto.raw_data().data(), size);
    NormalizeBools(tensor);
    return tensor;
  }
  if (FieldSize(proto, type) != count) {
    throw RequestError(fmt::format("{}: {} elements of data for {} {}, which needs {}", what,
                                   FieldSize(proto, type), ToString(shape), ToString(type), count));
  }
  Tensor tensor(type, shape);
  CopyTyped(proto, tensor, what);
  return tensor;
}

onnx::TensorProto TensorToProto(const Tensor& tensor, const std::string& name) {
  onnx::TensorProto proto;
  if (!name.empty()) proto.set_name(name);
  proto.set_data_type(static_cast<int>(tensor.type()));
  for (const std::int64_t dim : tensor.shape()) proto.add_dims(dim);
  proto.set_raw_data(tensor.bytes().data(), tensor.bytes().size());
  return proto;
}

}  // namespace systole
