// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/capture/plan.h"

#include <algorithm>
#include <numeric>

namespace tessera::capture {
namespace {

// Of every memory in the arena: what devices want of addresses, and vectors of kernels.
constexpr uint64_t kAlignment = 256;

uint64_t aligned(uint64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

// A run of bytes that one or, one after another, several memories take.
struct Slot {
  uint64_t bytes = 0;
  uint32_t first = 0, last = 0;  // nodes
  uint64_t offset = 0;

  bool meets(const Slot& other) const { return first <= other.last && other.first <= last; }
};

class Planner {
 public:
  explicit Planner(const Graph& graph) : graph_(graph), uses_(graph) {}

  Plan plan() {
    make_slots();
    place_slots();
    Plan plan;
    plan.offsets.assign(graph_.memories.size(), Plan::kNowhere);
    plan.constant_offsets = plan.offsets;
    for (size_t m = 0; m < slot_of_.size(); ++m) {
      if (slot_of_[m] >= 0) {
        const Slot& slot = slots_[static_cast<size_t>(slot_of_[m])];
        plan.offsets[m] = slot.offset;
        plan.arena_bytes = std::max(plan.arena_bytes, slot.offset + aligned(slot.bytes));
      } else if (graph_.memories[m].place == Place::kConstant) {
        plan.constant_offsets[m] = plan.constant_bytes;
        plan.constant_bytes += aligned(graph_.memories[m].bytes);
      }
    }
    return plan;
  }

 private:
  bool is_planned(uint32_t m) const {
    return graph_.memories[m].place == Place::kTemporary &&
           !(uses_.of[m].reads.empty() && uses_.of[m].writes.empty());
  }

  uint32_t first_of(uint32_t m) const {
    const Uses::Of& of = uses_.of[m];
    if (of.writes.empty()) return of.reads.front();
    return of.reads.empty() ? of.writes.front() : std::min(of.reads.front(), of.writes.front());
  }
  uint32_t last_of(uint32_t m) const {
    const Uses::Of& of = uses_.of[m];
    if (of.writes.empty()) return of.reads.back();
    return of.reads.empty() ? of.writes.back() : std::max(of.reads.back(), of.writes.back());
  }

  // The slot of an input of node `n` that its output `m` may be written over; -1 if there is none.
  int replaceable(uint32_t n, uint32_t m) const {
    const Node& node = graph_.nodes[n];
    if (node.is_work() || !node.op->has(kElementwise) || node.outputs.size() != 1) return -1;
    const Operand& output = node.outputs[0];
    if (!output.covers(graph_.memories[m])) return -1;
    for (const Operand& input : node.inputs) {
      if (input.is_immediate() || slot_of_[input.memory] < 0 || input.memory == m) continue;
      const Slot& slot = slots_[static_cast<size_t>(slot_of_[input.memory])];
      if (slot.last != n || slot.bytes != graph_.memories[m].bytes) continue;
      // Every view of the slot in this node is the output's own, element for element.
      bool fits = true;
      for (const Operand& other : node.inputs) {
        if (other.is_immediate() || slot_of_[other.memory] != slot_of_[input.memory]) continue;
        fits = fits && other.covers(graph_.memories[other.memory]) && other.dtype == output.dtype &&
               other.shape == output.shape;
      }
      if (fits) return slot_of_[input.memory];
    }
    return -1;
  }

  void make_slots() {
    slot_of_.assign(graph_.memories.size(), -1);
    std::vector<std::vector<uint32_t>> begin_at(graph_.nodes.size());
    for (uint32_t m = 0; m < graph_.memories.size(); ++m) {
      if (is_planned(m)) begin_at[first_of(m)].push_back(m);
    }
    for (uint32_t n = 0; n < graph_.nodes.size(); ++n) {
      for (uint32_t m : begin_at[n]) {
        int slot = replaceable(n, m);
        if (slot < 0) {
          slot = static_cast<int>(slots_.size());
          slots_.push_back({.bytes = graph_.memories[m].bytes, .first = n, .last = n});
        }
        slot_of_[m] = slot;
        Slot& taken = slots_[static_cast<size_t>(slot)];
        taken.last = std::max(taken.last, last_of(m));
      }
    }
  }

  void place_slots() {
    std::vector<uint32_t> order(slots_.size());
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(),
                     [&](uint32_t a, uint32_t b) { return slots_[a].bytes > slots_[b].bytes; });
    std::vector<uint32_t> placed;  // by offset
    for (uint32_t s : order) {
      Slot& slot = slots_[s];
      const uint64_t bytes = aligned(slot.bytes);
      uint64_t offset = 0;
      for (uint32_t other : placed) {
        if (!slots_[other].meets(slot)) continue;
        if (slots_[other].offset >= offset + bytes) break;
        offset = std::max(offset, slots_[other].offset + aligned(slots_[other].bytes));
      }
      slot.offset = offset;
      placed.insert(std::upper_bound(placed.begin(), placed.end(), offset,
                                     [&](uint64_t value, uint32_t other) {
                                       return value < slots_[other].offset;
                                     }),
                    s);
    }
  }

  const Graph& graph_;
  const Uses uses_;
  std::vector<Slot> slots_;
  std::vector<int> slot_of_;  // by memory
};

}  // namespace

Plan plan_memory(const Graph& graph) { return Planner(graph).plan(); }

}  // namespace tessera::capture
