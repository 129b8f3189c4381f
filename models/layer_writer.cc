// SPDX-License-Identifier: Apache-2.0
#include "models/layer_writer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/stimulus.h"
#include "models/append_node.h"

namespace systole::models {
namespace {

constexpr float kEpsilon = 1e-5F;
/// What the mean over a plane leaves of the variance: neighbouring pixels are not independent.
constexpr double kPooledVariance = 1.0 / 16;
/// The expected value of a gate.
constexpr double kGate = 0.5;

/// Gauss-Hermite quadrature of 16 points for a normal value: abscissa and weight of those above 0.
constexpr std::array<std::array<double, 2>, 8> kQuadrature = {{
    {0.386760604500557, 2.865685212380121e-01},
    {1.163829100554965, 1.583383727509494e-01},
    {1.951980345716334, 4.728475235401400e-02},
    {2.760245047630701, 7.266937601184741e-03},
    {3.600873624171548, 5.259849265739098e-04},
    {4.492955302520011, 1.530003216248731e-05},
    {5.472225705949343, 1.309473216286821e-07},
    {6.630878198393129, 1.497814723161837e-10},
}};

double Apply(Activation activation, double x) {
  switch (activation) {
    case Activation::kRelu:
      return std::max(0.0, x);
    case Activation::kRelu6:
      return std::clamp(x, 0.0, 6.0);
    case Activation::kHardSwish:
      return x * std::clamp(x / 6.0 + 0.5, 0.0, 1.0);
  }
  return x;
}

/// Replaces mean and variance of a normal value by those of its activation.
void Propagate(Activation activation, double& mean, double& variance) {
  const double deviation = std::sqrt(variance);
  double first = 0, second = 0;
  for (const auto& [abscissa, weight] : kQuadrature) {
    for (const double x : {mean - deviation * abscissa, mean + deviation * abscissa}) {
      const double y = Apply(activation, x);
      first += weight * y;
      second += weight * y * y;
    }
  }
  mean = first;
  variance = std::max(0.0, second - first * first);
}

/// Sum over the channels of the mean square.
double Power(const Signal& signal) {
  double power = 0;
  for (std::size_t i = 0; i < signal.mean.size(); ++i) {
    power += signal.mean[i] * signal.mean[i] + signal.variance[i];
  }
  return power;
}

/// A seed of its own for every tensor: FNV-1a of its name over the network's seed.
std::uint64_t SeedOf(std::uint64_t seed, const std::string& name) {
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ seed;
  for (const char letter : name) {
    hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3ULL;
  }
  return hash;
}

/// A multiple of 1/256 in [low, high].
double Fraction(Stimulus& random, double low, double high) {
  return static_cast<double>(random.Between(static_cast<std::int64_t>(low * 256),
                                            static_cast<std::int64_t>(high * 256))) /
         256.0;
}

}  // namespace

LayerWriter::LayerWriter(std::string name, std::int64_t size, std::uint64_t seed) : seed_(seed) {
  constexpr std::int64_t kColours = 3;
  network_.name = std::move(name);
  network_.opset = 14;  // the first with HardSwish
  network_.inputs = {"input"};
  network_.values["input"] = {
      ElementType::kFloat32, {-1, kColours, size, size}, true, {"batch", "", "", ""}};
  input_ = {"input", std::vector<double>(kColours, 0.0), std::vector<double>(kColours, 1.0), 0.95,
            0.85};
}

Node& LayerWriter::AddNode(const std::string& op, const std::string& name,
                           std::vector<std::string> inputs) {
  return AppendNode(network_, op, name, std::move(inputs));
}

std::string LayerWriter::AddFloats(const std::string& name, Shape shape,
                                   const std::vector<float>& values) {
  network_.initializers[name] = Tensor::Of<float>(std::move(shape), values);
  return name;
}

std::vector<float> LayerWriter::Weights(const std::string& name, std::int64_t count,
                                        double deviation) const {
  Stimulus random(SeedOf(seed_, name));
  // The sum of four uniform 16-bit numbers is bell-shaped, of standard deviation 2^16 / sqrt(3).
  const double scale = deviation * std::sqrt(3.0) / 65536.0;
  std::vector<float> weights(static_cast<std::size_t>(count));
  for (float& weight : weights) {
    const std::uint64_t bits = random.Next();
    const std::uint64_t sum =
        (bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48);
    weight = static_cast<float>((static_cast<double>(sum) - 2 * 65535.0) * scale);
  }
  return weights;
}

Node& LayerWriter::AddConv(const std::string& name, const Signal& in, const ConvShape& shape,
                           const std::vector<float>& weights) {
  const std::int64_t k = shape.kernel, pad = k / 2;
  const std::string values =
      AddFloats(name + "/weight", {shape.channels, in.channels() / shape.groups, k, k}, weights);
  Node& node = AddNode("Conv", name, {in.value, values});
  node.attributes["kernel_shape"] = std::vector<std::int64_t>{k, k};
  node.attributes["pads"] = std::vector<std::int64_t>{pad, pad, pad, pad};
  node.attributes["strides"] = std::vector<std::int64_t>{shape.stride, shape.stride};
  node.attributes["group"] = shape.groups;
  return node;
}

Signal LayerWriter::Conv(const std::string& name, const Signal& in, const ConvShape& shape) {
  const std::int64_t inputs = in.channels() / shape.groups, window = shape.kernel * shape.kernel;
  const std::int64_t fan_in = inputs * window;
  const auto weights = Weights(name + "/weight", shape.channels * fan_in,
                               std::sqrt(2.0 / static_cast<double>(fan_in)));
  AddConv(name, in, shape, weights);
  Signal out{name, {}, {}};
  const std::int64_t outputs_a_group = shape.channels / shape.groups;
  const float* weight = weights.data();
  for (std::int64_t m = 0; m < shape.channels; ++m) {
    double mean = 0, variance = 0;
    for (std::int64_t c = 0; c < inputs; ++c) {
      const auto source = static_cast<std::size_t>(m / outputs_a_group * inputs + c);
      for (std::int64_t i = 0; i < window; ++i, ++weight) {
        mean += *weight * in.mean[source];
        variance += static_cast<double>(*weight) * *weight * in.variance[source];
      }
    }
    out.mean.push_back(mean);
    out.variance.push_back(variance);
  }
  return Normalize(name, out);
}

Signal LayerWriter::Normalize(const std::string& name, const Signal& in) {
  const std::string bn = name + "/bn";
  const Shape shape = {in.channels()};
  Stimulus random(SeedOf(seed_, bn));
  Signal out{bn, {}, {}};
  std::vector<float> scale, offset;
  for (std::int64_t i = 0; i < in.channels(); ++i) {
    const double gamma = Fraction(random, 0.75, 2.25), beta = Fraction(random, -0.5, 1.0);
    scale.push_back(static_cast<float>(gamma));
    offset.push_back(static_cast<float>(beta));
    out.mean.push_back(beta);
    out.variance.push_back(gamma * gamma);
  }
  std::vector<std::string> inputs = {in.value, AddFloats(bn + "/scale", shape, scale),
                                     AddFloats(bn + "/offset", shape, offset)};
  for (const auto& [leaf, values] : {std::pair("/mean", &in.mean), {"/variance", &in.variance}}) {
    inputs.push_back(AddFloats(bn + leaf, shape, {values->begin(), values->end()}));
  }
  AddNode("BatchNormalization", bn, std::move(inputs)).attributes["epsilon"] = kEpsilon;
  return out;
}

Signal LayerWriter::Pointwise(const std::string& name, const Signal& in, std::int64_t channels) {
  AddConv(name, in, {channels},
          Weights(name + "/weight", channels * in.channels(), 1 / std::sqrt(Power(in))));
  const auto count = static_cast<std::size_t>(channels);
  return {name, std::vector<double>(count, 0.0), std::vector<double>(count, 1.0)};
}

Signal LayerWriter::PointwiseWithBias(const std::string& name, const Signal& in,
                                      std::int64_t channels) {
  Signal out = Pointwise(name, in, channels);
  const std::string bias = name + "/bias";
  network_.nodes.back().inputs.push_back(
      AddFloats(bias, {channels}, Weights(bias, channels, 0.25)));
  return out;
}

Signal LayerWriter::Activate(const std::string& name, const Signal& in, Activation activation) {
  Signal out = in;
  for (std::size_t i = 0; i < out.mean.size(); ++i) {
    Propagate(activation, out.mean[i], out.variance[i]);
  }
  switch (activation) {
    case Activation::kRelu:
      out.value = AddNode("Relu", name + "/relu", {in.value}).name;
      break;
    case Activation::kRelu6:
      out.value = AddNode("Clip", name + "/relu6",
                          {in.value, AddFloats("zero", {}, {0.0F}), AddFloats("six", {}, {6.0F})})
                      .name;
      break;
    case Activation::kHardSwish:
      out.value = AddNode("HardSwish", name + "/hardswish", {in.value}).name;
      break;
  }
  return out;
}

Signal LayerWriter::SqueezeExcite(const std::string& name, const Signal& in,
                                  std::int64_t squeezed) {
  Signal gate = GlobalAveragePool(name + "/pool", in);
  gate = Activate(name, Pointwise(name + "/reduce", gate, squeezed), Activation::kRelu);
  gate = Pointwise(name + "/expand", gate, in.channels());
  Node& sigmoid = AddNode("HardSigmoid", name + "/gate", {gate.value});
  sigmoid.attributes["alpha"] = 1.0F / 6.0F;
  sigmoid.attributes["beta"] = 0.5F;
  Signal out = in;
  out.value = AddNode("Mul", name + "/scale", {in.value, name + "/gate"}).name;
  for (double& mean : out.mean) mean *= kGate;
  for (double& variance : out.variance) variance *= kGate * kGate;
  return out;
}

Signal LayerWriter::Add(const std::string& name, const Signal& a, const Signal& b) {
  Signal out = a;
  out.value = AddNode("Add", name, {a.value, b.value}).name;
  for (std::size_t i = 0; i < out.mean.size(); ++i) {
    out.mean[i] += b.mean[i];
    out.variance[i] += b.variance[i];
  }
  return out;
}

Signal LayerWriter::MaxPool(const std::string& name, const Signal& in, std::int64_t kernel,
                            std::int64_t stride) {
  const std::int64_t pad = kernel / 2;
  Node& node = AddNode("MaxPool", name, {in.value});
  node.attributes["kernel_shape"] = std::vector<std::int64_t>{kernel, kernel};
  node.attributes["pads"] = std::vector<std::int64_t>{pad, pad, pad, pad};
  node.attributes["strides"] = std::vector<std::int64_t>{stride, stride};
  Signal out = in;
  out.value = name;
  // The largest of nine lies about 1.5 standard deviations above the mean and varies half as much.
  for (std::size_t i = 0; i < out.mean.size(); ++i) {
    out.mean[i] += 1.5 * std::sqrt(out.variance[i]);
    out.variance[i] *= 0.4;
  }
  return out;
}

Signal LayerWriter::GlobalAveragePool(const std::string& name, const Signal& in) {
  Signal out = in;
  out.value = AddNode("GlobalAveragePool", name, {in.value}).name;
  for (double& variance : out.variance) variance *= kPooledVariance;
  return out;
}

void LayerWriter::Classify(const std::string& name, const Signal& in, std::int64_t classes) {
  AddNode("Flatten", name + "/flatten", {in.value});
  const std::string weight = name + "/weight", bias = name + "/bias";
  AddFloats(weight, {classes, in.channels()},
            Weights(weight, classes * in.channels(), 2 / std::sqrt(Power(in))));
  AddFloats(bias, {classes}, Weights(bias, classes, 0.25));
  Node& node = AddNode("Gemm", name, {name + "/flatten", weight, bias});
  node.attributes["transB"] = std::int64_t{1};
  Finish(classes);
}

Network LayerWriter::Take() { return std::exchange(network_, {}); }

}  // namespace systole::models
