// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "synth/liberty/group.h"

namespace systole {

namespace {

/// Libraries of real processes unpack to some hundred megabytes; more is a broken or hostile file.
constexpr std::size_t kMaxUnpacked = std::size_t{1} << 31;

[[noreturn]] void Fail(const std::filesystem::path& path, const std::string& why) {
  throw RequestError(fmt::format("{} cannot be unpacked: {}", path.string(), why),
                     "give a whole .lib or .lib.gz file");
}

/// The members of a gzip file one after the other (RFC 1952, section 2.2).
std::string Unpack(const std::string& packed, z_stream& stream, const std::filesystem::path& path) {
  std::string text;
  std::string chunk(std::size_t{1} << 20, '\0');
  std::size_t taken = 0;
  while (true) {
    if (stream.avail_in == 0) {
      const std::size_t size = std::min(packed.size() - taken, std::size_t{1} << 20);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data() + taken));
      stream.avail_in = static_cast<uInt>(size);
      taken += size;
    }
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = static_cast<uInt>(chunk.size());
    const int status = inflate(&stream, Z_NO_FLUSH);
    text.append(chunk.data(), chunk.size() - stream.avail_out);
    if (text.size() > kMaxUnpacked) Fail(path, "it unpacks to more than 2 GiB");
    const bool more = stream.avail_in > 0 || taken < packed.size();
    if (status == Z_STREAM_END) {
      if (!more) return text;
      inflateReset(&stream);
    } else if (status == Z_BUF_ERROR || (status == Z_OK && !more && stream.avail_out > 0)) {
      Fail(path, "it ends in the middle");
    } else if (status != Z_OK) {
      Fail(path, stream.msg != nullptr ? stream.msg : "its gzip data is damaged");
    }
  }
}

}  // namespace

std::string ReadMaybeGzip(const std::filesystem::path& path) {
  std::string bytes = ReadFile(path);
  if (bytes.size() < 2 || bytes[0] != '\x1f' || bytes[1] != '\x8b') return bytes;
  z_stream stream{};
  // 16: expect a gzip header and trailer, so that the checksum is verified.
  if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) Fail(path, "zlib cannot start");
  try {
    std::string text = Unpack(bytes, stream, path);
    inflateEnd(&stream);
    return text;
  } catch (...) {
    inflateEnd(&stream);
    throw;
  }
}

}  // namespace systole
