// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/error.h"

namespace systole {
namespace {
namespace fs = std::filesystem;

class FileTest : public testing::Test {
 protected:
  FileTest() { fs::create_directories(folder_); }
  ~FileTest() override { fs::remove_all(folder_); }
  const fs::path folder_ =
      fs::path(testing::TempDir()) / ("systole_file_test_" + std::to_string(getpid()));
};

std::size_t Entries(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST_F(FileTest, ReadsBackEveryByte) {
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes.push_back(static_cast<char>(i));
  WriteFile(folder_ / "new" / "folder" / "file", bytes);
  EXPECT_EQ(ReadFile(folder_ / "new" / "folder" / "file"), bytes);
}

TEST_F(FileTest, ReplacesTheOldFileAndLeavesNothingBeside) {
  WriteFile(folder_ / "file", "a longer old text");
  WriteFile(folder_ / "file", "new");
  EXPECT_EQ(ReadFile(folder_ / "file"), "new");
  EXPECT_EQ(Entries(folder_), 1U);
}

TEST_F(FileTest, AFailedWriteNamesThePathAndLeavesNothing) {
  WriteFile(folder_ / "file", "text");
  EXPECT_THAT([&] { WriteFile(folder_ / "file" / "below", "x"); },
              testing::ThrowsMessage<RunError>(testing::HasSubstr("file/below")));
  fs::create_directories(folder_ / "busy" / "child");
  EXPECT_THAT([&] { WriteFile(folder_ / "busy", "x"); },
              testing::ThrowsMessage<RunError>(testing::HasSubstr("cannot write")));
  EXPECT_EQ(Entries(folder_), 2U);
  EXPECT_EQ(ReadFile(folder_ / "file"), "text");
}

TEST_F(FileTest, MissingFilesAndFoldersAreBadRequests) {
  EXPECT_THAT([&] { ReadFile(folder_ / "none"); },
              testing::ThrowsMessage<RequestError>(testing::HasSubstr("No such file")));
  EXPECT_THAT([&] { ReadFile(folder_); },
              testing::ThrowsMessage<RequestError>(testing::HasSubstr("it is a folder")));
}

}  // namespace
}  // namespace systole
