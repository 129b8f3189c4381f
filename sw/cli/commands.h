// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace systole {

/// Each adds one command with its options, help and examples to `app`. The command runs when the
/// command line has been parsed; it throws RequestError or RunError.
void AddFuseCommand(CLI::App& app);
void AddGenCommand(CLI::App& app);
void AddInspectCommand(CLI::App& app);
void AddMemoriesCommand(CLI::App& app);
void AddModelCommand(CLI::App& app);
void AddPruneCommand(CLI::App& app);
void AddQuantizeCommand(CLI::App& app);
void AddRunCommand(CLI::App& app);
void AddStudyCommand(CLI::App& app);
void AddSynthCommand(CLI::App& app);
void AddSparseCacheStudy(CLI::App& study);
void AddOverheadStudy(CLI::App& study);
void AddPeerStudy(CLI::App& study);

}  // namespace systole
