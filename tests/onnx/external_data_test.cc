// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "base/error.h"
#include "base/file.h"
#include "tests/onnx/model_builder.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// A folder with model.onnx, whose weights w (24 bytes) lie in an external file.
class ExternalData : public ::testing::Test {
 protected:
  ExternalData() {
    root_ = fs::path(::testing::TempDir()) / ("external_" + std::to_string(getpid()));
    folder_ = root_ / "model";
    const float values[] = {1, 2, 3, 4, 5, 6};
    data_.assign(reinterpret_cast<const char*>(values), sizeof values);
    WriteFile(folder_ / "w.bin", data_);
    WriteFile(root_ / "secret.bin", data_);
  }
  ~ExternalData() override { fs::remove_all(root_); }

  using Entries = std::vector<std::pair<std::string, std::string>>;

  Network Read(const Entries& entries) {
    onnx::ModelProto model = SmallModel();
    onnx::TensorProto* weights = model.mutable_graph()->mutable_initializer(0);
    weights->clear_float_data();
    weights->set_data_location(onnx::TensorProto::EXTERNAL);
    for (const auto& [key, value] : entries) {
      auto* entry = weights->add_external_data();
      entry->set_key(key);
      entry->set_value(value);
    }
    WriteFile(folder_ / "model.onnx", model.SerializeAsString());
    return ReadOnnx(folder_ / "model.onnx");
  }

  void ExpectRefused(const Entries& entries, const std::string& text) {
    EXPECT_THAT([&] { Read(entries); },
                ThrowsMessage<RequestError>(
                    ::testing::AllOf(HasSubstr("model.onnx: initializer 'w': "), HasSubstr(text))));
  }

  fs::path root_, folder_;
  std::string data_;
};

TEST_F(ExternalData, IsReadFromTheModelsFolder) {
  EXPECT_EQ(Read({{"location", "w.bin"}}), Parse(SmallModel()));
}

TEST_F(ExternalData, IsReadFromAFolderBelow) {
  WriteFile(folder_ / "weights" / "w.bin", data_);
  EXPECT_EQ(Read({{"location", "weights/w.bin"}}), Parse(SmallModel()));
}

TEST_F(ExternalData, OffsetAndLengthChooseItsBytes) {
  WriteFile(folder_ / "all.bin", "12345" + data_ + "67");
  EXPECT_EQ(Read({{"location", "all.bin"}, {"offset", "5"}, {"length", "24"}}),
            Parse(SmallModel()));
  EXPECT_EQ(Read({{"location", "all.bin"}, {"offset", "5"}}), Parse(SmallModel()));
}

TEST_F(ExternalData, OfAnAbsentFileIsRefused) {
  ExpectRefused({{"location", "absent.bin"}}, "file 'absent.bin' is not in the model's folder");
  ExpectRefused({{"location", "."}}, "file '.' is not in the model's folder");
  ExpectRefused({{"location", ""}}, "has no usable location");
  ExpectRefused({}, "has no usable location");
  ExpectRefused({{"location", std::string("w.bin\0.txt", 10)}}, "has no usable location");
}

TEST_F(ExternalData, OutsideTheFolderIsRefused) {
  ExpectRefused({{"location", "../secret.bin"}}, "lies outside the model's folder");
  ExpectRefused({{"location", "below/../../secret.bin"}}, "lies outside the model's folder");
  ExpectRefused({{"location", (root_ / "secret.bin").string()}}, "lies outside the model's folder");
  ExpectRefused({{"location", (folder_ / "w.bin").string()}}, "lies outside the model's folder");
}

TEST_F(ExternalData, BehindALinkOutOfTheFolderIsRefused) {
  fs::create_symlink(root_ / "secret.bin", folder_ / "link.bin");
  ExpectRefused({{"location", "link.bin"}}, "lies outside the model's folder");
  fs::create_directory_symlink(root_, folder_ / "up");
  ExpectRefused({{"location", "up/secret.bin"}}, "lies outside the model's folder");
}

TEST_F(ExternalData, BeyondTheFileIsRefused) {
  ExpectRefused({{"location", "w.bin"}, {"offset", "25"}}, "starts at byte 25 of 'w.bin'");
  ExpectRefused({{"location", "w.bin"}, {"offset", "4"}, {"length", "24"}},
                "24 bytes at byte 4 of 'w.bin', which has 24");
  ExpectRefused({{"location", "w.bin"}, {"offset", "4"}, {"length", "18446744073709551615"}},
                "at byte 4 of 'w.bin', which has 24");
  ExpectRefused({{"location", "w.bin"}, {"offset", "4"}}, "has 20 bytes where 24 are needed");
  ExpectRefused({{"location", "w.bin"}, {"length", "23"}}, "has 23 bytes where 24 are needed");
}

TEST_F(ExternalData, NumbersThatAreNoneAreRefused) {
  for (const char* bad : {"", "-1", "x", "1e3", "99999999999999999999999"}) {
    ExpectRefused({{"location", "w.bin"}, {"offset", bad}}, "is not a number of bytes");
    ExpectRefused({{"location", "w.bin"}, {"length", bad}}, "is not a number of bytes");
  }
}

TEST_F(ExternalData, ThatManyTensorsShareIsBoundedBeforeMemoryIsTaken) {
  const fs::path sparse = folder_ / "sparse.bin";  // 2 GiB of hole, no disk
  WriteFile(sparse, "");
  fs::resize_file(sparse, std::uintmax_t{1} << 31);
  onnx::ModelProto model = SmallModel();
  for (int i = 0; i < 1000; ++i) {
    onnx::TensorProto* tensor = model.mutable_graph()->add_initializer();
    tensor->set_name("large" + std::to_string(i));
    tensor->set_data_type(onnx::TensorProto::INT8);
    tensor->add_dims(std::int64_t{1} << 31);
    tensor->set_data_location(onnx::TensorProto::EXTERNAL);
    auto* entry = tensor->add_external_data();
    entry->set_key("location");
    entry->set_value("sparse.bin");
  }
  WriteFile(folder_ / "model.onnx", model.SerializeAsString());
  EXPECT_THAT([&] { ReadOnnx(folder_ / "model.onnx"); },
              ThrowsMessage<RequestError>(HasSubstr(
                  "initializer 'large2': the model's external data exceed 4294967296 bytes")));
}

}  // namespace
}  // namespace systole
