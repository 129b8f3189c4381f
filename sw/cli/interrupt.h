// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"

namespace systole {

/// The user asked to stop. The program ends with exit status 130.
class Interrupted : public RunError {
 public:
  Interrupted() : RunError("interrupted; nothing was written") {}
};

/// While one of these lives, SIGINT and SIGTERM only set a flag.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
};

/// True when a signal has come since the guard was made.
bool WasInterrupted();
/// Throws Interrupted in that case.
void ThrowIfInterrupted();

}  // namespace systole
