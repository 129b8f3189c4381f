// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/cut_out.h"

#include <algorithm>

#include "base/error.h"

namespace systole {
namespace {

constexpr std::uint32_t kNoNet = ~std::uint32_t{0};

class Cutter {
 public:
  Cutter(const FlatNetlist& whole, const Timing& timing, const std::vector<bool>& keep)
      : whole_(whole), timing_(timing), keep_(keep), drivers_(DrivingCells(whole)) {
    if (!whole.memories.empty()) throw RequestError("a design with memories cannot be cut");
  }

  CutOut Run() {
    cut_.netlist.types = whole_.types;
    cut_.netlist.blocks = whole_.blocks;
    cut_.timing.tick = timing_.tick;
    cut_.timing.models = timing_.models;
    numbers_.assign(whole_.nets, kNoNet);
    for (std::uint32_t i = 0; i < whole_.cells.size(); ++i) {
      if (keep_[whole_.cells[i].block]) AddCell(i);
    }
    for (const FlatPort& port : whole_.ports) AddPort(port);
    AddCutPorts();
    cut_.netlist.nets = static_cast<std::uint32_t>(cut_.nets.size());
    for (const std::uint32_t net : cut_.nets) {
      cut_.netlist.net_block.push_back(whole_.net_block[net]);
      cut_.timing.load.push_back(timing_.load[net]);
      cut_.timing.slew_rise.push_back(timing_.slew_rise[net]);
      cut_.timing.slew_fall.push_back(timing_.slew_fall[net]);
      cut_.timing.clock_network.push_back(timing_.clock_network[net]);
    }
    return std::move(cut_);
  }

 private:
  /// The net's number in the cut.
  std::int32_t Number(std::int32_t net) {
    if (net < 0) return net;
    std::uint32_t& number = numbers_[static_cast<std::size_t>(net)];
    if (number == kNoNet) {
      number = static_cast<std::uint32_t>(cut_.nets.size());
      cut_.nets.push_back(static_cast<std::uint32_t>(net));
      cut_.netlist.drivers.push_back(-1);
    }
    return static_cast<std::int32_t>(number);
  }

  void AddCell(std::uint32_t index) {
    FlatCell cell = whole_.cells[index];
    std::vector<std::int32_t>& pins = cut_.netlist.pin_nets;
    const std::uint32_t first = cell.first_pin;
    cell.first_pin = static_cast<std::uint32_t>(pins.size());
    for (std::uint32_t pin = first; pin < EndOfPins(whole_, index); ++pin) {
      const std::int32_t net = whole_.pin_nets[pin];
      const std::int32_t number = Number(net);
      if (net >= 0 &&
          whole_.drivers[static_cast<std::size_t>(net)] == static_cast<std::int32_t>(pin)) {
        cut_.netlist.drivers[static_cast<std::size_t>(number)] =
            static_cast<std::int32_t>(pins.size());
      }
      pins.push_back(number);
    }
    cut_.netlist.cells.push_back(cell);
    const std::vector<ArcDelay>& arcs = timing_.arcs;
    cut_.timing.first_arc.push_back(static_cast<std::uint32_t>(cut_.timing.arcs.size()));
    const std::size_t end =
        index + 1 < timing_.first_arc.size() ? timing_.first_arc[index + 1] : arcs.size();
    cut_.timing.arcs.insert(cut_.timing.arcs.end(), arcs.begin() + timing_.first_arc[index],
                            arcs.begin() + static_cast<std::ptrdiff_t>(end));
  }

  void AddPort(const FlatPort& port) {
    FlatPort copy = port;
    for (std::int32_t& bit : copy.bits) bit = Number(bit);
    cut_.netlist.ports.push_back(std::move(copy));
  }

  bool Kept(std::uint32_t cell) const { return keep_[whole_.cells[cell].block]; }

