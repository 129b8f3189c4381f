// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/cli.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/error.h"

namespace systole {

int RunCommandLine(int argc, const char* const* argv) {
  CLI::App app{"Systole: generators of deep-learning hardware, proved on real networks", "systole"};
  app.set_version_flag("--version", "systole " SYSTOLE_VERSION);
  app.require_subcommand(1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const RequestError& error) {
    for (const Problem& problem : error.problems()) {
      fmt::print(stderr, "systole: error: {}\n", problem.what);
      if (!problem.fix.empty()) fmt::print(stderr, "  fix: {}\n", problem.fix);
    }
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "systole: error: {}\n", error.what());
    return 1;
  }
  return 0;
}

}  // namespace systole
