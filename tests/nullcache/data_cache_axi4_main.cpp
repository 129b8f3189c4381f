// SPDX-License-Identifier: Apache-2.0
// Plays a stream of accesses into data_cache_axi4 with an AXI4 memory whose five channels stall at
// random. Checked: every load's value, which array answered where the stream says it, AXI4's rules
// for a manager. The stream (data_cache_axi4_test.cc writes it) is 64-bit numbers: words of the
// memory and they; accesses and, of each, address, write, bytes, value, source (3: any). Usage:
// Vdata_cache_axi4 STREAM SEED STALL(percent)
#include <verilated.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "Vdata_cache_axi4.h"
#include "axi4_memory.h"

namespace {

using Numbers = std::vector<std::uint64_t>;
constexpr std::uint64_t kAnySource = 3;

Numbers ReadNumbers(const char* path) {
  Numbers numbers;
  std::FILE* const file = std::fopen(path, "rb");
  if (file == nullptr) Fail("no stream", 0);
  for (std::uint64_t number; std::fread(&number, 8, 1, file) == 1;) numbers.push_back(number);
  std::fclose(file);
  return numbers;
}

class Bench {
 public:
  Bench(Numbers words, std::uint64_t seed, int stall)
      : stall_(stall), memory_(std::move(words), seed, stall, 0) {
    m_.rst_ni = 0;
    m_.eval();
    m_.clk_i = 1;
    m_.eval();
    m_.clk_i = 0;
    m_.rst_ni = 1;
  }

  void Access(const std::uint64_t* access) {
    const std::uint64_t lane = access[0] % 8, bits = 8 * access[2];
    while (memory_.Chance(stall_)) Cycle();
    m_.req_valid_i = 1;
    m_.req_addr_i = access[0];
    m_.req_write_i = access[1];
    m_.req_be_i = ((1U << access[2]) - 1) << lane;
    m_.req_wdata_i = access[3] << (8 * lane);
    while (!Cycle()) {
    }
    m_.req_valid_i = 0;
    while (!m_.resp_valid_o) Cycle();
    if (access[4] != kAnySource && m_.resp_source_o != access[4]) Fail("another source", cycle_);
    const std::uint64_t word = m_.resp_rdata_o >> (8 * lane);
    const std::uint64_t value = bits == 64 ? word : word & ((std::uint64_t{1} << bits) - 1);
    if (access[1] == 0 && value != access[3]) Fail("another value", cycle_);
    last_ = cycle_;
  }

  void Report(std::uint64_t accesses) const {
    std::printf("%llu accesses equal, %llu lines read, %llu written\n",
                static_cast<unsigned long long>(accesses),
                static_cast<unsigned long long>(memory_.reads()),
                static_cast<unsigned long long>(memory_.writes()));
  }

 private:
  /// Returns whether the request was taken.
  bool Cycle() {
    memory_.Drive(m_);
    m_.eval();
    memory_.Observe(m_, cycle_);
    const bool taken = m_.req_valid_i && m_.req_ready_o;
    m_.clk_i = 1;
    m_.eval();
    m_.clk_i = 0;
    ++cycle_;
    if (m_.error_o != 0) Fail("error flag", cycle_);
    if (cycle_ - last_ > 10000) Fail("nothing moves", cycle_);
    return taken;
  }

  int stall_;
  Axi4Memory<Vdata_cache_axi4, LINE_BYTES / 8> memory_;
  Vdata_cache_axi4 m_;
  std::uint64_t cycle_ = 0, last_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const Numbers stream = ReadNumbers(argv[1]);
  const std::uint64_t words = stream.at(0), accesses = stream.at(words + 1);
  Bench bench(Numbers(stream.begin() + 1, stream.begin() + 1 + static_cast<std::ptrdiff_t>(words)),
              std::strtoull(argv[2], nullptr, 10), std::atoi(argv[3]));
  for (std::uint64_t i = 0; i < accesses; ++i) bench.Access(&stream.at(words + 2 + 5 * i));
  bench.Report(accesses);
}
