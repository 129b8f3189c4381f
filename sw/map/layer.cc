// SPDX-License-Identifier: Apache-2.0
#include "sw/map/layer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "sw/map/weight_code.h"

namespace systole {
namespace {

// Keeps every sum and product of positions far from overflow; no network comes near.
constexpr std::int64_t kMaxExtent = std::int64_t{1} << 31;

[[noreturn]] void Fail(const Node& node, const std::string& what) {
  throw RequestError(fmt::format("node \"{}\" ({}): {}", node.name, node.op, what));
}

/// Positions of the inputs that matter for the geometry, by operator.
struct InputRoles {
  std::size_t activations, weights, activation_zero, weight_zero, count;
};

std::optional<InputRoles> RolesOf(const Node& node) {
  if (!node.domain.empty() && node.domain != "ai.onnx") return std::nullopt;
  if (node.op == "QLinearConv" || node.op == "QLinearMatMul") return InputRoles{0, 3, 2, 5, 8};
  if (node.op == "ConvInteger" || node.op == "MatMulInteger") return InputRoles{0, 1, 2, 3, 2};
  return std::nullopt;
}

bool IsConvolution(const Node& node) {
  return node.op == "QLinearConv" || node.op == "ConvInteger";
}

/// Product of dimensions; fails when one is not positive and beyond the size that a tensor may
/// have.
std::int64_t Product(const Node& node, const Shape& dims) {
  constexpr std::int64_t kMaxElements = std::int64_t{1} << 40;
  std::int64_t product = 1;
  for (const std::int64_t dim : dims) {
    if (dim < 1)
      Fail(node, fmt::format("{}: every dimension must be known and not 0", ToString(dims)));
    if (dim > kMaxElements / product) {
      Fail(node, fmt::format("{} are more than 2^40 elements", ToString(dims)));
    }
    product *= dim;
  }
  return product;
}

void CheckOperand(const Node& node, const InputFacts& input, const char* what) {
  if (!input.present) Fail(node, fmt::format("{} are missing", what));
  if (input.type != ElementType::kInt8 && input.type != ElementType::kUint8) {
    Fail(node,
         fmt::format("{} are {}: int8 and uint8 run on the array", what, ToString(input.type)));
  }
  for (const std::int64_t dim : input.shape) {
    if (dim < 0) {
      Fail(node, fmt::format("the shape {} of {} is not known", ToString(input.shape), what));
    }
    if (dim == 0) Fail(node, fmt::format("{} {} are empty", what, ToString(input.shape)));
    if (dim > kMaxExtent) {
      Fail(node, fmt::format("{} {} are too large", what, ToString(input.shape)));
    }
  }
  Product(node, input.shape);
}

std::vector<std::int64_t> Extents(const Node& node, const std::string& key, std::size_t count,
                                  std::int64_t fallback, std::int64_t low) {
  auto values = node.Ints(key, std::vector<std::int64_t>(count, fallback));
  if (values.size() != count) {
    Fail(node, fmt::format("{} has {} values: {} are needed", key, values.size(), count));
  }
  for (const std::int64_t value : values) {
    if (value < low || value > kMaxExtent) {
      Fail(node, fmt::format("{} {} is out of range", key, value));
    }
  }
  return values;
}

/// Sets the padding that `auto_pad` asks for, then the outputs.
void FinishAxis(const Node& node, const std::string& auto_pad, ConvAxis& axis) {
  const std::int64_t reach = (axis.kernel - 1) * axis.dilation + 1;
  if (auto_pad == "VALID") {
    axis.pad_before = axis.pad_after = 0;
  } else if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
    const std::int64_t outputs = (axis.input + axis.stride - 1) / axis.stride;
    const std::int64_t total =
        std::max<std::int64_t>((outputs - 1) * axis.stride + reach - axis.input, 0);
    axis.pad_before = auto_pad == "SAME_UPPER" ? total / 2 : total - total / 2;
    axis.pad_after = total - axis.pad_before;
  } else if (auto_pad != "NOTSET" && !auto_pad.empty()) {
    Fail(node, fmt::format("auto_pad \"{}\" is unknown", auto_pad));
  }
  const std::int64_t padded = axis.input + axis.pad_before + axis.pad_after;
  if (padded < reach) {
    Fail(node, fmt::format("the kernel reaches over {} positions, the padded input has {}", reach,
                           padded));
  }
  axis.output = (padded - reach) / axis.stride + 1;
}

ArrayLayer DescribeConvolution(const Node& node, const Shape& x, const Shape& w) {
  const std::size_t axes = w.size() - 2;
  const Shape kernel(w.begin() + 2, w.end());
  if (x.size() != w.size()) {
    Fail(node, fmt::format("weights {} do not fit the input {}", ToString(w), ToString(x)));
  }
  if (node.Ints("kernel_shape", kernel) != kernel) {
    Fail(node, "kernel_shape is not that of the weights " + ToString(w));
  }
  ArrayLayer layer;
  layer.batch = x[0];
  layer.in_channels = x[1];
  layer.out_channels = w[0];
  layer.group = node.Int("group", 1);
  if (layer.group < 1 || x[1] % layer.group != 0 || w[0] % layer.group != 0 ||
      x[1] / layer.group != w[1]) {
    Fail(node, fmt::format("weights {} in {} groups do not fit the input {}", ToString(w),
                           layer.group, ToString(x)));
  }
  const auto strides = Extents(node, "strides", axes, 1, 1);
  const auto dilations = Extents(node, "dilations", axes, 1, 1);
  const auto pads = Extents(node, "pads", 2 * axes, 0, 0);
  const std::string auto_pad = node.String("auto_pad", "NOTSET");
  for (std::size_t i = 0; i < axes; ++i) {
    ConvAxis& axis = axes == 1 || i == 1 ? layer.width : layer.height;
    axis.input = x[i + 2];
    axis.kernel = kernel[i];
    axis.stride = strides[i];
    axis.dilation = dilations[i];
    axis.pad_before = pads[i];
    axis.pad_after = pads[i + axes];
    FinishAxis(node, auto_pad, axis);
  }
  const auto padded = [](const ConvAxis& axis) {
    return axis.input + axis.pad_before + axis.pad_after;
  };
  Product(node, {layer.batch, layer.in_channels, padded(layer.height), padded(layer.width)});
  return layer;
}

Shape BroadcastBatch(const Node& node, const Shape& a, const Shape& b) {
  Shape out(std::max(a.size(), b.size()), 1);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::int64_t of_a = i < a.size() ? a[a.size() - 1 - i] : 1;
    const std::int64_t of_b = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (of_a != of_b && of_a != 1 && of_b != 1) {
      Fail(node, fmt::format("the batches {} and {} do not fit", ToString(a), ToString(b)));
    }
    out[out.size() - 1 - i] = std::max(of_a, of_b);
  }
  return out;
}

