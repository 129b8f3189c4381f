// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/interrupt.h"

#include <csignal>

namespace systole {
namespace {

volatile std::sig_atomic_t interrupted = 0;
struct sigaction old_int, old_term;

void OnSignal(int) { interrupted = 1; }

}  // namespace

InterruptGuard::InterruptGuard() {
  interrupted = 0;
  struct sigaction action = {};
  action.sa_handler = OnSignal;  // without SA_RESTART: a wait for workers ends at once
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &old_int);
  sigaction(SIGTERM, &action, &old_term);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &old_int, nullptr);
  sigaction(SIGTERM, &old_term, nullptr);
}

bool WasInterrupted() { return interrupted != 0; }

void ThrowIfInterrupted() {
  if (WasInterrupted()) throw Interrupted();
}

}  // namespace systole
