// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

namespace systole {

/// Networks of `systole model` whose densities after pruning are published.
std::vector<std::string> NetworksWithPublishedDensities();

/// Share of the weights that each layer keeps, by the layer names that `systole model` gives:
/// "alexnet" and "vgg-16" of Deep Compression (Han, Mao, Dally, ICLR 2016, tables 4 and 5),
/// "squeezenet" 0.33 in every layer: Iandola et al. (arXiv:1602.07360, section 4) publish that one
/// figure. Throws RequestError for other names.
const std::map<std::string, double>& PublishedDensities(const std::string& network);

}  // namespace systole
