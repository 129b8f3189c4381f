// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sw/study/study.h"

namespace systole {

/// One line a network, variant and machine; a header with the names of the columns. Numbers that
/// do not exist (a speedup without a baseline, a count that was not printed) are empty.
std::string ToCsv(const StudyReport& report);

}  // namespace systole
