// SPDX-License-Identifier: Apache-2.0
#include "sw/cache/memory_image.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>

#include "base/error.h"

namespace systole {

MemoryImage::MemoryImage(int address_width) : size_(0), bytes_(nullptr) {
  if (address_width < 1 || address_width > 46) {
    throw RequestError(
        fmt::format("a memory image of {} address bits is not supported: 1 to 46", address_width),
        "pass --address-width 32");
  }
  size_ = std::uint64_t{1} << address_width;
  void* mapped = mmap(nullptr, size_, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) {
    throw RunError(fmt::format("cannot reserve 2^{} bytes of addresses: {}", address_width,
                               std::strerror(errno)));
  }
  bytes_ = static_cast<std::uint8_t*>(mapped);
}

MemoryImage::~MemoryImage() { munmap(bytes_, size_); }

}  // namespace systole
