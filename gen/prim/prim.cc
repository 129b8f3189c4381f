// SPDX-License-Identifier: Apache-2.0
#include "gen/prim/prim.h"

#include "gen/emit/connect.h"
#include "prim_sources.h"

namespace systole {

rtl::Module Prim(const std::string& name) {
  return rtl::HandWritten(prim_sources(), "rtl/prim", name);
}

}  // namespace systole
