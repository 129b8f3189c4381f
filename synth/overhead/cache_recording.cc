// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/cache_recording.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "gen/nullcache/data_cache.h"
#include "sw/trace/run.h"
#include "synth/overhead/frame_recorder.h"
#include "tb/cache_lockstep.h"

namespace systole {
namespace {

/// More cycles than any access takes: the recording ends with the accesses.
constexpr std::uint64_t kMostCycles = std::uint64_t{1} << 24;

/// A sink that runs the first accesses of one layer.
class OneLayer {
 public:
  OneLayer(const CacheLibrary& library, MemoryImage& image, std::uint64_t most)
      : library_(library),
        image_(image),
        recorder_(FramePorts(BuildDataCache(library.config())), kMostCycles),
        most_(most) {}

  std::uint64_t Access(const Access& access) {
    if (!lockstep_) return access.value;
    if (lockstep_->accesses() == most_) Close();
    return lockstep_ ? lockstep_->Access(access) : access.value;
  }
  void Open() {
    LockstepOptions options;
    options.record = [this](const std::uint8_t* frame) { recorder_.Add(frame); };
    lockstep_.emplace(library_, image_, options);
  }
  void Close() {
    if (!lockstep_) return;
    lockstep_->Finish();
    accesses = lockstep_->accesses();
    counters = lockstep_->model().Counters();
    lockstep_.reset();
  }
  PortRecording Take() { return recorder_.Take(); }

  std::uint64_t accesses = 0;
  CacheCounters counters;

 private:
  const CacheLibrary& library_;
  MemoryImage& image_;
  FrameRecorder recorder_;
  std::uint64_t most_;
  std::optional<CacheLockstep> lockstep_;
};

std::string LargestLayer(const Workload& workload) {
  const auto largest = std::max_element(
      workload.zeros.begin(), workload.zeros.end(),
      [](const LayerZeros& a, const LayerZeros& b) { return a.weights < b.weights; });
  return largest == workload.zeros.end() ? "" : largest->layer;
}

}  // namespace

CacheRecording RecordCache(const WorkloadRequest& request, const std::string& layer,
                           const CacheConfig& config, std::uint64_t accesses,
                           const std::filesystem::path& cache_dir) {
  MemoryImage image(config.address_width);
  const Workload workload = BuildWorkload(request, image);
  CacheRecording recording;
  recording.layer = layer.empty() ? LargestLayer(workload) : layer;
  const auto& layers = workload.program.layers;
  if (std::none_of(layers.begin(), layers.end(), [&](const ProgramLayer& candidate) {
        return candidate.name == recording.layer;
      })) {
    std::string names;
    for (const ProgramLayer& known : layers) names += (names.empty() ? "" : ", ") + known.name;
    throw RequestError(fmt::format("the program has no layer {}", recording.layer),
                       "its layers are " + names);
  }
  const CacheLibrary library(config, {.cache_dir = cache_dir}, false);
  OneLayer sink(library, image, accesses);
  const auto access = [&](const Access& next) { return sink.Access(next); };
  TraceProgram(workload.program, image, access, [&](std::size_t index, bool begins) {
    if (layers[index].name != recording.layer) return;
    if (begins) {
      sink.Open();
    } else {
      sink.Close();
    }
  });
  recording.ports = sink.Take();
  recording.accesses = sink.accesses;
  recording.counters = sink.counters;
  return recording;
}

}  // namespace systole
