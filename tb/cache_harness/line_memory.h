// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>

#include "tb/cache_harness/abi.h"

namespace systole {

/// The memory behind the line port of the Verilated cache: takes a transaction after the delay and
/// answers a read after the latency that MemoryTiming gives its number, and checks the protocol.
/// A cycle: Drive() before the outputs follow the inputs, Observe() after it.
///
/// Ready without a request is anything: it changes every cycle, or with `steady` after transactions
/// only, so that inputs stay as they are while nothing happens.
template <typename Model, int line_bytes>
class LineMemory {
 public:
  LineMemory(std::uint8_t* memory, const MemoryTiming& timing, bool steady)
      : memory_(memory), timing_(timing), steady_(steady) {}

  /// The next cycle in which an input changes if no output does.
  std::uint64_t NextChange() const {
    const std::uint64_t never = ~std::uint64_t{0};
    return std::min(offered_ ? take_at_ : never, reading_ ? answer_at_ : never);
  }

  void Drive(Model& model, std::uint64_t cycle) {
    const bool offered = model.mem_req_valid_o;
    if (offered && !offered_) Open(model, cycle);
    if (!offered && offered_) Fail("withdrew a request that was not taken", cycle);
    offered_ = offered;
    ready_ = offered ? cycle >= take_at_ : ((steady_ ? transaction_ : cycle) & 1) != 0;
    model.mem_req_ready_i = ready_;
    answers_ = reading_ && cycle >= answer_at_;
    model.mem_resp_valid_i = answers_;
    if (answers_) {
      std::memcpy(&model.mem_resp_rdata_i, memory_ + line_ * line_bytes, line_bytes);
    } else if (taken_) {
      taken_ = false;
      std::memset(&model.mem_resp_rdata_i, 0xa5, line_bytes);  // nobody may look at it any more
    }
  }

  void Observe(Model& model, std::uint64_t cycle) {
    if (static_cast<bool>(model.mem_req_valid_o) != offered_) {
      Fail("changes mem_req_valid_o within a cycle", cycle);
    }
    if (offered_) {
      if (model.mem_req_line_o != open_line_ ||
          static_cast<bool>(model.mem_req_write_o) != open_write_) {
        Fail("changed a request that was not taken", cycle);
      }
      if (ready_) Take(model, cycle);
    }
    if (answers_ && model.mem_resp_ready_o) {
      reading_ = false;
      taken_ = true;
    }
  }

  /// Whether memory, together with a line that waits to be written, is zero at `line`.
  bool IsZero(const Model& model, std::uint64_t line) const {
    std::uint8_t bytes[line_bytes];
    const bool waits =
        model.mem_req_valid_o && model.mem_req_write_o && model.mem_req_line_o == line;
    if (waits) {
      std::memcpy(bytes, &model.mem_req_wdata_o, line_bytes);
    } else {
      std::memcpy(bytes, memory_ + line * line_bytes, line_bytes);
    }
    return std::all_of(bytes, bytes + line_bytes, [](std::uint8_t byte) { return byte == 0; });
  }

 private:
  void Open(const Model& model, std::uint64_t cycle) {
    take_at_ = cycle + timing_.AcceptDelay(transaction_);
    open_line_ = model.mem_req_line_o;
    open_write_ = model.mem_req_write_o;
    if (reading_) Fail("offers a request while a read is open", cycle);
  }

  void Take(const Model& model, std::uint64_t cycle) {
    if (open_write_) {
      std::memcpy(memory_ + open_line_ * line_bytes, &model.mem_req_wdata_o, line_bytes);
    } else {
      reading_ = true;
      line_ = open_line_;
      answer_at_ = cycle + timing_.Latency(transaction_);
    }
    ++transaction_;
    offered_ = false;
  }

  [[noreturn]] static void Fail(const char* what, std::uint64_t cycle) {
    throw std::runtime_error(std::string("the memory port ") + what + ", cycle " +
                             std::to_string(cycle));
  }

  std::uint8_t* memory_;
  MemoryTiming timing_;
  bool steady_;
  std::uint64_t transaction_ = 0, take_at_ = 0, open_line_ = 0, line_ = 0, answer_at_ = 0;
  bool offered_ = false, open_write_ = false, ready_ = false, reading_ = false, answers_ = false,
       taken_ = false;
};

}  // namespace systole
