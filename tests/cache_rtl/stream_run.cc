// SPDX-License-Identifier: Apache-2.0
#include "tests/cache_rtl/stream_run.h"

#include "base/error.h"

namespace systole {

std::string FirstDifference(const CacheLibrary& library, const StreamRun& run) {
  MemoryImage image(library.config().address_width);
  HostileStream stream(library.config(), run.mix, run.seed, image);
  MemoryTiming timing = run.timing;
  timing.seed = run.seed;
  try {
    CacheLockstep lockstep(library, image,
                           {.timing = timing, .seed = run.seed, .state_every = run.state_every});
    stream.Run(lockstep, run.accesses);
    lockstep.Finish();
    if (lockstep.checks() <= run.accesses / (run.state_every + 1))
      return "the state was not looked at";
  } catch (const RunError& error) {
    return error.what();
  }
  return "";
}

}  // namespace systole
