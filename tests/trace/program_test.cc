// SPDX-License-Identifier: Apache-2.0
// Layout of programs and what BuildProgram refuses.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/error.h"
#include "tests/trace/checking_sink.h"
#include "tests/trace/single_node.h"

namespace systole {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Node MakeLayer(const std::string& op, const std::string& name, std::vector<std::string> inputs,
               std::map<std::string, Attribute> attributes = {}) {
  return {.name = name,
          .op = op,
          .domain = "",
          .inputs = std::move(inputs),
          .outputs = {name},
          .attributes = std::move(attributes)};
}

/// VGG-16 (configuration D of Simonyan and Zisserman, 2014) with weights 0.
Network Vgg16() {
  Network network;
  network.opset = 13;
  network.inputs = {"x"};
  Shape shape = {1, 3, 224, 224};
  network.values["x"] = {ElementType::kFloat32, shape, true, {}};
  std::string last = "x";
  const auto add = [&](Node node) {
    last = node.name;
    network.values[last] = {ElementType::kFloat32, shape, true, {}};
    network.nodes.push_back(std::move(node));
  };
  const std::vector<std::int64_t> ones = {1, 1, 1, 1}, two = {2, 2};
  for (const auto& [channels, count] :
       std::vector<std::pair<std::int64_t, int>>{{64, 2}, {128, 2}, {256, 3}, {512, 3}, {512, 3}}) {
    for (int i = 0; i < count; ++i) {
      const std::string name = fmt::format("conv{}", network.nodes.size());
      network.initializers[name + ".w"] = Tensor(ElementType::kFloat32, {channels, shape[1], 3, 3});
      shape[1] = channels;
      add(MakeLayer("Conv", name, {last, name + ".w"}, {{"pads", ones}}));
      add(MakeLayer("Relu", name + ".relu", {name}));
    }
    shape[2] /= 2;
    shape[3] /= 2;
    add(MakeLayer("MaxPool", fmt::format("pool{}", channels + shape[2]), {last},
                  {{"kernel_shape", two}, {"strides", two}}));
  }
  shape = {1, shape[1] * shape[2] * shape[3]};
  add(MakeLayer("Flatten", "flatten", {last}));
  for (const std::int64_t features : {4096, 4096, 1000}) {
    const std::string name = fmt::format("fc{}", network.nodes.size());
    network.initializers[name + ".w"] = Tensor(ElementType::kFloat32, {features, shape[1]});
    shape[1] = features;
    add(MakeLayer("Gemm", name, {last, name + ".w"}, {{"transB", std::int64_t{1}}}));
  }
  network.outputs = {last};
  return network;
}

TEST(Program, Vgg16LiesBelow2Gigabytes) {
  MemoryImage image(32);
  const Program program = BuildProgram(Vgg16(), {}, image);
  std::int64_t macs = 0;
  for (const ProgramLayer& layer : program.layers) macs += layer.macs;
  EXPECT_EQ(macs, 15'470'264'320);
  Address end = 0;
  for (const Segment& segment : program.segments) {
    EXPECT_GE(segment.begin, end) << segment.name << " overlaps the segment before";
    EXPECT_GT(segment.end, segment.begin);
    end = segment.end;
  }
  EXPECT_LT(end, Address{1} << 31);
  EXPECT_LT(program.segments.at(0).end - program.segments.at(0).begin, 560'000'000U);
}

/// A chain of Relus that others read too, so that none works in place.
Network Chain(int length) {
  Network network;
  network.opset = 13;
  network.inputs = {"t0"};
  const ValueType value = {ElementType::kFloat32, {1, 1000}, true, {}};
  network.values["t0"] = value;
  for (int i = 0; i < length; ++i) {
    const std::string in = fmt::format("t{}", i), out = fmt::format("t{}", i + 1);
    network.nodes.push_back(MakeLayer("Add", out, {in, in}));
    network.values[out] = value;
  }
  network.outputs = {fmt::format("t{}", length)};
  return network;
}

TEST(Program, ReusesTheMemoryOfTensorsThatNobodyReads) {
  MemoryImage image(32);
  const Network network = Chain(20);
  const Program own = BuildProgram(network, {}, image);
  const Program reused = BuildProgram(network, {.reuse_blobs = true}, image);
  const auto bytes = [](const Program& p) { return p.segments[1].end - p.segments[1].begin; };
  EXPECT_EQ(bytes(own), 21 * 4032);
  EXPECT_EQ(bytes(reused), 2 * 4032);
  Stimulus random(41);
  const Tensor input = RandomTensor(random, ElementType::kFloat32, {1, 1000});
  WriteTensorTo(reused, image, "t0", input);
  RunNatively(reused, image);
  EXPECT_EQ(ReadTensorFrom(reused, image, "t20"),
            ExecuteNetwork(network, {{"t0", input}}).at("t20"));
}

TEST(Program, NeverReusesWhatIsStillRead) {
  Network network = Chain(3);
  network.nodes.push_back(MakeLayer("Add", "sum", {"t0", "t3"}));
  network.values["sum"] = network.values["t0"];
  network.outputs = {"sum", "t1"};
  MemoryImage image(32);
  const Program program = BuildProgram(network, {.reuse_blobs = true}, image);
  Stimulus random(42);
  const Tensors inputs = {{"t0", RandomTensor(random, ElementType::kFloat32, {1, 1000})}};
  WriteTensorTo(program, image, "t0", inputs.at("t0"));
  RunNatively(program, image);
  const Tensors expected = ExecuteNetwork(network, inputs);
  for (const char* name : {"sum", "t1"}) {
    EXPECT_EQ(ReadTensorFrom(program, image, name), expected.at(name)) << name;
  }
}

/// What BuildProgram says to a sample that was spoilt.
std::string Refusal(Sample sample, const std::function<void(Network&)>& spoil,
                    const ProgramOptions& options = {}) {
  spoil(sample.network);
  MemoryImage image(32);
  try {
    BuildProgram(sample.network, options, image);
  } catch (const RequestError& error) {
    return error.what();
  }
  return "nothing";
}

TEST(Program, RefusesWhatNoKernelHasAndNamesTheNode) {
  Stimulus random(43);
  const Sample conv = MakeConv(random, {.channels = 4, .features = 4});
  const Sample quantized =
      MakeConv(random, {.type = ElementType::kInt8, .channels = 4, .features = 4});
  const Sample dense = MakeDense(random, ElementType::kFloat32, 1, 8, 4);
  const auto refuse = [](const Sample& sample, const std::function<void(Network&)>& spoil,
                         const char* why) {
    EXPECT_THAT(Refusal(sample, spoil), AllOf(HasSubstr("node 'node'"), HasSubstr(why)));
  };
  refuse(
      conv, [](Network& n) { n.nodes[0].op = "Einsum"; }, "not supported by a traced program");
  refuse(
      conv, [](Network& n) { n.nodes[0].domain = "com.microsoft"; }, "not supported");
  refuse(
      conv, [](Network& n) { n.values.erase("y"); }, "shape of 'y' is not known");
  refuse(
      conv, [](Network& n) { n.nodes[0].inputs[1] = "x"; }, "weights must be a constant");
  refuse(
      conv,
      [](Network& n) {
        n.initializers["w"] = Tensor(ElementType::kFloat32, {4, 3, 3, 3});
      },
      "do not fit");
  refuse(
      conv, [](Network& n) { n.initializers["w"] = Tensor(ElementType::kFloat32, {4}); }, "");
  refuse(
      conv,
      [](Network& n) {
        n.initializers["w"] = Tensor(ElementType::kFloat64, {4, 4, 3, 3});
      },
      "float32");
  refuse(
      conv, [](Network& n) { n.initializers["b"] = Tensor(ElementType::kFloat32, {3}); },
      "one value a feature");
  refuse(
      conv, [](Network& n) { n.nodes[0].attributes["group"] = std::int64_t{0}; }, "do not fit");
  refuse(
      quantized, [](Network& n) { n.initializers["wz"] = Tensor::Scalar(std::int8_t{3}); },
      "zero point 0");
  refuse(
      quantized, [](Network& n) { n.initializers["ys"] = Tensor(ElementType::kFloat32, {2}); },
      "scales");
  refuse(
      quantized, [](Network& n) { n.initializers["ys"] = Tensor::Scalar(0.0F); }, "scale");
  refuse(
      dense, [](Network& n) { n.nodes[0].attributes["alpha"] = 2.0F; }, "alpha");
  refuse(
      dense, [](Network& n) { n.initializers["b"] = Tensor(ElementType::kFloat32, {3}); },
      "one value a column");
  refuse(
      dense, [](Network& n) { n.initializers["b"] = Tensor(ElementType::kFloat32, {0}); },
      "one value a column");
  refuse(
      MakeNode(random, "LRN", ElementType::kFloat32, {{1, 4, 2, 2}},
               {{"size", std::int64_t{3}}, {"beta", 0.5F}}),
      [](Network&) {}, "beta");
  refuse(
      MakeNode(random, "Softmax", ElementType::kFloat32, {{2, 4, 3}}, {{"axis", std::int64_t{1}}}),
      [](Network&) {}, "last axis");
}

TEST(Program, RefusesNodesWithoutTheirInputs) {
  Stimulus random(45);
  const Sample add = MakeNode(random, "Add", ElementType::kFloat32, {{2, 3}, {2, 3}});
  EXPECT_THAT(Refusal(add, [](Network& n) { n.nodes[0].inputs.pop_back(); }),
              HasSubstr("two inputs"));
  EXPECT_THAT(Refusal(add, [](Network& n) { n.nodes[0].inputs.clear(); }), HasSubstr("missing"));
  EXPECT_THAT(Refusal(add, [](Network& n) { n.nodes[0].outputs.clear(); }), HasSubstr("missing"));
  EXPECT_THAT(Refusal(add, [](Network& n) { n.outputs = {"z"}; }), HasSubstr("made by no node"));
  for (const ElementType type : {ElementType::kFloat32, ElementType::kInt8}) {
    const Sample conv = MakeConv(random, {.type = type, .channels = 4, .features = 4});
    for (std::size_t count = 0; count + 1 < conv.network.nodes[0].inputs.size(); ++count) {
      EXPECT_NE(Refusal(conv, [&](Network& n) { n.nodes[0].inputs.resize(count); }), "nothing")
          << count;
    }
  }
}

TEST(Program, RefusesLongSumsOfBytes) {
  Stimulus random(44);
  const Sample sample = MakeDense(random, ElementType::kInt8, 1, 66'000, 1);
  EXPECT_THAT(Refusal(sample, [](Network&) {}), HasSubstr("may not fit into 32 bits"));
}

TEST(Program, RefusesWhatDoesNotFitIntoItsAddresses) {
  Network network = Chain(1);
  network.values["t0"].shape = network.values["t1"].shape = {1, 100'000'000};
  EXPECT_THAT(Refusal({"", network, {}}, [](Network&) {}), HasSubstr("activations take more than"));
}

TEST(Program, ChecksItsOptions) {
  const Sample sample{"", Chain(1), {}};
  const auto none = [](Network&) {};
  EXPECT_THAT(Refusal(sample, none, {.alignment = 24}), HasSubstr("alignment of 24"));
  EXPECT_THAT(Refusal(sample, none, {.blocks = {.rows = 6}}), HasSubstr("multiples of 4"));
  EXPECT_THAT(Refusal(sample, none, {.blocks = {.depth = 0}}), HasSubstr("block size of 0"));
  MemoryImage small(20);
  EXPECT_THROW(BuildProgram(sample.network, {}, small), RequestError);
}

TEST(Program, TakesOnlyTensorsThatFit) {
  MemoryImage image(32);
  const Program program = BuildProgram(Chain(1), {}, image);
  EXPECT_THROW(WriteTensorTo(program, image, "t9", Tensor(ElementType::kFloat32, {1, 1000})),
               RequestError);
  EXPECT_THROW(WriteTensorTo(program, image, "t0", Tensor(ElementType::kFloat32, {1, 999})),
               RequestError);
  EXPECT_THROW(WriteTensorTo(program, image, "t0", Tensor(ElementType::kInt32, {1, 1000})),
               RequestError);
  EXPECT_THROW(ReadTensorFrom(program, image, "t9"), RequestError);
}

}  // namespace
}  // namespace systole
