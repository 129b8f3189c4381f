// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sw/cache/memory_image.h"
#include "sw/ir/network.h"
#include "sw/trace/operation.h"

namespace systole {

enum class ConvolutionMethod {
  kIm2col,  ///< column buffer and matrix product, as Caffe
  kDirect,
};

struct ProgramOptions {
  ConvolutionMethod convolution = ConvolutionMethod::kIm2col;
  GemmKind gemm = GemmKind::kPacked;
  GemmBlocking blocks = {};
  /// Blobs begin at multiples of this; a power of two, 8 to 4096.
  std::int64_t alignment = 64;
  /// The memory of tensors that nobody reads any more is given to later ones (first fit). Without
  /// it, as in Caffe, every tensor has its own and can be read after the run.
  bool reuse_blobs = false;
};

/// A range of a program's addresses, [begin, end).
struct Segment {
  std::string name;  ///< "weights", "activations", "workspace", "stack"
  Address begin = 0, end = 0;
};

/// Where a tensor of the network lies.
struct ProgramTensor {
  TraceType type = TraceType::kFloat32;
  Shape shape;
  Address address = 0;
};

/// A node of the network that computes; nodes that only rename a tensor (Reshape, ...) are none.
struct ProgramLayer {
  std::string name, op;
  std::size_t first_op = 0, op_count = 0;
  std::int64_t macs = 0;
  std::uint64_t estimate = 0;  ///< accesses, within a factor of two
};

/// Inference of a network as a small in-order processor without vector instructions runs it
/// (docs/trace.md).
struct Program {
  std::vector<Segment> segments;
  std::vector<TraceOp> ops;
  std::vector<ProgramLayer> layers;
  std::map<std::string, ProgramTensor> tensors;  ///< without constants
  std::vector<std::string> inputs, outputs;
  Address stack = 0;  ///< the stack pointer at the start
};

/// Lays the network out in the image, writes its constants there, and returns the program. Shapes
/// must be known (InferShapes). Float32 networks, and quantized ones in QOperator form with int8 or
/// uint8 activations and constant weights; the types of the network decide.
/// Throws RequestError, naming the node, for operators, types, attributes and shapes that no kernel
/// has, for options out of range and for networks that do not fit into 2 GB of addresses.
Program BuildProgram(const Network& network, const ProgramOptions& options, MemoryImage& image);

/// Writes an input of the program; throws RequestError when name, type or shape do not fit.
void WriteTensorTo(const Program& program, MemoryImage& image, const std::string& name,
                   const Tensor& tensor);
/// Reads a tensor of the program. With reuse_blobs only outputs are sure to be there; where a node
/// works in place (Relu on a tensor that nobody else reads), the tensor is what it was made into.
Tensor ReadTensorFrom(const Program& program, const MemoryImage& image, const std::string& name);

}  // namespace systole
