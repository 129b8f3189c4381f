// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "sw/onnx/onnx_io.h"

namespace systole {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::testing::ThrowsMessage;

std::filesystem::path InTemp(const std::string& name) {
  return std::filesystem::path(::testing::TempDir()) / (std::to_string(getpid()) + "_" + name);
}

class TensorFile : public ::testing::TestWithParam<const char*> {};

TEST_P(TensorFile, ReadsBackEqual) {
  for (const ElementType type :
       {ElementType::kFloat32, ElementType::kUint8, ElementType::kInt8, ElementType::kInt32,
        ElementType::kInt64, ElementType::kBool, ElementType::kFloat64}) {
    for (const Shape& shape : {Shape{}, Shape{5}, Shape{2, 3}, Shape{1, 0}, Shape{2, 1, 3, 1}}) {
      Tensor tensor(type, shape);
      for (std::size_t i = 0; i < tensor.bytes().size(); i += 3) tensor.bytes()[i] = std::byte{1};
      const auto path = InTemp(std::string("round_trip") + GetParam());
      WriteTensor(tensor, path);
      EXPECT_EQ(ReadTensor(path), tensor) << ToString(type) << " " << ToString(shape);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, TensorFile, ::testing::Values(".npy", ".pb"));

TEST(WriteTensor, WritesWhatNumPyWrites) {
  const auto path = InTemp("numpy.npy");
  WriteTensor(Tensor::Of<std::int8_t>({2, 1}, {1, -1}), path);
  const std::string header =
      "{'descr': '|i1', 'fortran_order': False, 'shape': (2, 1), }" + std::string(58, ' ') + "\n";
  EXPECT_EQ(ReadFile(path),
            std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + std::string("\x01\xff"));
}

TEST(ReadTensor, EveryTruncationOfANumPyFileIsAnError) {
  const auto path = InTemp("truncated.npy");
  WriteTensor(Tensor::Of<float>({2}, {1, 2}), path);
  const std::string bytes = ReadFile(path);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    WriteFile(path, bytes.substr(0, size));
    EXPECT_THAT([&] { ReadTensor(path); },
                ThrowsMessage<RequestError>(StartsWith(path.string() + ": ")));
  }
}

TEST(ReadTensor, RefusesFortranOrderAndOtherTypes) {
  const auto path = InTemp("refused.npy");
  WriteTensor(Tensor::Of<float>({2}, {1, 2}), path);
  const std::string good = ReadFile(path);
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string bytes = good;
    bytes.replace(bytes.find(from), from.size(), to);
    WriteFile(path, bytes);
  };
  with("False", "True ");
  EXPECT_THAT([&] { ReadTensor(path); }, ThrowsMessage<RequestError>(HasSubstr("Fortran order")));
  with("<f4", ">f4");
  EXPECT_THAT([&] { ReadTensor(path); },
              ThrowsMessage<RequestError>(HasSubstr("element type '>f4' is not supported")));
}

TEST(ReadTensor, NamesTheFileThatIsNoTensor) {
  EXPECT_THROW(ReadTensor(InTemp("absent.pb")), RequestError);
  EXPECT_THROW(ReadTensor(InTemp("tensor.txt")), RequestError);
  const auto path = InTemp("garbage.pb");
  WriteFile(path, "\xff\xff\xff\xff");
  EXPECT_THAT([&] { ReadTensor(path); },
              ThrowsMessage<RequestError>(HasSubstr("garbage.pb: is truncated or holds no")));
}

}  // namespace
}  // namespace systole
