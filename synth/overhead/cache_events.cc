// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/cache_events.h"

#include <fmt/format.h>

#include "base/error.h"

namespace systole {

CacheEvents EventsOf(const CacheCounts& counts, double clock) {
  if (!(clock > 0)) throw RequestError(fmt::format("a clock of {} Hz is not positive", clock));
  return {.accesses = counts.accesses,
          .store_hits = counts.store_hits,
          .installs = counts.installs,
          .victim_copies = counts.victim_copies,
          .zero_moves = counts.zero_moves,
          .merger_searches = counts.merger_searches + counts.merger_compares,
          .entry_reads = counts.entry_reads,
          .entry_writes = counts.entry_writes,
          .line_transfers = counts.fills + counts.write_backs,
          .seconds = counts.cycles / clock};
}

}  // namespace systole
