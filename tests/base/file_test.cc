// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
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

TEST_F(FileTest, AFullDiskIsNamed) {
  if (!fs::is_character_file("/dev/full")) GTEST_SKIP() << "/dev/full is not there";
  EXPECT_THAT([] { WriteFile("/dev/full", "text"); },
              testing::ThrowsMessage<RunError>("cannot write /dev/full: No space left on device"));
  EXPECT_TRUE(fs::is_character_file("/dev/full"));  // it was not replaced by a file
}

TEST_F(FileTest, APipeTakesTheBytes) {
  const fs::path pipe = folder_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int reader = open(pipe.c_str(), O_RDWR);
  WriteFile(pipe, "text");
  char text[5] = {};
  EXPECT_EQ(read(reader, text, 4), 4);
  EXPECT_STREQ(text, "text");
  close(reader);
  EXPECT_TRUE(fs::is_fifo(pipe));
}

}  // namespace
}  // namespace systole
