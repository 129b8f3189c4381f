// SPDX-License-Identifier: Apache-2.0
#include "tb/worker_pool.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <utility>
#include <vector>

#include "base/error.h"

namespace systole {
namespace {

// A message on the pipe: a kind, the length of the text, the text.
enum class Kind : char { kMessage = 'm', kError = 'e', kDone = 'd' };
constexpr std::size_t kHeader = 1 + sizeof(std::uint32_t);
constexpr int kPollMilliseconds = 200;

void WriteAll(int pipe, const std::string& bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t n = write(pipe, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) _exit(1);  // the program is gone: nobody waits for this worker
    done += static_cast<std::size_t>(n);
  }
}

void Send(int pipe, Kind kind, const std::string& text) {
  const auto length = static_cast<std::uint32_t>(text.size());
  std::string bytes(kHeader, static_cast<char>(kind));
  std::memcpy(bytes.data() + 1, &length, sizeof(length));
  WriteAll(pipe, bytes + text);
}

[[noreturn]] void WorkerMain(
    std::size_t job, int pipe,
    const std::function<void(std::size_t job, const SendMessage& send)>& body) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // never outlives the program
  signal(SIGINT, SIG_IGN);           // the program decides; it kills its workers
  signal(SIGTERM, SIG_DFL);
  try {
    body(job, [pipe](const std::string& message) { Send(pipe, Kind::kMessage, message); });
    Send(pipe, Kind::kDone, "");
  } catch (const std::exception& error) {
    Send(pipe, Kind::kError, error.what());
  }
  _exit(0);  // not exit: buffers and handlers are the program's
}

/// One running worker and what it has sent so far.
struct Worker {
  std::size_t job = 0;
  pid_t process = 0;
  int pipe = -1;
  std::string received;
  bool ended_well = false;
};

class Pool {
 public:
  Pool(const std::function<void(std::size_t, const SendMessage&)>& body, const WorkerEvents& events)
      : body_(body), events_(events) {}
  ~Pool() {
    for (Worker& worker : workers_) {
      kill(worker.process, SIGKILL);
      Reap(worker);
    }
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  std::size_t running() const { return workers_.size(); }

  void Start(std::size_t job) {
    int ends[2];
    if (pipe(ends) != 0) throw RunError(fmt::format("cannot open a pipe: {}", strerror(errno)));
    std::fflush(nullptr);
    const pid_t process = fork();
    if (process < 0) {
      const int code = errno;
      close(ends[0]);
      close(ends[1]);
      throw RunError(fmt::format("cannot start a worker: {}", strerror(code)));
    }
    if (process == 0) {
      close(ends[0]);
      WorkerMain(job, ends[1], body_);
    }
    close(ends[1]);
    workers_.push_back({job, process, ends[0], "", false});
  }

  /// Waits for something to happen and handles it.
  void Step() {
    std::vector<pollfd> polls;
    for (const Worker& worker : workers_) polls.push_back({worker.pipe, POLLIN, 0});
    if (poll(polls.data(), polls.size(), kPollMilliseconds) <= 0) return;
    for (std::size_t i = workers_.size(); i-- > 0;) {
      if (polls[i].revents != 0 && !Receive(workers_[i])) {
        Finish(std::exchange(workers_[i], {}));
        workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
  }

 private:
  /// Reads what is there; false at the end of the pipe.
  bool Receive(Worker& worker) {
    char buffer[65536];
    const ssize_t n = read(worker.pipe, buffer, sizeof(buffer));
    if (n < 0) return errno == EINTR || errno == EAGAIN;
    worker.received.append(buffer, static_cast<std::size_t>(n));
    std::size_t at = 0;
    while (worker.received.size() - at >= kHeader) {
      std::uint32_t length = 0;
      std::memcpy(&length, worker.received.data() + at + 1, sizeof(length));
      if (worker.received.size() - at - kHeader < length) break;
      const auto kind = static_cast<Kind>(worker.received[at]);
      const std::string text = worker.received.substr(at + kHeader, length);
      at += kHeader + length;
      if (kind == Kind::kMessage) {
        events_.message(worker.job, text);
      } else {
        worker.ended_well = true;
        if (kind == Kind::kError) events_.failed(worker.job, text);
      }
    }
    worker.received.erase(0, at);
    return n > 0;
  }

  static int Reap(const Worker& worker) {
    close(worker.pipe);
    int status = 0;
    while (waitpid(worker.process, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
  }

  void Finish(const Worker& worker) {
    const int status = Reap(worker);
    if (worker.ended_well) return;
    events_.failed(worker.job, WIFSIGNALED(status)
                                   ? fmt::format("the worker died: {}", strsignal(WTERMSIG(status)))
                                   : fmt::format("the worker ended early with exit status {}",
                                                 WEXITSTATUS(status)));
  }

  const std::function<void(std::size_t, const SendMessage&)>& body_;
  const WorkerEvents& events_;
  std::vector<Worker> workers_;
};

}  // namespace

bool RunWorkers(std::size_t count, int parallel,
                const std::function<void(std::size_t job, const SendMessage& send)>& body,
                const WorkerEvents& events) {
  Pool pool(body, events);
  for (std::size_t next = 0; next < count || pool.running() > 0;) {
    if (events.stop && events.stop()) return false;
    if (next < count && pool.running() < static_cast<std::size_t>(parallel)) {
      pool.Start(next++);
    } else {
      pool.Step();
    }
  }
  return true;
}

}  // namespace systole
