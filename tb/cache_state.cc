// SPDX-License-Identifier: Apache-2.0
#include "tb/cache_state.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "base/error.h"

namespace systole {
namespace {

/// Elements of a variable as numbers, or as bytes when they are wide.
class Reader {
 public:
  Reader(const CacheSim& sim, const std::string& scope, const std::string& name)
      : variable_(sim.Variable(scope, name)) {}

  std::uint64_t Value(std::size_t element = 0) const {
    std::uint64_t value = 0;
    std::memcpy(&value, At(element), std::min<std::size_t>(variable_.element_bytes, sizeof(value)));
    return variable_.bits >= 64 ? value : value & ((std::uint64_t{1} << variable_.bits) - 1);
  }
  bool Bit(std::size_t bit, std::size_t element = 0) const {
    return (At(element)[bit / 8] >> (bit % 8) & 1) != 0;
  }
  const std::uint8_t* At(std::size_t element = 0) const {
    return static_cast<const std::uint8_t*>(variable_.data) + element * variable_.element_bytes;
  }

 private:
  CacheVariable variable_;
};

constexpr const char* kTop = "data_cache";

std::string Way(int way, const char* memory) {
  return fmt::format("{}.g_way[{}].{}", kTop, way, memory);
}

void ReadL1(const CacheSim& sim, const CacheConfig& config, CacheState& state) {
  const int sets = Sets(config), tag_bits = LineAddressBits(config) - IndexBits(config);
  const auto ways = static_cast<std::size_t>(config.ways);
  state.lines.resize(static_cast<std::size_t>(sets) * ways);
  const Reader dirty(sim, fmt::format("{}.u_dirty", kTop), "word_q");
  for (int way = 0; way < config.ways; ++way) {
    const Reader tags(sim, Way(way, "u_tags"), "ram_q");
    for (int set = 0; set < sets; ++set) {
      const std::uint64_t word = tags.Value(static_cast<std::size_t>(set));
      const std::uint64_t tag = word & ((std::uint64_t{1} << tag_bits) - 1);
      CacheLineState& line =
          state.lines[static_cast<std::size_t>(set) * ways + static_cast<std::size_t>(way)];
      line.valid = word >> tag_bits != 0;
      line.dirty =
          line.valid && dirty.Bit(static_cast<std::size_t>(way), static_cast<std::size_t>(set));
      line.line = line.valid ? tag << IndexBits(config) | static_cast<std::uint64_t>(set) : 0;
    }
  }
  state.way_orders.resize(static_cast<std::size_t>(sets));
  if (config.ways == 1) return;
  const Reader orders(sim, fmt::format("{}.u_order", kTop), "word_q");
  for (std::size_t set = 0; set < state.way_orders.size(); ++set) {
    state.way_orders[set] = static_cast<std::uint32_t>(orders.Value(set));
  }
}

/// Position of the one bit of a one-hot variable. `width` may exceed 64.
int OneHot(const Reader& reader, int width, const char* what) {
  int found = -1;
  for (int i = 0; i < width; ++i) {
    if (!reader.Bit(static_cast<std::size_t>(i))) continue;
    if (found >= 0) throw RunError(fmt::format("{} of the RTL is not one-hot", what));
    found = i;
  }
  if (found < 0) throw RunError(fmt::format("{} of the RTL is not one-hot", what));
  return found;
}

constexpr const char* kNull = "data_cache.u_null_cache";

void ReadTcam(const CacheSim& sim, const CacheConfig& config, std::vector<NullEntry>& entries) {
  const Reader valid(sim, kNull, "valid_q");
  for (std::size_t i = 0; i < entries.size(); ++i) entries[i].valid = valid.Bit(i);
  for (int bit = 0; bit < LineAddressBits(config); ++bit) {
    const std::string scope = fmt::format("{}.u_tcam.g_node[{}].g_column.u_column", kNull, bit);
    const Reader zero(sim, scope, "zero_q"), one(sim, scope, "one_q");
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (!entries[i].valid) continue;
      const std::uint64_t own = std::uint64_t{1} << bit;
      if (!zero.Bit(i) && !one.Bit(i)) {
        throw RunError(fmt::format("cell {} of the RTL's null entry {} matches nothing", bit, i));
      }
      if (zero.Bit(i) && one.Bit(i)) {
        entries[i].mask |= own;
      } else if (one.Bit(i)) {
        entries[i].value |= own;
      }
    }
  }
}

/// Ranks and credits are planes: bit k of every entry.
void ReadReplacement(const CacheSim& sim, const CacheConfig& config,
                     std::vector<NullEntry>& entries) {
  const std::string scope = fmt::format("{}.u_replacement", kNull);
  if (config.null.replacement == NullReplacement::kCoverage) {
    for (std::uint32_t k = 0; k < 3; ++k) {
      const Reader plane(sim, scope, fmt::format("credit{}_q", k));
      for (std::size_t i = 0; i < entries.size(); ++i) {
        entries[i].recency |= static_cast<std::uint32_t>(plane.Bit(i)) << k;
      }
    }
    return;
  }
  const Reader ranks(sim, scope, "rank_q");
  std::vector<bool> seen(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    for (std::size_t k = 0; std::size_t{1} << k < entries.size(); ++k) {
      entries[i].recency |= static_cast<std::uint32_t>(ranks.Bit(k * entries.size() + i)) << k;
    }
    if (entries[i].recency >= seen.size() || seen[entries[i].recency]) {
      throw RunError("the ranks of the RTL's null entries are no permutation");
    }
    seen[entries[i].recency] = true;
  }
}

void ReadMerger(const CacheSim& sim, const CacheConfig& config, CacheState& state) {
  const std::string scope = fmt::format("{}.u_merger", kNull);
  if (config.null.merge_trigger != MergeTrigger::kInsert) {
    const Reader marks(sim, scope, "mark_q");
    for (std::size_t i = 0; i < state.entries.size(); ++i) state.entries[i].mark = marks.Bit(i);
  }
  MergerState& merger = state.merger;
  merger.busy = Reader(sim, scope, "busy_q").Bit(0);
  if (!merger.busy) return;
  merger.current = OneHot(Reader(sim, scope, "current_q"), config.null.entries, "current entry");
  merger.loaded =
      config.null.merge_trigger == MergeTrigger::kInsert || Reader(sim, scope, "loaded_q").Bit(0);
  if (!merger.loaded) return;
  merger.value = Reader(sim, scope, "value_q").Value();
  merger.mask = Reader(sim, scope, "mask_q").Value();
  if (config.null.merge_search == MergeSearch::kSerial) {
    merger.position =
        OneHot(Reader(sim, scope, "position_q"), LineAddressBits(config), "search position");
  }
}

}  // namespace

