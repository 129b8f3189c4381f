// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "synth/overhead/array_workload.h"

namespace systole {

/// LeNet of the folder `models` on its own digits. Throws RequestError that says where it is looked
/// for.
ArrayWorkload LeNetWorkload(const std::filesystem::path& models);

}  // namespace systole