ArrayLayer DescribeMatMul(const Node& node, Shape a, Shape b, const InputFacts* a_zero) {
  if (a.empty() || b.empty()) Fail(node, "a scalar is no matrix");
  if (a.size() == 1) a.insert(a.begin(), 1);
  if (b.size() == 1) b.push_back(1);
  ArrayLayer layer;
  layer.kind = ArrayLayer::Kind::kMatMul;
  layer.m = a[a.size() - 2];
  layer.k = a.back();
  layer.n = b.back();
  if (b[b.size() - 2] != layer.k) {
    Fail(node, fmt::format("the matrices {} and {} do not fit", ToString(a), ToString(b)));
  }
  const Shape a_batch(a.begin(), a.end() - 2), b_batch(b.begin(), b.end() - 2);
  layer.products = Product(node, BroadcastBatch(node, a_batch, b_batch));
  const std::int64_t zeros = a_zero != nullptr ? Product(node, a_zero->shape) : 1;
  if (zeros != 1) {
    if (zeros != layer.m && zeros != layer.m * Product(node, a_batch)) {
      Fail(node, fmt::format("the zero point {} does not fit the matrix {}",
                             ToString(a_zero->shape), ToString(a)));
    }
    layer.products *= layer.m;
    layer.m = 1;
  } else if (Product(node, b_batch) == 1) {
    layer.m *= layer.products;
    layer.products = 1;
  }
  return layer;
}

std::string AxisSuffix(const ConvAxis& height, const ConvAxis& width, const char* letter,
                       std::int64_t ConvAxis::*member) {
  if (height.*member == 1 && width.*member == 1) return "";
  if (height.*member == width.*member) return fmt::format(" {}{}", letter, width.*member);
  return fmt::format(" {}{}x{}", letter, height.*member, width.*member);
}

}  // namespace