CacheState ReadState(const CacheSim& sim, const CacheConfig& config) {
  CacheState state;
  ReadL1(sim, config, state);
  if (!config.null_cache) return state;
  state.entries.resize(static_cast<std::size_t>(config.null.entries));
  ReadTcam(sim, config, state.entries);
  ReadReplacement(sim, config, state.entries);
  if (MergeOrderLimit(config) > 0) ReadMerger(sim, config, state);
  return state;
}

std::optional<WaitingLine> ReadWriteBuffer(const CacheSim& sim, const CacheConfig& config) {
  if (Reader(sim, kTop, "wb_valid_q").Value() == 0) return std::nullopt;
  const std::uint8_t* const data = Reader(sim, kTop, "wb_data_q").At();
  return WaitingLine{Reader(sim, kTop, "wb_line_q").Value(), {data, data + config.line_bytes}};
}

std::vector<std::uint8_t> ReadDataLine(const CacheSim& sim, const CacheConfig& config, int set,
                                       int way) {
  const Reader data(sim, Way(way, "u_data"), "ram_q");
  const auto words = static_cast<std::size_t>(LineWords(config));
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(config.line_bytes));
  for (std::size_t word = 0; word < words; ++word) {
    const std::uint64_t value = data.Value(static_cast<std::size_t>(set) * words + word);
    std::memcpy(&bytes[word * sizeof(value)], &value, sizeof(value));
  }
  return bytes;
}

std::string Difference(const CacheState& rtl, const CacheState& model, const CacheConfig& config) {
  const auto line = [](const CacheLineState& state) {
    return fmt::format("{}{} {:#x}", state.valid ? "valid" : "invalid", state.dirty ? " dirty" : "",
                       state.line);
  };
  for (std::size_t i = 0; i < model.lines.size(); ++i) {
    CacheLineState expected = model.lines[i];
    expected.dirty = expected.dirty && expected.valid;
    if (rtl.lines[i] == expected) continue;
    return fmt::format("L1 line {} (set by set): RTL {}, model {}", i, line(rtl.lines[i]),
                       line(expected));
  }
  for (std::size_t i = 0; i < model.way_orders.size(); ++i) {
    if (rtl.way_orders[i] == model.way_orders[i]) continue;
    return fmt::format("replacement bits of set {}: RTL {:#x}, model {:#x}", i, rtl.way_orders[i],
                       model.way_orders[i]);
  }
  const auto entry = [](const NullEntry& e) {
    return fmt::format("{} value {:#x} mask {:#x} mark {} recency {}",
                       e.valid ? "valid" : "invalid", e.value, e.mask, e.mark, e.recency);
  };
  for (std::size_t i = 0; i < model.entries.size(); ++i) {
    NullEntry expected = model.entries[i];
    NullEntry found = rtl.entries[i];
    if (!expected.valid) expected.value = expected.mask = 0;
    // An insertion gives an invalid entry a new credit before anyone looks at it.
    if (!expected.valid && config.null.replacement == NullReplacement::kCoverage) {
      expected.recency = found.recency = 0;
    }
    if (found == expected) continue;
    return fmt::format("null entry {}: RTL {}, model {}", i, entry(found), entry(expected));
  }
  const auto merger = [](const MergerState& m) {
    return fmt::format("{} entry {}{} value {:#x} mask {:#x} position {}", m.busy ? "busy" : "idle",
                       m.current, m.loaded ? "" : " (not read)", m.value, m.mask, m.position);
  };
  if (rtl.merger == model.merger) return "";
  return fmt::format("merger: RTL {}, model {}", merger(rtl.merger), merger(model.merger));
}

}  // namespace systole
