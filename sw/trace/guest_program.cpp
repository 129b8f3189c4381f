// SPDX-License-Identifier: Apache-2.0
// The kernels of sw/trace as a compiler makes a program of them: compiled for the guest processor
// with -O2, run by QEMU. Takes the program file that WriteGuestProgram wrote, maps its memory at
// the addresses of the program, and runs its operations.
#include <sys/mman.h>

#include <cstdio>
#include <type_traits>
#include <vector>

#include "sw/trace/guest_format.h"
#include "sw/trace/run_op.h"

namespace systole {
namespace {

/// One machine instruction for each access, in the order of the kernel; everything else is the
/// compiler's own. (A volatile access in C++ would cost two more instructions to extend a byte:
/// GCC merges no extension into a volatile load.) Calls use the compiler's own frames, and
/// instructions need no counting.
struct GuestMachine {
  /// A byte comes extended to the width of the sums, as the processor's loads do it.
  template <typename T>
  std::conditional_t<sizeof(T) == 1, int, T> Load(Address address) {
    const T* const at = reinterpret_cast<const T*>(address);
    if constexpr (std::is_same_v<T, float>) {
      float value;
      asm volatile("flw %0,%1" : "=f"(value) : "m"(*at));
      return value;
    } else {
      std::conditional_t<sizeof(T) == 1, int, T> value;
      if constexpr (sizeof(T) == 8) asm volatile("ld %0,%1" : "=r"(value) : "m"(*at));
      if constexpr (sizeof(T) == 4) asm volatile("lw %0,%1" : "=r"(value) : "m"(*at));
      if constexpr (sizeof(T) == 2) asm volatile("lhu %0,%1" : "=r"(value) : "m"(*at));
      if constexpr (std::is_same_v<T, std::int8_t>) {
        asm volatile("lb %0,%1" : "=r"(value) : "m"(*at));
      } else if constexpr (sizeof(T) == 1) {
        asm volatile("lbu %0,%1" : "=r"(value) : "m"(*at));
      }
      return value;
    }
  }
  template <typename T>
  void Store(Address address, T value) {
    T* const at = reinterpret_cast<T*>(address);
    if constexpr (std::is_same_v<T, float>) asm volatile("fsw %1,%0" : "=m"(*at) : "f"(value));
    if constexpr (!std::is_same_v<T, float>) {
      if constexpr (sizeof(T) == 8) asm volatile("sd %1,%0" : "=m"(*at) : "r"(value));
      if constexpr (sizeof(T) == 4) asm volatile("sw %1,%0" : "=m"(*at) : "r"(value));
      if constexpr (sizeof(T) == 2) asm volatile("sh %1,%0" : "=m"(*at) : "r"(value));
      if constexpr (sizeof(T) == 1) asm volatile("sb %1,%0" : "=m"(*at) : "r"(value));
    }
  }
  template <typename T>
  void Execute(Loop) {}
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
