// SPDX-License-Identifier: Apache-2.0
// The kernels of sw/trace as a compiler makes a program of them: compiled for the guest processor
// with -O2, run by QEMU. Takes the program file that WriteGuestProgram wrote, maps its memory at
// the addresses of the program, and runs its operations.
#include <sys/mman.h>

#include <cstdio>
#include <vector>

#include "sw/trace/guest_format.h"
#include "sw/trace/run_op.h"

namespace systole {
namespace {

/// Accesses are volatile, so that the compiler keeps each one and their order; everything else is
/// its own. Calls use the compiler's own frames, instructions need no counting.
struct GuestMachine {
  template <typename T>
  T Load(Address address) {
    return *reinterpret_cast<const volatile T*>(address);
  }
  template <typename T>
  void Store(Address address, T value) {
    *reinterpret_cast<volatile T*>(address) = value;
  }
  void Execute(std::uint32_t) {}
  void Call(std::uint32_t) {}
  void Return(std::uint32_t) {}
};

struct GuestRunner {
  GuestMachine machine;
  template <typename Work>
  void Unit(Phase, Work work) {
    work(machine);
  }
};

bool Map(Address begin, Address end) {
  constexpr Address kPage = 4096;
  begin = begin / kPage * kPage;
  void* const at = reinterpret_cast<void*>(begin);
  return mmap(at, (end - begin + kPage - 1) / kPage * kPage, PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == at;
}

void Mark(std::uint64_t value) { *reinterpret_cast<volatile std::uint64_t*>(kGuestMarker) = value; }

int Run(std::FILE* file) {
  const auto read = [file](void* to, std::size_t bytes) {
    return std::fread(to, 1, bytes, file) == bytes;
  };
  GuestHeader header;
  if (!read(&header, sizeof(header))) return 1;
  std::vector<std::uint64_t> ranges(2 * header.ranges);
  std::vector<TraceOp> ops(header.ops);
  if (!read(ranges.data(), ranges.size() * sizeof(std::uint64_t))) return 1;
  if (!read(ops.data(), ops.size() * sizeof(TraceOp))) return 1;
  if (!Map(kGuestMarker, kGuestMarker + 8)) return 1;
  for (std::size_t i = 0; i < ranges.size(); i += 2) {
    if (!Map(ranges[i], ranges[i + 1])) return 1;
    if (!read(reinterpret_cast<void*>(ranges[i]), ranges[i + 1] - ranges[i])) return 1;
  }
  GuestRunner runner;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    Mark(2 * i);
    RunOp(runner, ops[i]);
    Mark(2 * i + 1);
  }
  return 0;
}

}  // namespace
}  // namespace systole

int main(int argc, char** argv) {
  std::FILE* const file = argc == 2 ? std::fopen(argv[1], "rb") : nullptr;
  const int status = file == nullptr ? 2 : systole::Run(file);
  if (status != 0) std::fprintf(stderr, "guest: error: the program file cannot be run\n");
  return status;
}
