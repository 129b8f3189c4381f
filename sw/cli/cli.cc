// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/cli.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "sw/cli/command.h"
#include "sw/cli/commands.h"
#include "sw/cli/errors.h"
#include "sw/cli/interrupt.h"
#include "sw/cli/synth_words.h"

namespace systole {
namespace {

constexpr int kFailedRun = 1, kBadRequest = 2, kInterrupted = 130;

/// CLI11's help, with arguments named as they are to be typed.
class HelpFormat : public CLI::Formatter {
 public:
  std::string make_option_usage(const CLI::Option* option) const override {
    return option->get_name(true);
  }
};

int Report(int status, const std::vector<Problem>& problems) {
  std::fflush(stdout);
  fmt::print(stderr, "{}", ToText(problems));
  return status;
}

}  // namespace

int RunCommandLine(int argc, const char* const* argv) {
  CLI::App app{"Systole: generators of deep-learning hardware, proved on real networks", "systole"};
  app.formatter(std::make_shared<HelpFormat>());
  app.set_version_flag("--version", "systole " SYSTOLE_VERSION);
  const Command root(app);
  root.NeedCommand();
  AddGenCommand(root);
  AddInspectCommand(root);
  AddMemoriesCommand(root);
  AddModelCommand(root);
  AddFuseCommand(root);
  AddPruneCommand(root);
  AddQuantizeCommand(root);
  AddRunCommand(root);
  AddStudyCommand(root);
  AddSynthCommand(root);
  try {
    std::vector<std::string> words = NameWhatIsSynthesized({argv + std::min(argc, 1), argv + argc});
    std::reverse(words.begin(), words.end());  // as CLI11 wants them
    app.parse(std::move(words));
  } catch (const CLI::CallForHelp& error) {
    return app.exit(error);
  } catch (const CLI::CallForVersion& error) {
    return app.exit(error);
  } catch (const CLI::ParseError& error) {
    return Report(kBadRequest, {ToProblem(app, error)});
  } catch (const RequestError& error) {
    return Report(kBadRequest, error.problems());
  } catch (const std::bad_alloc&) {
    return Report(kFailedRun, {{"out of memory", "use a smaller batch or fewer --jobs"}});
  } catch (const std::exception& error) {
    // An interrupted tool or worker may be what is reported first.
    if (WasInterrupted()) return Report(kInterrupted, {{Interrupted().what(), ""}});
    return Report(kFailedRun, {{error.what(), ""}});
  }
  return 0;
}

}  // namespace systole
