// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace systole {

/// A content hash for caches: two independent 64-bit FNV-1a lanes as 32 hexadecimal digits. Not
/// for security: it protects against change, not against an adversary.
std::string ContentHash(std::string_view bytes);

}  // namespace systole