std::int64_t ArrayLayer::Outputs() const {
  if (kind == Kind::kMatMul) return products * m * n;
  return batch * out_channels * height.output * width.output;
}

std::int64_t ArrayLayer::Depth() const {
  return kind == Kind::kMatMul ? k : in_channels / group * height.kernel * width.kernel;
}

std::int64_t ArrayLayer::Macs() const { return Outputs() * Depth(); }

std::string ToString(const ArrayLayer& layer) {
  if (layer.kind == ArrayLayer::Kind::kMatMul) {
    const std::string one = fmt::format("{}x{} * {}x{}", layer.m, layer.k, layer.k, layer.n);
    return layer.products == 1 ? one : fmt::format("{}x ({})", layer.products, one);
  }
  std::string text =
      fmt::format("{}x{}x{}x{} * {}x{}x{}x{}", layer.batch, layer.in_channels, layer.height.input,
                  layer.width.input, layer.out_channels, layer.in_channels / layer.group,
                  layer.height.kernel, layer.width.kernel);
  text += AxisSuffix(layer.height, layer.width, "s", &ConvAxis::stride);
  text += AxisSuffix(layer.height, layer.width, "d", &ConvAxis::dilation);
  if (layer.group > 1) text += fmt::format(" g{}", layer.group);
  return text;
}

std::optional<ArrayLayer> DescribeArrayLayer(const Node& node,
                                             const std::vector<InputFacts>& inputs) {
  const auto roles = RolesOf(node);
  if (!roles) return std::nullopt;
  if (inputs.size() < roles->count) {
    Fail(node, fmt::format("{} inputs: {} are needed", inputs.size(), roles->count));
  }
  const auto optional = [&](std::size_t i) {
    return i < inputs.size() && inputs[i].present ? &inputs[i] : nullptr;
  };
  const InputFacts &x = inputs[roles->activations], &w = inputs[roles->weights];
  CheckOperand(node, x, "activations");
  CheckOperand(node, w, "weights");
  if (IsConvolution(node) && w.shape.size() < 3) {
    Fail(node, fmt::format("weights {} are no kernel", ToString(w.shape)));
  }
  if (IsConvolution(node) && w.shape.size() > 4) return std::nullopt;  // three axes: host work
  ArrayLayer layer = IsConvolution(node)
                         ? DescribeConvolution(node, x.shape, w.shape)
                         : DescribeMatMul(node, x.shape, w.shape, optional(roles->activation_zero));
  const InputFacts* zero = optional(roles->weight_zero);
  if (zero != nullptr && zero->type != w.type) {
    Fail(node, fmt::format("weights are {}, their zero point is {}", ToString(w.type),
                           ToString(zero->type)));
  }
  layer.raw = node.op == "ConvInteger" || node.op == "MatMulInteger";
  layer.weight_parts =
      CodeWeights(w.type, zero != nullptr ? zero->value : nullptr, !zero || zero->value).parts;
  const std::int64_t outputs = layer.kind == ArrayLayer::Kind::kMatMul
                                   ? Product(node, {layer.products, layer.m, layer.n})
                                   : Product(node, {layer.batch, layer.out_channels,
                                                    layer.height.output, layer.width.output});
  if (layer.Depth() > (std::int64_t{1} << 50) / outputs) {
    Fail(node, "more than 2^50 multiply-accumulates");
  }
  return layer;
}

std::optional<ArrayLayer> DescribeArrayLayer(const Network& network, const Node& node) {
  if (!RolesOf(node)) return std::nullopt;
  std::vector<InputFacts> inputs;
  for (const std::string& name : node.inputs) {
    InputFacts& input = inputs.emplace_back();
    if (name.empty()) continue;
    input.present = true;
    if (const Tensor* constant = network.Constant(name)) {
      input.type = constant->type();
      input.shape = constant->shape();
      input.value = constant;
    } else if (const auto value = network.values.find(name);
               value != network.values.end() && value->second.has_shape) {
      input.type = value->second.type;
      input.shape = value->second.shape;
    } else {
      Fail(node, fmt::format("the shape of input \"{}\" is not known", name));
    }
  }
  return DescribeArrayLayer(node, inputs);
}

}  // namespace systole
