// SPDX-License-Identifier: Apache-2.0
// A plugin of QEMU's user mode that writes down the data accesses of a guest, with values:
//   qemu-riscv64 -B 0 -plugin PLUGIN.so,out=FILE,low=0x..,high=0x.. GUEST ARGS
// Records (guest_format.h) the accesses of addresses in [low, high). Version 1 of the plugin
// interface (QEMU 4.2 to 8); Debian packages no header for it, so what is used is declared here,
// as documented in QEMU's manual, "TCG Plugins".
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "sw/trace/guest_format.h"

extern "C" {

struct qemu_plugin_tb;
struct qemu_plugin_insn;
using qemu_plugin_id_t = std::uint64_t;
using qemu_plugin_meminfo_t = std::uint32_t;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };
enum qemu_plugin_mem_rw { QEMU_PLUGIN_MEM_R = 1, QEMU_PLUGIN_MEM_W, QEMU_PLUGIN_MEM_RW };
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           void (*callback)(qemu_plugin_id_t, qemu_plugin_tb*));
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*callback)(qemu_plugin_id_t, void*),
                                    void* data);
std::size_t qemu_plugin_tb_n_insns(const qemu_plugin_tb* block);
qemu_plugin_insn* qemu_plugin_tb_get_insn(const qemu_plugin_tb* block, std::size_t index);
void qemu_plugin_register_vcpu_insn_exec_inline(qemu_plugin_insn* instruction, qemu_plugin_op op,
                                                void* counter, std::uint64_t add);
void qemu_plugin_register_vcpu_mem_cb(qemu_plugin_insn* instruction,
                                      void (*callback)(unsigned, qemu_plugin_meminfo_t,
                                                       std::uint64_t, void*),
                                      qemu_plugin_cb_flags flags, qemu_plugin_mem_rw which,
                                      void* data);
unsigned qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t info);
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t info);

#define SYSTOLE_EXPORT __attribute__((visibility("default")))
SYSTOLE_EXPORT extern const int qemu_plugin_version;
const int qemu_plugin_version = 1;
SYSTOLE_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void* info, int count,
                                       char** arguments);
}

namespace {

std::FILE* file = nullptr;
std::uint64_t low = 0, high = 0;
std::uint64_t executed = 0, recorded = 0;  ///< instructions so far, and at the last record
std::uint16_t others = 0;

/// Called behind each access: the guest's memory holds what was read or written. With -B 0 the
/// guest's addresses are those of this process.
void OnAccess(unsigned, qemu_plugin_meminfo_t info, std::uint64_t address, void*) {
  if (address < low || address >= high) {
    ++others;
    return;
  }
  systole::GuestRecord record;
  record.address = address;
  record.bytes = static_cast<std::uint8_t>(1U << qemu_plugin_mem_size_shift(info));
  record.write = qemu_plugin_mem_is_store(info) ? 1 : 0;
  record.instructions = static_cast<std::uint32_t>(executed - recorded);
  record.others = others;
  std::memcpy(&record.value, reinterpret_cast<const void*>(address), record.bytes);
  recorded = executed;
  others = 0;
  if (std::fwrite(&record, sizeof(record), 1, file) != 1) {
    std::perror("systole plugin");
    std::exit(1);
  }
}

void OnBlock(qemu_plugin_id_t, qemu_plugin_tb* block) {
  for (std::size_t i = 0; i < qemu_plugin_tb_n_insns(block); ++i) {
    qemu_plugin_insn* const instruction = qemu_plugin_tb_get_insn(block, i);
    qemu_plugin_register_vcpu_insn_exec_inline(instruction, QEMU_PLUGIN_INLINE_ADD_U64, &executed,
                                               1);
    qemu_plugin_register_vcpu_mem_cb(instruction, OnAccess, QEMU_PLUGIN_CB_NO_REGS,
                                     QEMU_PLUGIN_MEM_RW, nullptr);
  }
}

void OnExit(qemu_plugin_id_t, void*) {
  if (std::fclose(file) != 0) std::perror("systole plugin");
}

}  // namespace

int qemu_plugin_install(qemu_plugin_id_t id, const void*, int count, char** arguments) {
  for (int i = 0; i < count; ++i) {
    if (std::strncmp(arguments[i], "out=", 4) == 0) file = std::fopen(arguments[i] + 4, "wb");
    if (std::strncmp(arguments[i], "low=", 4) == 0)
      low = std::strtoull(arguments[i] + 4, nullptr, 0);
    if (std::strncmp(arguments[i], "high=", 5) == 0)
      high = std::strtoull(arguments[i] + 5, nullptr, 0);
  }
  if (file == nullptr || low >= high) {
    std::fprintf(stderr, "systole plugin: error: out=FILE, low= and high= are needed\n");
    return 1;
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, OnBlock);
  qemu_plugin_register_atexit_cb(id, OnExit, nullptr);
  return 0;
}
