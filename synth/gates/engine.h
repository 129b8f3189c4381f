// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "synth/gates/circuit.h"

namespace systole {

/// Events of the near future: gates by the tick in which their outputs are looked at. A ring of
/// buckets, longer than the longest delay, with a bit for each bucket that holds something.
class EventWheel {
 public:
  EventWheel() = default;
  /// `longest`: no event lies further ahead than that.
  explicit EventWheel(std::uint64_t longest);

  void Add(std::uint64_t tick, std::uint32_t gate) {
    const std::uint64_t slot = tick & mask_;
    buckets_[slot].push_back(gate);
    occupied_[slot / 64] |= 1ULL << (slot % 64);
  }
  /// The first tick of [from, end) with events; `end` when there is none.
  std::uint64_t Next(std::uint64_t from, std::uint64_t end) const;
  std::vector<std::uint32_t>& Bucket(std::uint64_t tick) { return buckets_[tick & mask_]; }
  /// No event lies further ahead.
  std::uint64_t reach() const { return mask_; }
  /// Empties the tick's bucket.
  void Done(std::uint64_t tick) {
    const std::uint64_t slot = tick & mask_;
    buckets_[slot].clear();
    occupied_[slot / 64] &= ~(1ULL << (slot % 64));
  }

 private:
  std::uint64_t mask_ = 0;
  std::vector<std::vector<std::uint32_t>> buckets_;
  std::vector<std::uint64_t> occupied_;
};

/// The inner loops of the simulator: values, toggles, and what follows from them.
class SimulationEngine {
 public:
  /// `arcs`: Timing::arcs, null without delays.
  SimulationEngine(Circuit circuit, const std::vector<ArcDelay>* arcs);

  const Circuit& circuit() const { return circuit_; }
  Circuit& circuit() { return circuit_; }
  bool Value(std::uint32_t net) const { return circuit_.nets[net].value; }

  /// From power-up: every net to what follows from the inputs, which are 0, and the state.
  void Start();

  using Changes = std::vector<std::pair<std::uint32_t, bool>>;  ///< nets and their new values
  /// Without delays: an edge of the clock (-1: none), then the inputs together with what the edge
  /// sets off.
  void StepZero(std::int32_t clock, const Changes& inputs);
  /// With delays: the events of the present tick, and on to `end`, without it: cluster by cluster,
  /// each through the whole time.
  void RunUntil(std::uint64_t end);
  /// With delays, in the present tick, before its events: an edge of the clock, which takes no time
  /// inside the clock network when `ideal`; new inputs.
  void ClockEdge(std::uint32_t clock, bool ideal);
  void SetInputs(const Changes& inputs);

  void ResetWindow();
  void EndCycle() { ++cycle_; }
  std::uint32_t cycle() const { return cycle_; }  ///< of the window
  std::uint64_t toggles = 0, evaluations = 0;
  std::uint64_t last_change = 0;  ///< tick of the last event that changed a net

 private:
  template <bool kZero>
  void Toggle(std::uint32_t net);
  template <bool kZero>
  void Touch(std::uint32_t reader);
  void Deliver(std::uint32_t reader);
  void RunCluster(std::uint32_t number, std::uint64_t begin, std::uint64_t end);
  void ProcessTick();
  template <bool kZero>
  void Flip(SimRegister& reg);
  bool Look(std::uint32_t table, std::uint32_t index) {
    return circuit_.tables[table + (index >> 6)] >> (index & 63) & 1;
  }
  bool Capture(SimRegister& reg);
  void Clock(SimMemory& memory);
  std::uint64_t Number(const std::vector<std::int32_t>& nets) const;
  bool Bit(std::int32_t net) const {
    return net >= 0 ? Value(static_cast<std::uint32_t>(net)) : net == kConstant1;
  }
  template <bool kZero>
  void Drive(SimMemory& memory);
  void Settle();
  void Rounds(const Changes& inputs);

  void EvaluateRegisters();
  void EvaluateMemories();
  void EvaluateGates();
  void ClockWave();
  void Schedule(std::uint32_t gate, std::uint32_t delay) { wheel_.Add(now_ + delay, gate); }

  Circuit circuit_;
  const std::vector<ArcDelay>* arcs_;
  std::uint32_t gates_, memories_;  ///< first unit that is no gate; that is a memory
  std::vector<std::vector<std::uint32_t>> levels_;  ///< gates and memories to evaluate, by level
  std::vector<std::uint32_t> touched_gates_, touched_registers_, touched_memories_;
  /// What a cluster finds when its turn comes.
  struct Mail {
    std::vector<std::uint32_t> gates, registers;  ///< touched at the beginning
    /// Inputs that gates of the common cluster change, as of Circuit::readers, by tick.
    std::vector<std::pair<std::uint64_t, std::uint32_t>> changes;
    std::vector<std::pair<std::uint64_t, std::uint32_t>> events;  ///< left over: tick, gate
  };
  std::vector<Mail> mail_;  ///< of each cluster; empty: there is one, and it needs none
  bool outside_ = true;     ///< no cluster's turn: all are at the same tick
  std::uint32_t turn_ = 0;  ///< the cluster's whose turn it is
  EventWheel wheel_;
  std::uint64_t now_ = 0;
  std::uint32_t cycle_ = 0;
};

}  // namespace systole
