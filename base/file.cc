// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/error.h"

namespace systole {
namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    throw RequestError(fmt::format("cannot read {}: it is a folder", path.string()));
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    throw RequestError(fmt::format("cannot read {}: {}", path.string(), std::strerror(errno)));
  }
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return std::move(bytes).str();
}

namespace {

[[noreturn]] void Fail(const fs::path& path, int code) {
  throw RunError(fmt::format("cannot write {}: {}", path.string(), std::strerror(code)));
}

/// 0, or the system's reason.
int WriteAll(int file, std::string_view bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t n = write(file, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    done += static_cast<std::size_t>(n);
  }
  return 0;
}

/// A device or pipe takes the bytes: a file in its place would be no answer.
void WriteInto(const fs::path& path, std::string_view bytes) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) Fail(path, errno);
  int code = WriteAll(file, bytes);
  if (close(file) != 0 && code == 0) code = errno;
  if (code != 0) Fail(path, code);
}

}  // namespace

void WriteFile(const fs::path& path, std::string_view bytes) {
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  if (type == fs::file_type::character || type == fs::file_type::fifo ||
      type == fs::file_type::block) {
    WriteInto(path, bytes);
    return;
  }
  error.clear();
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
  if (error) Fail(path, error.value());
  std::string temporary = path.string() + ".XXXXXX";
  const int file = mkstemp(temporary.data());
  if (file < 0) Fail(path, errno);
  if (const int code = WriteAll(file, bytes); code != 0) {
    close(file);
    unlink(temporary.c_str());
    Fail(path, code);
  }
  fchmod(file, 0644);
  if (close(file) != 0 || rename(temporary.c_str(), path.c_str()) != 0) {
    const int code = errno;
    unlink(temporary.c_str());
    Fail(path, code);
  }
}

}  // namespace systole
