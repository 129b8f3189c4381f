// SPDX-License-Identifier: Apache-2.0
#pragma once

// How BuildProgram works. Internal to sw/trace.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "sw/trace/blobs.h"
#include "sw/trace/program.h"

namespace systole {

/// The type of the kernels for an element type; throws RequestError for others.
TraceType TraceTypeOf(ElementType type);
ElementType ElementTypeOf(TraceType type);

/// Bytes of the buffers that all convolutions share.
struct ConvWorkspace {
  std::int64_t column = 0, packed_a = 0, packed_b = 0, sums = 0;
};

class ProgramBuilder {
 public:
  ProgramBuilder(const Network& network, const ProgramOptions& options, MemoryImage& image);
  Program Build() &&;

  // For the operators; errors get the node's name in front.

  /// Type and shape of a tensor, with all dimensions known.
  ValueType Value(const std::string& name) const;
  /// An initializer; throws RequestError when the tensor is none.
  const Tensor& Constant(const Node& node, std::size_t input, const char* what) const;
  bool HasInput(const Node& node, std::size_t input) const;
  /// Where a tensor lies: of a constant a copy in the weights, made once.
  Address AddressOf(const std::string& name);
  /// Memory for an output of the node.
  Address Make(const std::string& name);
  /// The same, or the memory of input 0 when nobody else reads it.
  Address MakeInPlace(const Node& node);
  /// The output is input 0 under another shape.
  void Alias(const Node& node);
  void Add(const TraceOp& op) { program_.ops.push_back(op); }

  template <typename T>
  Address AddConstant(std::span<const T> values) {
    return AddBytes(std::as_bytes(values));
  }
  /// Asks for memory that all layers share; a convolution gets its addresses at the end.
  void NeedWorkspace(std::int64_t ConvWorkspace::*use, std::int64_t bytes);

  const ProgramOptions& options() const { return options_; }
  const Network& network() const { return network_; }

 private:
  /// Memory that one or more tensors share.
  struct Blob {
    Address address;
    int readers;
  };
  void AddNode(const Node& node);
  void PlaceWorkspace();
  Address AddBytes(std::span<const std::byte> bytes);
  void Release(const std::string& name);
  void Enter(const std::string& name, std::size_t blob);

  const Network& network_;
  const ProgramOptions& options_;
  MemoryImage& image_;
  std::map<std::string, int> readers_;
  BlobArena weights_, activations_, workspace_;
  std::map<std::string, Address> constants_;
  std::vector<Blob> blobs_;
  std::map<std::string, std::size_t> blob_of_;
  ConvWorkspace workspace_bytes_;
  Program program_;
};

/// About how many data accesses an operation makes.
std::uint64_t EstimateAccesses(const TraceOp& op);

/// Adds the operations of a node; throws RequestError.
using NodeBuilder = void (*)(ProgramBuilder& builder, const Node& node);
struct NodeBuilderEntry {
  const char* op;
  NodeBuilder build;
};
std::span<const NodeBuilderEntry> ProductBuilders();
std::span<const NodeBuilderEntry> LayerBuilders();
std::span<const NodeBuilderEntry> MovementBuilders();

}  // namespace systole
