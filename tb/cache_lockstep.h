// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sw/cache/cache_model.h"
#include "sw/cache/memory_image.h"
#include "tb/cache_sim.h"

namespace systole {

struct LockstepOptions {
  MemoryTiming timing = {};
  std::uint64_t seed = 1;            ///< of registers that start with noise
  std::uint64_t state_every = 0;     ///< accesses between two comparisons of the state; 0: never
                                     ///< before the end; otherwise also after register writes
  std::filesystem::path trace = {};  ///< as in CacheSimOptions
  FrameSink record = {};             ///< likewise
};

/// RTL and model of a data cache on the same accesses: a sink for programs (sw/cache/access.h).
/// Compared are: of every access the cycle of the response, its source and a load's value; of every
/// register write the cycle; now and then, and at the end, all counters, the whole state (tags,
/// dirty and replacement bits, TCAM cells, marks, ranks or credits, merger) and the law itself: a
/// line is in the L1 or covered or neither, and what is covered is zero in memory; and at the end
/// that memory, write buffer and L1 together are the program's image.
///
/// The RTL's memory is its own. A line gets its contents from the image when it is first accessed.
/// The RTL runs some accesses behind the model, so a difference is reported late, but exactly.
class CacheLockstep {
 public:
  /// Throws as CacheModel and CacheSim do.
  CacheLockstep(const CacheLibrary& library, MemoryImage& image,
                const LockstepOptions& options = {});

  /// The value that the program sees. Throws RunError that names the first access that differs.
  std::uint64_t Access(const Access& access);
  /// Control (0) or threshold (1).
  void WriteRegister(int address, std::uint64_t value);
  /// Compares counters and, if the library has it, the state, when the cache is idle.
  void CheckState();
  /// Runs what is left, and compares everything. The image has seen the last store.
  void Finish();

  std::uint64_t accesses() const { return accesses_; }
  std::uint64_t checks() const { return checks_; }  ///< comparisons of the state
  double rtl_seconds() const { return rtl_seconds_; }
  const CacheResponse& last() const { return last_; }  ///< the model's response
  CacheModel& model() { return model_; }
  const CacheSim& sim() const { return sim_; }

 private:
  void Flush();
  void Touch(std::uint64_t address);
  void CheckCounters(std::uint64_t cycle);
  void CheckMemory(const CacheState& state);
  void CheckLaw(const CacheState& state);

  const CacheLibrary& library_;
  MemoryImage& image_;
  MemoryImage memory_;   ///< of the RTL
  MemoryImage touched_;  ///< a bit for each line: its contents have been taken from the image
  CacheModel model_;
  CacheSim sim_;
  LockstepOptions options_;
  std::vector<systole::Access> batch_;
  std::vector<CacheResponse> expected_;
  std::vector<CacheReply> replies_;
  CacheResponse last_;
  std::uint64_t accesses_ = 0, checks_ = 0, next_check_, checked_at_ = 0;
  std::vector<std::uint64_t> lines_;  ///< that were accessed
  bool approximates_ = false;
  double rtl_seconds_ = 0;
};

}  // namespace systole
