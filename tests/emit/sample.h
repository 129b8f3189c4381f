// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gen/emit/builder.h"
#include "gen/emit/design.h"

namespace systole::rtl {

/// `mac`: a registered multiply-accumulate element with two parameter rules.
Module SampleMac();

/// `mac_pair`: two of them in a chain.
Module SamplePair();

/// Both, `mac_pair` at the top.
Design SampleDesign();

}  // namespace systole::rtl
