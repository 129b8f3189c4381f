// SPDX-License-Identifier: Apache-2.0
#include "synth/netlist/buffer.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "base/error.h"
#include "synth/netlist/loads.h"

namespace systole {
namespace {

double Sum(const std::vector<Sink>& sinks, std::size_t begin, std::size_t end) {
  double sum = 0;
  for (std::size_t i = begin; i < end; ++i) sum += sinks[i].capacitance;
  return sum;
}

/// Where group `i` of `groups` begins when `count` pins are shared out evenly.
std::size_t Begin(std::size_t count, std::size_t groups, std::size_t i) {
  return count * i / groups;
}

/// Buffers one module.
class ModuleBufferer {
 public:
  ModuleBufferer(NetlistModule& module, const std::vector<BufferCell>& buffers,
                 const LoadRules& rules)
      : module_(module), buffers_(buffers), rules_(rules) {}

  /// True when anything was added.
  bool Buffer(std::vector<NetUse>& uses) {
    const std::size_t before = module_.instances.size();
    for (std::size_t net = 0; net < uses.size(); ++net) {
      SeparatePorts(static_cast<Net>(net), uses[net]);
      GrowTree(static_cast<Net>(net), uses[net]);
    }
    return module_.instances.size() != before;
  }

 private:
  /// Output ports on an input port's net get a buffer each.
  void SeparatePorts(Net net, NetUse& use) {
    if (use.driver != NetUse::Driver::kInputPort) return;
    for (Sink& sink : use.sinks) {
      if (sink.instance != Sink::kPort) continue;
      sink = AddBuffer(net, use.clock, {sink});
    }
  }

  void GrowTree(Net net, NetUse& use) {
    std::vector<Sink>& sinks = use.sinks;
    const auto fits = [&] {
      return sinks.size() <= use.drive_pins && Sum(sinks, 0, sinks.size()) <= use.drive;
    };
    while (!fits() && sinks.size() > 1) {
      const std::size_t groups = Groups(sinks);
      if (groups == sinks.size() && groups > 1 && AllBuffers(sinks)) break;  // no tree gets smaller
      std::vector<Sink> level;
      for (std::size_t i = 0; i < groups; ++i) {
        level.push_back(AddBuffer(
            net, use.clock,
            {sinks.begin() + static_cast<std::ptrdiff_t>(Begin(sinks.size(), groups, i)),
             sinks.begin() + static_cast<std::ptrdiff_t>(Begin(sinks.size(), groups, i + 1))}));
      }
      sinks = std::move(level);
    }
    // One pin that is too much for its driver: a macro's, or a port with a large load.
    if (!fits() && !AllBuffers(sinks)) sinks[0] = AddBuffer(net, use.clock, {sinks[0]});
  }

  bool AllBuffers(const std::vector<Sink>& sinks) const {
    return std::all_of(sinks.begin(), sinks.end(), [&](const Sink& sink) {
      return sink.instance != Sink::kPort && sink.instance >= first_buffer_;
    });
  }

  /// The fewest groups of which each is within the fan-out and within what a buffer drives; a group
  /// of one pin always is.
  std::size_t Groups(const std::vector<Sink>& sinks) const {
    double most = 0;
    for (const BufferCell& buffer : buffers_) most = std::max(most, buffer.max_capacitance);
    std::size_t groups = (sinks.size() + rules_.max_fanout - 1) / rules_.max_fanout;
    for (; groups < sinks.size(); ++groups) {
      bool good = true;
      for (std::size_t i = 0; good && i < groups; ++i) {
        const std::size_t begin = Begin(sinks.size(), groups, i);
        const std::size_t end = Begin(sinks.size(), groups, i + 1);
        good = end - begin <= 1 || Sum(sinks, begin, end) <= most;
      }
      if (good) break;
    }
    return groups;
  }

  /// There is at least one.
  const BufferCell& Choose(double load) const {
    const BufferCell* best = &buffers_.front();
    for (const BufferCell& buffer : buffers_) {
      if (buffer.max_capacitance >= load) return buffer;  // the smallest first
      if (buffer.max_capacitance > best->max_capacitance) best = &buffer;
    }
    return *best;
  }

  /// A buffer from `net` to the pins; gives its input as a pin.
  Sink AddBuffer(Net net, bool clock, const std::vector<Sink>& sinks) {
    if (buffers_.empty()) {
      throw RequestError("no library has a buffer: nets with a large load cannot be driven",
                         "pass a library that has one with --liberty FILE");
    }
    if (names_.empty()) CollectNames();
    const BufferCell& buffer = Choose(Sum(sinks, 0, sinks.size()));
    const std::string name = NewName(clock ? kClockBufferPrefix : kBufferPrefix);
    const Net driven = static_cast<Net>(module_.nets.size());
    module_.nets.push_back(name + "_net");
    for (const Sink& sink : sinks) Connect(sink, driven);
    NetlistInstance instance;
    instance.name = name;
    instance.type = buffer.cell->name;
    instance.connections = {{buffer.input, {net}}, {buffer.output, {driven}}};
    module_.instances.push_back(std::move(instance));
    return {module_.instances.size() - 1, 0, 0, buffer.input_capacitance + rules_.wire_capacitance};
  }

  void Connect(const Sink& sink, Net net) {
    if (sink.instance == Sink::kPort) {
      module_.ports[sink.place].bits[sink.bit] = net;
    } else {
      module_.instances[sink.instance].connections[sink.place].bits[sink.bit] = net;
    }
  }

  void CollectNames() {
    for (const NetlistInstance& instance : module_.instances) names_.insert(instance.name);
    names_.insert(module_.nets.begin(), module_.nets.end());
    names_.insert("");
  }

  std::string NewName(std::string_view prefix) {
    for (;;) {
      std::string name = fmt::format("{}{}", prefix, ++number_);
      if (!names_.contains(name + "_net") && names_.insert(name).second) return name;
    }
  }

  NetlistModule& module_;
  const std::vector<BufferCell>& buffers_;
  const LoadRules& rules_;
  const std::size_t first_buffer_ = module_.instances.size();
  std::set<std::string> names_;
  std::size_t number_ = 0;
};

}  // namespace

void InsertBuffers(Netlist& netlist, const std::vector<Library>& libraries,
                   const BufferOptions& options) {
  if (options.max_fanout < 2) {
    throw RequestError(fmt::format("a fan-out of {} is too small: 2 or more", options.max_fanout));
  }
  const CellFinder cells(libraries);
  const std::vector<BufferCell> buffers = BufferCells(libraries);
  LoadRules rules;
  rules.wire_capacitance = options.wire_capacitance;
  rules.max_fanout = static_cast<std::size_t>(options.max_fanout);
  rules.input_port_drive = std::numeric_limits<double>::infinity();
  if (!buffers.empty()) {
    rules.output_port = buffers.front().input_capacitance;
    rules.input_port_drive = buffers.front().max_capacitance;
  }
  std::map<std::string, PortLoads> loads;
  for (NetlistModule& module : netlist.modules) {
    std::vector<NetUse> uses = FindUses(module, cells, loads, rules);
    if (ModuleBufferer(module, buffers, rules).Buffer(uses)) {
      uses = FindUses(module, cells, loads, rules);
    }
    loads[module.name] = LoadsOfPorts(module, uses, rules);
  }
}

}  // namespace systole
