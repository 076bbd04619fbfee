// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/trace.h"

namespace tessera::vulkan {
namespace {

// How many of a, b and c are steps.
int operands_of(Code code) {
  switch (code) {
    case Code::kInput:
    case Code::kConstant:
      return 0;
    case Code::kNeg:
    case Code::kBitNot:
    case Code::kNot:
    case Code::kCall1:
      return 1;
    case Code::kSelect:
      return 3;
    default:
      return 2;
  }
}

class Planner {
 public:
  explicit Planner(const std::vector<Step>& steps) : steps_(steps) {
    plan_.number.assign(steps.size(), -1);
    plan_.structure = 14695981039346656037u;
  }

  void visit(int at) {
    const Step& step = steps_[at];
    const int operands = operands_of(step.code);
    const int parts[3] = {step.a, step.b, step.c};
    mix(static_cast<int>(step.code));
    if (step.code == Code::kInput) return mix(step.a);
    if (plan_.number[at] >= 0) return mix(plan_.number[at]);
    for (int i = 0; i < operands; ++i) visit(parts[i]);
    for (int i = operands; i < 3; ++i) mix(parts[i]);  // the function that is called
    std::vector<int>& place = step.code == Code::kConstant ? plan_.constants : plan_.order;
    plan_.number[at] = static_cast<int>(place.size());
    place.push_back(at);
  }

  // FNV-1a.
  void mix(int word) {
    for (int shift = 0; shift < 32; shift += 8) {
      plan_.structure =
          (plan_.structure ^ (static_cast<uint32_t>(word) >> shift & 0xFF)) * 1099511628211u;
    }
  }

  Plan take() { return std::move(plan_); }

 private:
  const std::vector<Step>& steps_;
  Plan plan_;
};

}  // namespace

Plan plan_of(const Trace& trace, std::span<const int> results) {
  Planner planner(trace.steps());
  for (int result : results) planner.visit(result);
  return planner.take();
}

}  // namespace tessera::vulkan
