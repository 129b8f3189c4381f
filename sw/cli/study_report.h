// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "sw/study/study.h"

namespace systole {

/// Networks whose layers a report is to show one by one.
using StudyLayerRequests = std::vector<std::pair<ModelName, NetworkVariant>>;

/// Machines that the tables show of a variant: of the baseline all, of the others the one that they
/// are made for.
std::vector<Machine> ShownMachines(NetworkVariant variant);

/// The tables that people read; one of layers for each request that the study has.
std::string ToText(const StudyReport& report, const StudyLayerRequests& layers);

/// The same as docs/schema/study.schema.json has it.
nlohmann::json ToJson(const StudyReport& report, const StudyLayerRequests& layers);

}  // namespace systole
