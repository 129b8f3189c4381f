// SPDX-License-Identifier: Apache-2.0
#include "sw/ref/execute.h"

#include <fmt/format.h>

#include <new>

#include "sw/ref/kernel.h"

namespace systole {
namespace {

const std::map<std::string, ref::Kernel>& Table() {
  static const std::map<std::string, ref::Kernel> table = [] {
    std::map<std::string, ref::Kernel> result;
    for (const auto entries :
         {ref::ActivationKernels(), ref::ConvKernels(), ref::ElementwiseKernels(),
          ref::MatMulKernels(), ref::MovementKernels(), ref::MaxPoolKernels(),
          ref::AveragePoolKernels(), ref::QuantizeKernels(), ref::ReduceKernels(),
          ref::ResizeKernels(), ref::ShapeKernels()}) {
      for (const ref::KernelEntry& entry : entries) result.emplace(entry.op, entry.kernel);
    }
    return result;
  }();
  return table;
}

const Tensor* Find(const Network& network, const Tensors& tensors, const std::string& name) {
  if (name.empty()) return nullptr;
  if (const auto found = tensors.find(name); found != tensors.end()) return &found->second;
  return network.Constant(name);
}

}  // namespace

const std::set<std::string>& SupportedOperators() {
  static const std::set<std::string> names = [] {
    std::set<std::string> result;
    for (const auto& [name, kernel] : Table()) result.insert(name);
    return result;
  }();
  return names;
}

std::vector<Tensor> ExecuteNode(const Node& node, const std::vector<const Tensor*>& inputs,
                                int opset) {
  const std::string who = Describe(node) + ": ";
  if (!node.domain.empty() && node.domain != "ai.onnx") {
    throw RequestError(who + "operators of domain '" + node.domain + "' are not supported");
  }
  const auto kernel = Table().find(node.op);
  if (kernel == Table().end()) throw RequestError(who + "this operator is not supported");
  try {
    std::vector<Tensor> outputs = kernel->second({node, inputs, opset});
    for (std::size_t i = outputs.size(); i < node.outputs.size(); ++i) {
      if (!node.outputs[i].empty()) {
        ref::Fail(fmt::format("output {} ('{}') is not supported", i, node.outputs[i]));
      }
    }
    return outputs;
  } catch (const RequestError& error) {
    const std::string what = error.what();
    throw RequestError(what.starts_with(who) ? what : who + what);
  } catch (const std::bad_alloc&) {
    throw RequestError(who + "there is not enough memory for its tensors");
  }
}

Tensors ExecuteNetwork(const Network& network, const Tensors& inputs,
                       const std::function<void(const Node&, const Tensors&)>& after) {
  Tensors tensors;
  for (const std::string& name : network.inputs) {
    const auto found = inputs.find(name);
    if (found == inputs.end()) throw RequestError("network input '" + name + "' is not given");
    tensors.insert(*found);
  }
  for (const Node& node : network.nodes) {
    std::vector<const Tensor*> arguments;
    for (const std::string& name : node.inputs) {
      arguments.push_back(Find(network, tensors, name));
      if (arguments.back() == nullptr && !name.empty()) {
        throw RequestError(
            fmt::format("node '{}' ({}): input '{}' has no value", node.name, node.op, name));
      }
    }
    std::vector<Tensor> outputs = ExecuteNode(node, arguments, network.opset);
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (!node.outputs[i].empty()) {
        tensors.insert_or_assign(node.outputs[i], std::move(outputs[i]));
      }
    }
    if (after) after(node, tensors);
  }
  return tensors;
}

std::vector<const Tensor*> InputsOf(const Network& network, const Node& node,
                                    const Tensors& values) {
  std::vector<const Tensor*> inputs;
  for (const std::string& name : node.inputs) {
    const Tensor* constant = network.Constant(name);
    inputs.push_back(name.empty() ? nullptr : constant != nullptr ? constant : &values.at(name));
  }
  return inputs;
}

}  // namespace systole
