// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>

#include <charconv>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "sw/onnx/onnx_io.h"
#include "sw/onnx/tensor_proto.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic{"\x93NUMPY", 6};

constexpr std::pair<std::string_view, ElementType> kNumpyTypes[] = {
    {"<f4", ElementType::kFloat32}, {"<f8", ElementType::kFloat64}, {"|i1", ElementType::kInt8},
    {"|u1", ElementType::kUint8},   {"<i4", ElementType::kInt32},   {"<i8", ElementType::kInt64},
    {"|b1", ElementType::kBool},
};

/// The text after `'key':` in the header's dictionary, without leading blanks.
std::string_view ValueOf(std::string_view header, const std::string& key) {
  const std::size_t at = header.find("'" + key + "':");
  if (at == std::string_view::npos) throw RequestError(fmt::format("its header has no '{}'", key));
  header.remove_prefix(at + key.size() + 3);
  header.remove_prefix(std::min(header.find_first_not_of(' '), header.size()));
  return header;
}

ElementType NumpyType(std::string_view header) {
  std::string_view text = ValueOf(header, "descr");
  if (!text.starts_with('\'')) throw RequestError("it holds records, not numbers");
  text = text.substr(1, text.find('\'', 1) - 1);
  for (const auto& [name, type] : kNumpyTypes) {
    if (text == name) return type;
  }
  throw RequestError(fmt::format("its element type '{}' is not supported", text),
                     "use float32, float64, int8, uint8, int32, int64 or bool, little-endian");
}

Shape NumpyShape(std::string_view header) {
  std::string_view text = ValueOf(header, "shape");
  const std::size_t end = text.find(')');
  if (!text.starts_with('(') || end == std::string_view::npos) {
    throw RequestError("its header has no shape");
  }
  text = text.substr(1, end - 1);
  Shape shape;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(", "), text.size()));
    if (text.empty()) return shape;
    std::int64_t dim = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), dim);
    if (error != std::errc()) throw RequestError("its header has a bad shape");
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    shape.push_back(dim);
  }
}

Tensor ParseNumpy(std::string_view bytes) {
  if (!bytes.starts_with(kMagic) || bytes.size() < 10) throw RequestError("is no .npy file");
  const auto byte = [&](std::size_t i) {
    return std::size_t{static_cast<unsigned char>(bytes[i])};
  };
  const bool wide = byte(6) >= 2;  // from version 2 the header's length has four bytes
  const std::size_t start = wide ? 12 : 10;
  if (bytes.size() < start) throw RequestError("is truncated");
  std::size_t length = byte(8) | byte(9) << 8;
  if (wide) length |= byte(10) << 16 | byte(11) << 24;
  if (bytes.size() - start < length) throw RequestError("is truncated");
  const std::string_view header = bytes.substr(start, length);
  const std::string_view data = bytes.substr(start + length);
  if (ValueOf(header, "fortran_order").starts_with("True")) {
    throw RequestError("is in Fortran order", "save numpy.ascontiguousarray(x)");
  }
  const ElementType type = NumpyType(header);
  const Shape shape = NumpyShape(header);
  const std::uint64_t size = static_cast<std::uint64_t>(ElementCount(shape)) * SizeOf(type);
  if (data.size() != size) {
    throw RequestError(fmt::format("has {} bytes of data where {} {} needs {}", data.size(),
                                   ToString(shape), ToString(type), size));
  }
  Tensor tensor(type, shape);
  if (size != 0) std::memcpy(tensor.bytes().data(), data.data(), size);
  if (type == ElementType::kBool) {
    for (std::byte& value : tensor.bytes()) value = std::byte(value != std::byte{0});
  }
  return tensor;
}

std::string SerializeNumpy(const Tensor& tensor) {
  std::string_view type;
  for (const auto& [name, element] : kNumpyTypes) {
    if (element == tensor.type()) type = name;
  }
  std::string shape;
  for (const std::int64_t dim : tensor.shape()) shape += fmt::format("{}, ", dim);
  if (tensor.shape().size() > 1) shape.resize(shape.size() - 2);  // a 1-tuple keeps its comma
  if (tensor.shape().size() == 1) shape.pop_back();
  std::string header =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", type, shape);
  header.append(63 - (10 + header.size()) % 64, ' ');  // data starts at a multiple of 64
  header += '\n';
  std::string bytes(kMagic);
  bytes += std::string("\x01\x00", 2);
  bytes += static_cast<char>(header.size() & 0xff);
  bytes += static_cast<char>(header.size() >> 8);
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(tensor.bytes().data()), tensor.bytes().size());
  return bytes;
}

Tensor ParseProto(const std::string& bytes) {
  const google::protobuf::LogSilencer silence;
  onnx::TensorProto proto;
  if (bytes.empty() || !proto.ParseFromString(bytes)) {
    throw RequestError("is truncated or holds no ONNX TensorProto");
  }
  return TensorFromProto(proto, {}, "the tensor");
}

RequestError UnknownExtension(const fs::path& path) {
  return RequestError(fmt::format("{}: a tensor file ends in .npy or .pb", path.string()));
}

}  // namespace

Tensor ReadTensor(const fs::path& path) {
  const bool numpy = path.extension() == ".npy";
  if (!numpy && path.extension() != ".pb") throw UnknownExtension(path);
  const std::string bytes = ReadFile(path);
  try {
    return numpy ? ParseNumpy(bytes) : ParseProto(bytes);
  } catch (const RequestError& error) {
    std::vector<Problem> problems = error.problems();
    for (Problem& problem : problems) {
      problem.what = fmt::format("{}: {}", path.string(), problem.what);
    }
    throw RequestError(std::move(problems));
  }
}

void WriteTensor(const Tensor& tensor, const fs::path& path) {
  if (tensor.type() == ElementType::kUndefined) {
    throw RequestError(fmt::format("{}: the tensor has no element type", path.string()));
  }
  if (path.extension() == ".npy") {
    WriteFile(path, SerializeNumpy(tensor));
  } else if (path.extension() == ".pb") {
    WriteFile(path, TensorToProto(tensor, path.stem().string()).SerializeAsString());
  } else {
    throw UnknownExtension(path);
  }
}

}  // namespace systole
