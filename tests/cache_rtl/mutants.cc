// SPDX-License-Identifier: Apache-2.0
#include "tests/cache_rtl/mutants.h"

namespace systole {
namespace {

/// Serial merger, split, coverage, every zero detector.
constexpr CacheConfig kSerial = {
    .size_bytes = 128,
    .ways = 2,
    .line_bytes = 16,
    .address_width = 10,
    .null_cache = true,
    .null = {.entries = 6, .zero_at_eviction = true, .zero_at_store = true, .approximation = true}};
/// Parallel merger with a limit, drop, ranks, exact zeros only.
constexpr CacheConfig kParallel = {.size_bytes = 64,
                                   .ways = 1,
                                   .line_bytes = 16,
                                   .address_width = 9,
                                   .null_cache = true,
                                   .null = {.entries = 5,
                                            .merge_order = 3,
                                            .merge_search = MergeSearch::kParallel,
                                            .store_policy = NullStorePolicy::kDrop,
                                            .replacement = NullReplacement::kLru}};

struct Edit {
  const char *name, *file, *from, *to;
};

constexpr Edit kSerialEdits[] = {
    {"TcamMatchesTheOtherCell", "tcam_column.v", "key_i ? one_q : zero_q",
     "key_i ? zero_q : one_q"},
    {"TcamWritesNoMask", "tcam_column.v", "entry_i & {Entries{value_i | mask_i}}",
     "entry_i & {Entries{value_i}}"},
    {"TcamReadsOnesAsMask", "tcam_column.v", "mask_o  = one & zero", "mask_o  = one"},
    {"TcamKeepsOldCells", "tcam_column.v", "(zero_q & ~entry_i) |", "zero_q |"},
    {"TcamMatchesInvalidEntries", "tcam.v", "match_o = valid_i & ", "match_o = "},
    {"MergesOtherMasks", "address_merger.v", " & (mask_i == mask_q)", ""},
    {"MergesTheEntryWithItself", "address_merger.v", "found_i & ~passed", "found_i"},
    {"PartnerStaysValid", "null_cache.v",
     "else if (merge)        valid_q <= valid_q & ~read_entry;", ""},
    {"MergedMaskIsForgotten", "address_merger.v", "mask_q  <= mask_q | bits;", ""},
    {"MergerStepsDuringLookups", "data_cache.v", "in_idle | in_request | in_wait)",
     "in_idle | in_lookup | in_request | in_wait)"},
    {"MergerStepsDuringTheTouchOfAHit", "null_cache.v", "free_i & ~hit_q", "free_i"},
    {"MergerDoesNotReadWhatItTakes", "address_merger.v", "loaded_q  <= 1'b0", "loaded_q  <= 1'b1"},
    {"MergerWorksOnASplitEntry", "address_merger.v", "(leave_i & |(leave_entry_i & current_q))",
     "1'b0"},
    {"MergerWorksOnAReplacedEntry", "address_merger.v", "(write_i & |(entry_i & current_q))",
     "1'b0"},
    {"MergerGoesOnWhereItMerged", "address_merger.v", "if (merge | ~busy_q) position_q",
     "if (~busy_q) position_q"},
    {"MergerMissesTheLastBit", "address_merger.v", "last   = position_q[LineAddrW-1]",
     "last   = position_q[LineAddrW-2]"},
    {"MarksAreLostWhenBusy", "address_merger.v", "mark_q & ~entry_i : mark_q | entry_i",
     "mark_q & ~entry_i : mark_q"},
    {"FlushLeavesTheMergersWork", "address_merger.v", "else if (empty_i) busy_q <= 1'b0;", ""},
    {"FloatThresholdIsExclusive", "zero_detector.v", "line_i[i*32 +: 31]} > threshold_i",
     "line_i[i*32 +: 31]} >= threshold_i"},
    {"MagnitudesAreOnesComplement", "zero_detector.v", "? 8'd0 - line_i[i*8 +: 8]",
     "? ~line_i[i*8 +: 8]"},
    {"FetchedZerosHideAStore", "data_cache.v", "fetch_q & enable & zero & ~stores",
     "fetch_q & enable & zero"},
    {"DisabledCacheInserts", "data_cache.v", "fetch_q & enable & zero & ~stores",
     "fetch_q & zero & ~stores"},
    {"EvictedLineIsTheFetchedOne", "data_cache.v", "check_evicted ? wb_line_q : line_q", "line_q"},
    {"EvictedLineIsNotLookedAt", "data_cache.v", "check_evicted ? wb_data_q : data_q", "data_q"},
    {"OneZeroWordMakesALineZero", "data_cache.v", "zap      = store_hit & enable & ~|nonzero_line",
     "zap      = store_hit & enable & ~nonzero_word"},
    {"MovedLineIsNotWritten", "data_cache.v", "(install & victim_dirty_q) | zap_done) wb_valid_q",
     "(install & victim_dirty_q)) wb_valid_q"},
    {"CoveredStoresAreSwallowed", "data_cache.v", "null_hit   = covered & ~stores",
     "null_hit   = covered"},
    {"SplitKeepsTheHalfWithTheLine", "null_cache.v", "leave_value_q | (~line_i & half);",
     "leave_value_q | (line_i & half);"},
    {"SplitForgetsWhichHalfItIsIn", "null_cache.v",
     "leave_value_q <= leave_value_q | (line_i & half);", ""},
    {"SplitTakesTheLowestBit", "null_cache.v",
     "if (leave_mask_q[i]) begin\n          half    = {LineAddrW{1'b0}};\n",
     "if (leave_mask_q[i]) begin\n"},
    {"SplitOfOneLineKeepsIt", "null_cache.v", "gone      = halve & single", "gone      = 1'b0"},
    {"SplitEndsOneHalfEarly", "null_cache.v", "leave_read_q & ~|half_mask",
     "leave_read_q & ~|(half_mask & (half_mask - 1'b1))"},
    {"SplitWithoutRoomGoesOn", "null_cache.v", "halve & ~leave_first_q & full;", "1'b0;"},
    {"CreditIgnoresTheOrder", "null_replacement.v",
     "hit_i | (order_i > 6'd6) ? 3'd7 : order_i[2:0] + 3'd1", "hit_i ? 3'd7 : 3'd1"},
    {"CreditIgnoresTheHit", "null_replacement.v", "hit_i | (order_i", "(order_i"},
    {"CreditsAreNotLowered", "null_replacement.v", "credit0_q ^ {Entries{least_q[0]}};",
     "credit0_q;"},
    {"HitsDoNotRenewCredits", "null_cache.v", ".hit_i      (hit_q)", ".hit_i      (1'b0)"},
    {"LeastCreditOverlooksTheHit", "null_replacement.v", "~(hit_entry_i & {Entries{hit_i}})",
     "{Entries{1'b1}}"},
    {"LeastCreditIsRounded", "null_replacement.v", "least0 = &(credit0_q | ~low1)",
     "least0 = 1'b0"},
};

constexpr Edit kParallelEdits[] = {
    {"PartnersDifferInAnyBits", "tcam.v", "(g_node[Left].differs & g_node[Right].differs)",
     "{Entries{1'b0}}"},
    {"PartnersHaveAnyMask", "tcam_column.v", "(one_q & zero_q) ^ {Entries{current_mask_i}}",
     "{Entries{1'b0}}"},
    {"MergerPassesTheLimit", "address_merger.v", "step & found & ~at_limit", "step & found"},
    {"DetectorOverlooksTheTopBit", "zero_detector.v", "~|line_i", "~|line_i[8*LineBytes-2:0]"},
    {"RankOfATouchedEntryStays", "null_replacement.v", "(plane ^ below) & ~touched",
     "plane ^ below"},
    {"SecondOldestIsReplaced", "null_replacement.v", "Highest = Entries - 1",
     "Highest = Entries - 2"},
    {"DropLeavesTheEntry", "null_cache.v", "gone = leaving_i", "gone = 1'b0"},
};

}  // namespace

std::vector<CacheMutant> CacheMutants() {
  std::vector<CacheMutant> mutants;
  for (const Edit& e : kSerialEdits) mutants.push_back({e.name, kSerial, e.file, e.from, e.to});
  for (const Edit& e : kParallelEdits) mutants.push_back({e.name, kParallel, e.file, e.from, e.to});
  return mutants;
}

}  // namespace systole