  void AddCutPorts() {
    for (std::size_t i = 0; i < cut_.nets.size(); ++i) {
      const std::uint32_t driver = drivers_[cut_.nets[i]];
      if (driver != kNoCell && !Kept(driver)) cut_.inputs.push_back(cut_.nets[i]);
    }
    std::vector<bool> seen(whole_.nets, false);
    for (std::uint32_t i = 0; i < whole_.cells.size(); ++i) {
      if (Kept(i)) continue;
      for (std::uint32_t pin = whole_.cells[i].first_pin; pin < EndOfPins(whole_, i); ++pin) {
        const std::int32_t net = whole_.pin_nets[pin];
        if (net < 0 || seen[static_cast<std::size_t>(net)]) continue;
        seen[static_cast<std::size_t>(net)] = true;
        const std::uint32_t driver = drivers_[static_cast<std::size_t>(net)];
        // A clock has no value at the end of a cycle that says anything.
        if (driver == kNoCell || !Kept(driver) ||
            timing_.clock_network[static_cast<std::size_t>(net)]) {
          continue;
        }
        cut_.outputs.push_back(static_cast<std::uint32_t>(net));
      }
    }
    const auto add = [&](const char* name, PortDirection direction,
                         const std::vector<std::uint32_t>& nets) {
      if (nets.empty()) return;
      FlatPort port{name, direction, {}};
      for (const std::uint32_t net : nets) {
        port.bits.push_back(static_cast<std::int32_t>(numbers_[net]));
      }
      cut_.netlist.ports.push_back(std::move(port));
    };
    add("cut_i", PortDirection::kInput, cut_.inputs);
    add("cut_o", PortDirection::kOutput, cut_.outputs);
  }

  const FlatNetlist& whole_;
  const Timing& timing_;
  const std::vector<bool>& keep_;
  const std::vector<std::uint32_t> drivers_;
  std::vector<std::uint32_t> numbers_;  ///< of the whole's nets in the cut
  CutOut cut_;
};

std::vector<RecordedPort> PortsOf(const CutOut& cut, const PortRecording& whole) {
  std::vector<RecordedPort> ports = whole.ports();
  const auto add = [&](const char* name, const std::vector<std::uint32_t>& nets,
                       PortDirection direction) {
    if (!nets.empty()) ports.push_back({name, static_cast<std::uint32_t>(nets.size()), direction});
  };
  add("cut_i", cut.inputs, PortDirection::kInput);
  add("cut_o", cut.outputs, PortDirection::kOutput);
  return ports;
}

}  // namespace

std::uint32_t EndOfPins(const FlatNetlist& netlist, std::uint32_t cell) {
  return cell + 1 < netlist.cells.size() ? netlist.cells[cell + 1].first_pin
                                         : static_cast<std::uint32_t>(netlist.pin_nets.size());
}

std::vector<std::uint32_t> DrivingCells(const FlatNetlist& netlist) {
  std::vector<std::uint32_t> cells(netlist.nets, kNoCell);
  for (std::uint32_t i = 0; i < netlist.cells.size(); ++i) {
    for (std::uint32_t pin = netlist.cells[i].first_pin; pin < EndOfPins(netlist, i); ++pin) {
      const std::int32_t net = netlist.pin_nets[pin];
      if (net < 0) continue;
      const auto at = static_cast<std::size_t>(net);
      if (netlist.drivers[at] == static_cast<std::int32_t>(pin)) cells[at] = i;
    }
  }
  return cells;
}

CutOut CutBlocks(const FlatNetlist& whole, const Timing& timing, const std::vector<bool>& keep) {
  return Cutter(whole, timing, keep).Run();
}

CutRecorder::CutRecorder(const CutOut& cut, const PortRecording& of_the_whole)
    : cut_(cut), whole_(of_the_whole), recording_(PortsOf(cut, of_the_whole)) {}

void CutRecorder::CopyPorts() {
  const std::uint64_t cycle = recording_.cycles() - 1;
  for (std::size_t port = 0; port < whole_.ports().size(); ++port) {
    const std::uint32_t width = whole_.ports()[port].width;
    for (std::uint32_t first = 0; first < width; first += 64) {
      const std::uint32_t bits = std::min<std::uint32_t>(64, width - first);
      recording_.Set(port, first, bits, whole_.Bits(cycle, port, first, bits));
    }
  }
}

}  // namespace systole
