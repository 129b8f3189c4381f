// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sw/cli/command.h"

namespace systole {

/// Each adds one command with its options, help and examples to `app`. The command runs when the
/// command line has been parsed; it throws RequestError or RunError.
void AddFuseCommand(const Command& app);
void AddGenCommand(const Command& app);
void AddInspectCommand(const Command& app);
void AddMemoriesCommand(const Command& app);
void AddModelCommand(const Command& app);
void AddPruneCommand(const Command& app);
void AddQuantizeCommand(const Command& app);
void AddRunCommand(const Command& app);
void AddStudyCommand(const Command& app);
void AddSynthCommand(const Command& app);
void AddSparseCacheStudy(const Command& study);
void AddOverheadStudy(const Command& study);
void AddPeerStudy(const Command& study);

}  // namespace systole
