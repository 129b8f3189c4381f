// SPDX-License-Identifier: Apache-2.0
#include "tb/cache_windows.h"

#include <optional>

#include "sw/trace/run.h"

namespace systole {
namespace {

/// A sink that hands the accesses of the open window on.
class Windows {
 public:
  Windows(const CacheLibrary& library, MemoryImage& image, const WindowOptions& options)
      : library_(library), image_(image), options_(options) {}

  std::uint64_t Access(const Access& access) {
    if (!lockstep_) return access.value;
    if (options_.accesses_per_layer != 0 && lockstep_->accesses() == options_.accesses_per_layer) {
      Close();
      return access.value;
    }
    return lockstep_->Access(access);
  }

  void Open(const std::string& layer, const std::string& op) {
    window_ = {};
    window_.layer = layer;
    window_.op = op;
    lockstep_.emplace(
        library_, image_,
        LockstepOptions{.timing = options_.timing, .state_every = options_.state_every});
  }

  void Close() {
    if (!lockstep_) return;
    lockstep_->Finish();
    window_.accesses = lockstep_->accesses();
    window_.cycles = lockstep_->model().cycle();
    window_.counters = lockstep_->model().Counters();
    window_.checks = lockstep_->checks();
    window_.rtl_seconds = lockstep_->rtl_seconds();
    lockstep_.reset();
    list.push_back(window_);
    if (options_.done) options_.done(window_);
  }

  std::vector<CacheWindow> list;

 private:
  const CacheLibrary& library_;
  MemoryImage& image_;
  const WindowOptions& options_;
  CacheWindow window_;
  std::optional<CacheLockstep> lockstep_;
};

}  // namespace

std::vector<CacheWindow> RunWindows(const CacheLibrary& library, const Program& program,
                                    MemoryImage& image, const WindowOptions& options) {
  Windows windows(library, image, options);
  if (options.accesses_per_layer == 0) windows.Open("all", "");
  const auto access = [&](const Access& next) { return windows.Access(next); };
  TraceProgram(program, image, access, [&](std::size_t layer, bool begins) {
    if (options.accesses_per_layer == 0) return;
    if (begins) {
      windows.Open(program.layers[layer].name, program.layers[layer].op);
    } else {
      windows.Close();
    }
  });
  windows.Close();
  return std::move(windows.list);
}

}  // namespace systole
