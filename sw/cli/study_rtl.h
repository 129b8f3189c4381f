// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "sw/cli/rtl_study.h"
#include "sw/study/study.h"

namespace systole {

/// A network variant of the study on the RTL of one machine.
struct StudyRtlRow {
  ModelName network = ModelName::kMobileNetV2;
  NetworkVariant variant = NetworkVariant::kBaseline;
  Machine machine = Machine::kOsStos;
  RtlOutcome outcome;
  std::uint64_t study_cycles = 0;  ///< what the study's cycle model says of the network

  std::uint64_t Cycles() const;
  std::size_t Verified() const;  ///< layers
  /// What differs first; "" when every byte and cycle is right and their sum is the study's.
  std::string Problem() const;
};

/// Runs every network variant of the report that the report's tables show of a machine in
/// `machines`, one after the other, layers in parallel. A row that differs does not end the study.
std::vector<StudyRtlRow> RunStudyOnRtl(const StudyReport& report,
                                       const std::vector<Machine>& machines,
                                       const RtlStudySettings& settings, ProgressLine& line);

std::string ToText(const std::vector<StudyRtlRow>& rows);
/// The member "rtl" of docs/schema/study.schema.json.
nlohmann::json ToJson(const std::vector<StudyRtlRow>& rows);

/// Throws RunError that names what differs first, unless all rows are right.
void ThrowUnlessGood(const std::vector<StudyRtlRow>& rows);

}  // namespace systole
