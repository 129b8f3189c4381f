// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gen/config/cache_config.h"
#include "sw/cli/config_file.h"
#include "sw/cli/options.h"

namespace systole {

/// Declares the options that describe a data cache and its null cache (docs/cli.md), and --config
/// FILE that holds them.
void DeclareCacheOptions(Options& options);

/// What a configuration file may say of a cache.
const ConfigKeys& CacheKeys();

/// The cache that the options describe, the command line winning over the file. Problems are noted
/// in `options`; the configuration is good if there are none.
CacheConfig ReadCacheOptions(Options& options);

/// An option's bytes: 16384, 16K or 1M. `value` stays where it is not given or bad, which is noted.
void ReadBytes(Options& options, const char* name, int& value);

}  // namespace systole
