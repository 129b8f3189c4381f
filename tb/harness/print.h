// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What the Verilated runtime prints (the text of a failed assertion) is kept for the error message
/// instead; included before the runtime's sources.
int SystolePrint(const char* format, ...) __attribute__((format(printf, 1, 2)));
#define VL_PRINTF SystolePrint
