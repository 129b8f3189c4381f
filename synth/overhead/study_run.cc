// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/study_run.h"

#include <fmt/format.h>

#include <cmath>

namespace systole {

void StudyRun::Say(const std::string& name, const std::string& text) const {
  if (on_progress) on_progress(fmt::format("{}: {}", name, text));
}

SynthesisRequest MappingOf(const rtl::Design& design, const std::vector<Library>& libraries,
                           const std::string& name, const StudyRun& run) {
  SynthesisRequest request;
  request.files = rtl::VerilogFiles(design);
  request.top = design.top;
  request.libraries = &libraries;
  request.options.clock_gating = run.clock_gating;
  request.buffers.wire_capacitance = run.wire_per_fanout;
  request.cache_dir = run.cache_dir;
  request.jobs = run.jobs;
  request.cancelled = run.cancelled;
  request.on_progress = [&run, name](const std::string& text) { run.Say(name, text); };
  return request;
}

double PeriodWithRoom(double delay, double room) {
  constexpr double kStep = 0.1e-9;
  return std::ceil(delay * room / kStep) * kStep;
}

}  // namespace systole
