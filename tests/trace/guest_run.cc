// SPDX-License-Identifier: Apache-2.0
#include "tests/trace/guest_run.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace systole {
namespace {

constexpr const char* kCompiler = "riscv64-linux-gnu-g++";
constexpr const char* kEmulator = "qemu-riscv64";

bool Exists(const char* program) {
  return RunTool(".", fmt::format("command -v {}", program)).status == 0;
}

/// The compiled guest and plugin.
class Binaries {
 public:
  Binaries() {
    const std::string common =
        fmt::format("-std=c++20 -O2 -Wall -Wextra -Werror -I{}", SYSTOLE_SOURCE_DIR);
    const std::string folder = std::string(SYSTOLE_SOURCE_DIR) + "/sw/trace/";
    Compile(fmt::format(
        "{} {} -fno-schedule-insns -static -ffp-contract=off {}guest_program.cpp -o guest",
        kCompiler, common, folder));
    Compile(fmt::format("c++ {} -shared -fPIC {}qemu_plugin.cpp -o plugin.so", common, folder));
  }
  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  void Compile(const std::string& command) {
    const ToolResult result = RunTool(folder_.path(), command);
    if (result.status != 0) throw std::runtime_error(command + "\n" + result.output);
  }
  ScratchFolder folder_;
};

/// Sorts the accesses of one operation.
class OpSink {
 public:
  explicit OpSink(Address stack) : stack_(stack) {}
  std::uint64_t Access(const systole::Access& access) {
    op.instructions += access.instructions;
    pending_ += access.instructions;
    if (access.address >= stack_) {
      ++op.stack;
    } else {
      op.accesses.push_back(access);
      op.accesses.back().instructions = pending_;
      pending_ = 0;
    }
    return access.value;
  }
  TracedOp op;

 private:
  Address stack_;
  std::uint32_t pending_ = 0;
};

/// Counts turns instead of instructions.
class LoopMachine {
 public:
  explicit LoopMachine(MemoryImage& image) : image_(image) {}
  template <typename T>
  T Load(Address address) {
    return FromBits<T>(image_.Load(address, sizeof(T)));
  }
  template <typename T>
  void Store(Address address, T value) {
    image_.Store(address, sizeof(T), ToBits(value));
  }
  template <typename T>
  void Execute(Loop loop) {
    ++counts.turns[static_cast<std::size_t>(loop)];
  }
  void Call(std::uint32_t) { ++counts.tiles; }
  void Return(std::uint32_t) {}
  LoopCounts counts;

 private:
  MemoryImage& image_;
};

template <typename Machine>
struct PlainRunner {
  Machine& machine;
  template <typename Work>
  void Unit(Phase, Work work) {
    work(machine);
  }
};

}  // namespace

std::string GuestIsMissing() {
  if (!Exists(kCompiler)) return fmt::format("{} is not installed", kCompiler);
  if (!Exists(kEmulator)) return fmt::format("{} is not installed", kEmulator);
  return "";
}

std::vector<GuestOp> RunGuest(const Program& program, const MemoryImage& image) {
  static const Binaries binaries;
  const ScratchFolder folder;
  WriteGuestProgram(program, image, folder.path() / "program");
  const std::string command = fmt::format(
      "{} -B 0 -plugin {},{} {} program", kEmulator, (binaries.folder() / "plugin.so").string(),
      GuestPluginArguments("records"), (binaries.folder() / "guest").string());
  const ToolResult result = RunTool(folder.path(), command);
  if (result.status != 0) throw std::runtime_error(command + "\n" + result.output);
  return ReadGuestOps(folder.path() / "records");
}

std::vector<TracedOp> RunTraced(const Program& program, MemoryImage& image) {
  std::vector<TracedOp> ops;
  for (const TraceOp& op : program.ops) {
    OpSink sink(program.segments.back().begin);
    TracedMachine<OpSink> machine(image, sink, program.stack);
    PlainRunner<TracedMachine<OpSink>> runner{machine};
    RunOp(runner, op);
    sink.op.instructions += machine.Pending();
    ops.push_back(std::move(sink.op));
  }
  return ops;
}

std::vector<LoopCounts> CountLoops(const Program& program, MemoryImage& image) {
  std::vector<LoopCounts> ops;
  for (const TraceOp& op : program.ops) {
    LoopMachine machine(image);
    PlainRunner<LoopMachine> runner{machine};
    RunOp(runner, op);
    ops.push_back(machine.counts);
  }
  return ops;
}

void ExpectSameAccesses(const std::vector<GuestOp>& guest, const std::vector<TracedOp>& traced) {
  ASSERT_EQ(guest.size(), traced.size());
  for (std::size_t op = 0; op < guest.size(); ++op) {
    ASSERT_EQ(guest[op].records.size(), traced[op].accesses.size()) << "operation " << op;
    for (std::size_t i = 0; i < guest[op].records.size(); ++i) {
      const GuestRecord& g = guest[op].records[i];
      const Access& t = traced[op].accesses[i];
      ASSERT_TRUE(g.address == t.address && g.value == t.value && g.bytes == t.bytes &&
                  (g.write != 0) == t.write)
          << fmt::format(
                 "operation {}, access {}: guest {:#x} = {:#x}, {} bytes, write {}; traced {:#x} = "
                 "{:#x}, {} bytes, write {}",
                 op, i, g.address, g.value, g.bytes, g.write, t.address, t.value, t.bytes, t.write);
    }
  }
}

}  // namespace systole
