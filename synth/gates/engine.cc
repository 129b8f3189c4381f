// SPDX-License-Identifier: Apache-2.0
#include "synth/gates/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "base/error.h"

namespace systole {
namespace {

constexpr int kMaxRounds = 1000;
constexpr std::uint64_t kMaxWheel = std::uint64_t{1} << 22;

std::uint64_t LongestDelay(const std::vector<ArcDelay>& arcs,
                           const std::vector<SimMemory>& memories) {
  std::uint32_t longest = 0;
  for (const SimMemory& memory : memories) longest = std::max(longest, memory.delay);
  for (const ArcDelay& arc : arcs) longest = std::max({longest, arc.rise, arc.fall});
  if (longest >= kMaxWheel) {
    throw RequestError(
        fmt::format("a cell of the netlist has a delay of {} ticks; the simulator takes {}",
                    longest, kMaxWheel - 1),
        "buffer nets with many pins, or choose a longer tick");
  }
  return longest;
}

}  // namespace

EventWheel::EventWheel(std::uint64_t longest) {
  const std::uint64_t size = std::bit_ceil(std::max<std::uint64_t>(longest + 1, 64));
  mask_ = size - 1;
  buckets_.resize(size);
  occupied_.resize(size / 64);
}

std::uint64_t EventWheel::Next(std::uint64_t from, std::uint64_t end) const {
  // Nothing lies further ahead than one turn of the ring.
  const std::uint64_t last = std::min(end, from + mask_ + 1);
  for (std::uint64_t tick = from; tick < last;) {
    const std::uint64_t slot = tick & mask_;
    const std::uint64_t word = occupied_[slot / 64] >> (slot % 64);
    if (word != 0) return std::min(end, tick + static_cast<std::uint64_t>(std::countr_zero(word)));
    tick += 64 - slot % 64;
  }
  return end;
}

SimulationEngine::SimulationEngine(Circuit circuit, const std::vector<ArcDelay>* arcs)
    : circuit_(std::move(circuit)),
      arcs_(arcs),
      gates_(static_cast<std::uint32_t>(circuit_.gates.size())),
      memories_(gates_ + static_cast<std::uint32_t>(circuit_.registers.size())),
      levels_(circuit_.levels) {
  if (arcs != nullptr) wheel_ = EventWheel(LongestDelay(*arcs, circuit_.memories));
  if (circuit_.clusters > 1) mail_.resize(circuit_.clusters);
}

template <bool kZero>
inline void SimulationEngine::Touch(std::uint32_t reader) {
  const std::uint32_t unit = reader >> 4;
  const auto bit = static_cast<std::uint16_t>(1u << (reader & 15));
  if (unit < gates_) {
    SimGate& gate = circuit_.gates[unit];
    gate.index ^= bit;
    gate.changed |= bit;
    if (gate.queued) return;
    gate.queued = true;
    if (kZero) {
      levels_[gate.level].push_back(unit);
    } else {
      touched_gates_.push_back(unit);
    }
  } else if (unit < memories_) {
    SimRegister& reg = circuit_.registers[unit - gates_];
    reg.index ^= bit;
    if ((bit & reg.wakes) == 0) return;
    reg.changed |= bit;
    if (reg.queued) return;
    reg.queued = true;
    touched_registers_.push_back(unit - gates_);
  } else {
    SimMemory& memory = circuit_.memories[unit - memories_];
    const bool address = (bit & 2) != 0;
    if (kZero && address) {
      levels_[memory.level].push_back(unit);  // twice does no harm
    } else if (!memory.queued) {
      memory.queued = true;
      touched_memories_.push_back(unit - memories_);
    }
  }
}

template <bool kZero>
inline void SimulationEngine::Toggle(std::uint32_t number) {
  SimNet& net = circuit_.nets[number];
  ++net.toggles;
  ++toggles;
  if (net.value) net.high += cycle_ - net.since;
  net.since = cycle_ & 0x7fffffff;
  net.value ^= 1;
  const std::uint32_t end = circuit_.nets[number + 1].first_reader;
  if (kZero || outside_) {
    for (std::uint32_t i = net.first_reader; i < end; ++i) Touch<kZero>(circuit_.readers[i]);
  } else {
    for (std::uint32_t i = net.first_reader; i < end; ++i) Deliver(circuit_.readers[i]);
  }
}

/// With delays: touches what belongs to the cluster whose turn it is; others find it when their
/// turn comes. A register's data does not wait: nothing looks at it before the next edge.
inline void SimulationEngine::Deliver(std::uint32_t reader) {
  const std::uint32_t unit = reader >> 4;
  std::uint32_t cluster = turn_;
  if (unit < gates_) {
    cluster = circuit_.gates[unit].cluster;
  } else if (unit < memories_) {
    const SimRegister& reg = circuit_.registers[unit - gates_];
    if ((reg.wakes >> (reader & 15) & 1) != 0) cluster = reg.cluster;
  }
  if (cluster == turn_) {
    Touch<false>(reader);
  } else {
    mail_[cluster].changes.emplace_back(now_, reader);
  }
}

/// What clock, clear and preset make of the state; true when it changes. The state itself is left.
bool SimulationEngine::Capture(SimRegister& reg) {
  ++evaluations;
  const RegisterModel& model = circuit_.register_models[reg.model];
  const bool clock = Look(model.clock, reg.index);
  const bool state = (reg.index & model.state) != 0;
  bool next = state;
  if (clock && (model.latch || !reg.clock)) next = Look(model.next_state, reg.index);
  reg.clock = clock;
  if (Look(model.preset, reg.index)) next = true;
  if (Look(model.clear, reg.index)) next = false;
  return next != state;
}

template <bool kZero>
void SimulationEngine::Flip(SimRegister& reg) {
  const std::uint16_t state = circuit_.register_models[reg.model].state;
  reg.index ^= state;
  for (std::uint32_t i = reg.first_gate; i < reg.first_gate + reg.gates; ++i) {
    SimGate& gate = circuit_.gates[i];
    gate.index ^= state;
    gate.changed |= reg.changed;
    if (gate.queued) continue;
    gate.queued = true;
    if (kZero) {
      levels_[gate.level].push_back(i);
    } else {
      touched_gates_.push_back(i);
    }
  }
}

std::uint64_t SimulationEngine::Number(const std::vector<std::int32_t>& nets) const {
  std::uint64_t number = 0;
  for (std::size_t bit = 0; bit < nets.size(); ++bit)
    number |= std::uint64_t{Bit(nets[bit])} << bit;
  return number;
}

/// What a rising edge of the clock does: it writes, or makes a cache_ram read another word.
void SimulationEngine::Clock(SimMemory& memory) {
  const bool clock = Bit((*memory.clock)[0]);
  const bool rising = clock && !memory.clock_value;
  memory.clock_value = clock;
  const bool ram = memory.kind == MemoryKind::kCacheRam;
  if (!rising || (ram && !Bit((*memory.enable)[0]))) return;
  const std::size_t word = Number(*memory.address) * memory.width;
  if (Bit((*memory.write)[0])) {
    ++memory.accesses.writes;
    for (std::uint32_t bit = 0; bit < memory.width; ++bit) {
      if (!ram || Bit((*memory.mask)[bit])) memory.bits[word + bit] = Bit((*memory.data)[bit]);
    }
  } else if (ram) {
    ++memory.accesses.reads;
    for (std::uint32_t bit = 0; bit < memory.width; ++bit) {
      memory.output[bit] = memory.bits[word + bit];
    }
  }
}

/// Brings the read port to what is read.
template <bool kZero>
void SimulationEngine::Drive(SimMemory& memory) {
  const bool ram = memory.kind == MemoryKind::kCacheRam;
  const std::size_t word = ram ? 0 : Number(*memory.read_address) * memory.width;
  for (std::uint32_t i = 0; i < memory.gate_bits.size(); ++i) {
    const std::uint32_t bit = memory.gate_bits[i];
    SimGate& gate = circuit_.gates[memory.first_gate + i];
    const bool value = ram ? memory.output[bit] : memory.bits[word + bit];
    if (value == gate.value) continue;
    gate.value = value;
    if (kZero) {
      Toggle<true>(gate.output);
    } else {
      Schedule(memory.first_gate + i, memory.delay);
    }
  }
}

/// Without delays: all touched gates and memories, level by level.
void SimulationEngine::Settle() {
  for (std::vector<std::uint32_t>& level : levels_) {
    for (const std::uint32_t unit : level) {
      if (unit >= gates_) {
        Drive<true>(circuit_.memories[unit - memories_]);
        continue;
      }
      SimGate& gate = circuit_.gates[unit];
      gate.queued = false;
      gate.changed = 0;
      ++evaluations;
      gate.value = Look(gate.table, gate.index);
      if (gate.value != Value(gate.output)) Toggle<true>(gate.output);
    }
    level.clear();
  }
}

/// Without delays: registers and memories take what they saw, all at once and with the inputs;
/// what follows may wake others.
void SimulationEngine::Rounds(const Changes& inputs) {
  std::vector<std::uint32_t> flips;
  for (int round = 0; round == 0 || !touched_registers_.empty() || !touched_memories_.empty();
       ++round) {
    if (round == kMaxRounds) {
      throw RunError("the netlist does not come to rest: a loop through registers or latches");
    }
    flips.clear();
    for (const std::uint32_t i : touched_registers_) {
      circuit_.registers[i].queued = false;
      if (Capture(circuit_.registers[i])) flips.push_back(i);
    }
    for (const std::uint32_t i : touched_memories_) {
      SimMemory& memory = circuit_.memories[i];
      memory.queued = false;
      Clock(memory);
      levels_[memory.level].push_back(memories_ + i);
    }
    touched_registers_.clear();
    touched_memories_.clear();
    for (const std::uint32_t i : flips) Flip<true>(circuit_.registers[i]);
    if (round == 0) {
      for (const auto& [net, value] : inputs) {
        if (Value(net) != value) Toggle<true>(net);
      }
    }
    Settle();
  }
}

void SimulationEngine::Start() {
  std::vector<bool> of_memory(gates_);  // those have no table
  for (std::uint32_t i = 0; i < circuit_.memories.size(); ++i) {
    const SimMemory& memory = circuit_.memories[i];
    for (std::uint32_t gate = 0; gate < memory.gate_bits.size(); ++gate) {
      of_memory[memory.first_gate + gate] = true;
    }
    levels_[memory.level].push_back(memories_ + i);
  }
  for (std::uint32_t i = 0; i < gates_; ++i) {
    if (of_memory[i]) continue;
    levels_[circuit_.gates[i].level].push_back(i);
    circuit_.gates[i].queued = true;
  }
  Settle();
  // Where clocks stand now is no edge; clear, preset and open latches act.
  touched_registers_.clear();
  touched_memories_.clear();
  for (std::uint32_t i = 0; i < circuit_.registers.size(); ++i) {
    SimRegister& reg = circuit_.registers[i];
    reg.clock = Look(circuit_.register_models[reg.model].clock, reg.index);
    reg.queued = true;
    touched_registers_.push_back(i);
  }
  for (SimMemory& memory : circuit_.memories) {
    memory.clock_value = Bit((*memory.clock)[0]);
    memory.queued = false;
  }
  Rounds({});
  for (SimRegister& reg : circuit_.registers) reg.changed = 0;
  ResetWindow();
  toggles = evaluations = 0;
}

void SimulationEngine::ResetWindow() {
  cycle_ = 0;
  for (SimNet& net : circuit_.nets) net.toggles = net.high = net.since = 0;
  for (SimMemory& memory : circuit_.memories) memory.accesses = {};
}

void SimulationEngine::StepZero(std::int32_t clock, const Changes& inputs) {
  if (clock >= 0) Toggle<true>(static_cast<std::uint32_t>(clock));
  Settle();
  Rounds(inputs);
}

void SimulationEngine::EvaluateRegisters() {
  for (const std::uint32_t i : touched_registers_) {
    SimRegister& reg = circuit_.registers[i];
    reg.queued = false;
    if (Capture(reg)) Flip<false>(reg);
    reg.changed = 0;
  }
  touched_registers_.clear();
}

void SimulationEngine::EvaluateMemories() {
  for (const std::uint32_t i : touched_memories_) {
    SimMemory& memory = circuit_.memories[i];
    memory.queued = false;
    Clock(memory);
    Drive<false>(memory);
  }
  touched_memories_.clear();
}

/// With delays: the new value of each touched gate's function, and when its output is looked at.
void SimulationEngine::EvaluateGates() {
  evaluations += touched_gates_.size();
  for (const std::uint32_t i : touched_gates_) {
    SimGate& gate = circuit_.gates[i];
    gate.queued = false;
    const bool value = Look(gate.table, gate.index);
    if (value != gate.value) {
      gate.value = value;
      std::uint32_t delay = ~0u;
      for (unsigned left = gate.changed; left != 0; left &= left - 1) {
        const ArcDelay& arc = (*arcs_)[gate.arcs + static_cast<unsigned>(std::countr_zero(left))];
        delay = std::min(delay, value ? arc.rise : arc.fall);
      }
      Schedule(i, delay);
    }
    gate.changed = 0;
  }
  touched_gates_.clear();
}

void SimulationEngine::ProcessTick() {
  const std::uint64_t before = toggles;
  for (const std::uint32_t i : wheel_.Bucket(now_)) {
    const SimGate& gate = circuit_.gates[i];
    if (gate.value != Value(gate.output)) Toggle<false>(gate.output);
  }
  wheel_.Done(now_);
  if (toggles != before) last_change = std::max(last_change, now_);
  EvaluateRegisters();
  EvaluateMemories();
  EvaluateGates();
}

void SimulationEngine::RunUntil(std::uint64_t end) {
  outside_ = false;
  if (mail_.empty()) {
    ProcessTick();
    while ((now_ = wheel_.Next(now_, end)) < end) ProcessTick();
  } else {
    for (const std::uint32_t i : touched_gates_)
      mail_[circuit_.gates[i].cluster].gates.push_back(i);
    for (const std::uint32_t i : touched_registers_) {
      mail_[circuit_.registers[i].cluster].registers.push_back(i);
    }
    touched_gates_.clear();
    touched_registers_.clear();
    const std::uint64_t begin = now_;
    for (std::uint32_t i = 0; i < mail_.size(); ++i) RunCluster(i, begin, end);
  }
  now_ = end;
  outside_ = true;
}

/// From `begin` to `end`, without it, in one cluster alone: it stays in the processor's caches.
void SimulationEngine::RunCluster(std::uint32_t number, std::uint64_t begin, std::uint64_t end) {
  Mail& mail = mail_[number];
  turn_ = number;
  touched_gates_.swap(mail.gates);
  touched_registers_.swap(mail.registers);
  for (const auto& [tick, gate] : mail.events) wheel_.Add(tick, gate);
  mail.events.clear();
  std::size_t change = 0;
  for (now_ = begin; now_ < end;) {
    while (change < mail.changes.size() && mail.changes[change].first == now_) {
      Touch<false>(mail.changes[change++].second);
    }
    ProcessTick();
    now_ = wheel_.Next(now_, end);
    if (change < mail.changes.size()) now_ = std::min(now_, mail.changes[change].first);
  }
  mail.changes.clear();
  const std::uint64_t last = end + wheel_.reach() + 1;
  for (std::uint64_t tick = end; (tick = wheel_.Next(tick, last)) < last;) {
    for (const std::uint32_t gate : wheel_.Bucket(tick)) mail.events.emplace_back(tick, gate);
    wheel_.Done(tick);
  }
}

/// Takes the gates of the clock network among the touched ones to their values at once.
void SimulationEngine::ClockWave() {
  std::vector<std::uint32_t> others;
  for (std::vector<std::uint32_t>& level : levels_) {
    for (const std::uint32_t i : touched_gates_) {
      const SimGate& gate = circuit_.gates[i];
      (gate.clock ? levels_[gate.level] : others).push_back(i);
    }
    touched_gates_.clear();
    for (const std::uint32_t i : level) {
      SimGate& gate = circuit_.gates[i];
      gate.queued = false;
      gate.changed = 0;
      ++evaluations;
      gate.value = Look(gate.table, gate.index);
      if (gate.value != Value(gate.output)) Toggle<false>(gate.output);
    }
    level.clear();
  }
  touched_gates_.insert(touched_gates_.end(), others.begin(), others.end());
}

void SimulationEngine::ClockEdge(std::uint32_t clock, bool ideal) {
  Toggle<false>(clock);
  if (ideal) {
    ClockWave();
    EvaluateRegisters();
    EvaluateMemories();
  }
}

void SimulationEngine::SetInputs(const Changes& inputs) {
  for (const auto& [net, value] : inputs) {
    if (Value(net) != value) Toggle<false>(net);
  }
}

}  // namespace systole
