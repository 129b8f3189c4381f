// SPDX-License-Identifier: Apache-2.0
#include "models/tfjs_weights.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "models/json_fields.h"

namespace systole::models {
namespace {

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little, "weight files are little-endian");

/// How the elements of a weight stand in its file.
struct Encoding {
  std::int64_t bytes = 4;
  double scale = 1, minimum = 0;
  bool quantized = false;
};

/// The path of a weight file; it has to lie in the model's folder.
fs::path FilePath(const fs::path& folder, const nlohmann::json& name, const std::string& origin) {
  const std::string text = name.is_string() ? name.get<std::string>() : "";
  const fs::path path(text);
  const bool plain = !text.empty() && text != "." && text != ".." && path.filename() == path &&
                     text.find('\0') == std::string::npos;
  if (!plain) {
    throw RequestError(
        fmt::format("{}: weight file {} is not the name of a file in the folder", origin,
                    name.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace)));
  }
  return folder / path;
}

Encoding ReadEncoding(const Fields& weight) {
  const std::string type = weight.Text("dtype");
  if (type != "float32") weight.Refuse("dtype", type, "float32");
  if (!weight.Has("quantization")) return {};
  const Fields quantization = weight.Object("quantization");
  const std::string stored = quantization.Text("dtype");
  if (stored != "uint8" && stored != "uint16") {
    quantization.Refuse("dtype", stored, "uint8 or uint16");
  }
  return {stored == "uint8" ? 1 : 2, quantization.Number("scale"), quantization.Number("min"),
          true};
}

Shape ReadShape(const Fields& weight) {
  constexpr std::size_t kMostDimensions = 4;  // of a kernel
  const nlohmann::json& dims = weight.Array("shape");
  if (dims.size() > kMostDimensions) weight.Refuse("shape", dims, "a list of at most 4");
  Shape shape;
  for (const auto& dim : dims) shape.push_back(weight.IntegerOf(dim, "shape", 1));
  try {
    ElementCount(shape);
  } catch (const RequestError& error) {
    throw RequestError(fmt::format("{}: {}", weight.who(), error.what()));
  }
  return shape;
}

float Decode(const char* bytes, const Encoding& encoding) {
  if (!encoding.quantized) {
    float value = 0;
    std::memcpy(&value, bytes, sizeof(value));
    return value;
  }
  std::uint16_t number = 0;
  std::memcpy(&number, bytes, static_cast<std::size_t>(encoding.bytes));
  return static_cast<float>(number * encoding.scale + encoding.minimum);
}

/// The weights of one group, whose files are read as one.
class Group {
 public:
  Group(const Fields& group, const fs::path& folder, const std::string& origin,
        std::set<fs::path>& read)
      : origin_(origin) {
    for (const auto& name : group.Array("paths")) {
      const fs::path path = FilePath(folder, name, origin);
      if (!read.insert(path).second) {
        throw RequestError(
            fmt::format("{}: weight file '{}' is named twice", origin, path.filename().string()));
      }
      data_ += ReadFile(path);
    }
  }

  Tensor Take(const Fields& weight) {
    const Encoding encoding = ReadEncoding(weight);
    const Shape shape = ReadShape(weight);
    const auto wanted = static_cast<std::size_t>(ElementCount(shape) * encoding.bytes);
    if (wanted > data_.size() - at_) {
      throw RequestError(fmt::format("{}: its file is truncated: {} bytes are needed, {} are left",
                                     weight.who(), wanted, data_.size() - at_));
    }
    Tensor tensor(ElementType::kFloat32, shape);
    for (float& value : tensor.As<float>()) {
      value = Decode(data_.data() + at_, encoding);
      if (!std::isfinite(value)) {
        throw RequestError(fmt::format("{} has a value that is not finite", weight.who()));
      }
      at_ += static_cast<std::size_t>(encoding.bytes);
    }
    return tensor;
  }

  void Finish() const {
    if (at_ == data_.size()) return;
    throw RequestError(fmt::format("{}: the weight files hold {} bytes, the weights take {}",
                                   origin_, data_.size(), at_));
  }

 private:
  std::string origin_, data_;
  std::size_t at_ = 0;
};

}  // namespace

std::map<std::string, Tensor> ReadTfjsWeights(const nlohmann::json& manifest,
                                              const fs::path& folder, const std::string& origin) {
  std::map<std::string, Tensor> weights;
  std::set<fs::path> read;
  for (const auto& entry : manifest) {
    const Fields group(entry, origin + ": group of 'weightsManifest'");
    Group files(group, folder, origin, read);
    for (const auto& json : group.Array("weights")) {
      const std::string name = Fields(json, origin + ": weight").Text("name");
      const Fields weight(json, fmt::format("{}: weight '{}'", origin, name));
      if (!weights.emplace(name, files.Take(weight)).second) {
        throw RequestError(weight.who() + " is there twice");
      }
    }
    files.Finish();
  }
  return weights;
}

}  // namespace systole::models
