// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/arguments.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sw/onnx/onnx_io.h"

namespace systole {
namespace {

bool IsInput(const Network& network, const std::string& name) {
  return std::find(network.inputs.begin(), network.inputs.end(), name) != network.inputs.end();
}

/// A problem of `tensor` as the value of input `name`, or "".
std::string Mismatch(const ValueType& wanted, const Tensor& tensor) {
  if (wanted.type != ElementType::kUndefined && wanted.type != tensor.type()) {
    return fmt::format("holds {}, the network takes {}", ToString(tensor.type()),
                       ToString(wanted.type));
  }
  if (!wanted.has_shape) return "";
  bool fits = wanted.shape.size() == tensor.shape().size();
  for (std::size_t i = 0; fits && i < wanted.shape.size(); ++i) {
    fits = wanted.shape[i] < 0 || wanted.shape[i] == tensor.shape()[i];
  }
  return fits ? ""
              : fmt::format("has shape {}, the network takes {}", ToString(tensor.shape()),
                            ToString(wanted.shape));
}

}  // namespace

NamedValues ReadNamed(Options& options, const std::string& option, const Network& network) {
  NamedValues values;
  for (const std::string& text : options.All(option)) {
    const std::size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    if (equals != std::string::npos && IsInput(network, name)) {
      const bool twice = std::any_of(values.begin(), values.end(),
                                     [&](const auto& value) { return value.first == name; });
      if (twice) {
        options.Note({fmt::format("{} gives input \"{}\" twice", option, name),
                      fmt::format("pass {} {}=... once", option, name)});
      } else {
        values.emplace_back(name, text.substr(equals + 1));
      }
    } else if (equals == std::string::npos && network.inputs.size() == 1 && values.empty()) {
      values.emplace_back(network.inputs.front(), text);
    } else {
      options.Note({fmt::format("{} {}: the network has no input \"{}\"", option, text, name),
                    fmt::format("its inputs are: {}", fmt::join(network.inputs, ", "))});
    }
  }
  return values;
}

std::optional<Shape> ParseShape(const std::string& text) {
  Shape shape;
  std::int64_t elements = 1;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('x', at), text.size());
    const std::optional<std::int64_t> dimension = ParseInteger(text.substr(at, end - at));
    if (!dimension || *dimension < 1 || *dimension > (std::int64_t{1} << 40) / elements) {
      return std::nullopt;
    }
    elements *= *dimension;
    shape.push_back(*dimension);
    at = end + 1;
  }
  return shape;
}

std::map<std::string, Shape> ReadShapes(Options& options, const std::string& option,
                                        const Network& network) {
  std::map<std::string, Shape> shapes;
  for (const auto& [name, text] : ReadNamed(options, option, network)) {
    const std::optional<Shape> shape = ParseShape(text);
    if (shape) {
      shapes[name] = *shape;
    } else {
      options.Note({fmt::format("{} {}={} is no shape", option, name, text),
                    fmt::format("pass dimensions of 1 or more: {} {}=1x3x224x224", option, name)});
    }
  }
  return shapes;
}

std::map<std::string, Tensor> ReadInputs(Options& options, const std::string& option,
                                         const Network& network) {
  std::map<std::string, Tensor> tensors;
  const NamedValues files = ReadNamed(options, option, network);
  for (const auto& [name, file] : files) {
    try {
      Tensor tensor = ReadTensor(file);
      const auto wanted = network.values.find(name);
      const std::string mismatch =
          wanted == network.values.end() ? "" : Mismatch(wanted->second, tensor);
      if (!mismatch.empty()) {
        options.Note({fmt::format("{} {}={} {}", option, name, file, mismatch), ""});
      }
      tensors.emplace(name, std::move(tensor));
    } catch (const RequestError& error) {
      options.Note(error.problems());
    }
  }
  for (const std::string& name : network.inputs) {
    const bool given = std::any_of(files.begin(), files.end(),
                                   [&](const auto& file) { return file.first == name; });
    if (given) continue;
    options.Note({fmt::format("input \"{}\" of the network has no value", name),
                  fmt::format("pass {} {}=FILE.npy", option, name)});
  }
  return tensors;
}

}  // namespace systole
