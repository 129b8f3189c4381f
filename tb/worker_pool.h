// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace systole {

/// Sends one message from a worker to the program.
using SendMessage = std::function<void(const std::string& message)>;

/// What RunWorkers tells its caller; all are called in the caller's process.
struct WorkerEvents {
  /// A message of a job, in the order in which the job sent them.
  std::function<void(std::size_t job, const std::string& message)> message;
  /// A job that did not end well: its body threw, or its process died.
  std::function<void(std::size_t job, const std::string& why)> failed;
  /// Asked several times a second and after every signal; true ends all workers at once.
  std::function<bool()> stop;
};

/// Runs `body(job, send)` for jobs 0 to count - 1, each in a process of its own, `parallel` at a
/// time, in order. A process starts as a copy of the caller's, so that a body reads the caller's
/// data as it is; what it changes is lost but for its messages. A crash is that job's failure and
/// nobody else's. The caller must have one thread only.
/// Returns false when `stop` ended the work; no worker is left then or at any other return.
/// Throws RunError when the system refuses a pipe or a process.
bool RunWorkers(std::size_t count, int parallel,
                const std::function<void(std::size_t job, const SendMessage& send)>& body,
                const WorkerEvents& events);

}  // namespace systole
