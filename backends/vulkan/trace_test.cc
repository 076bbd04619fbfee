// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/trace.h"

#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/elementwise/list.h"
#include "tessera/backends/elementwise/scalar.h"
#include "tessera/backends/vulkan/optimizer_trace.h"

namespace tessera::vulkan {
namespace {

// The functions of the exam's ops are computed on the device; here it is what the optimizer's
// kernel asks of a trace at run time. Real<double> evaluates the arithmetic.
using Real = elementwise::Real<double>;

std::vector<double> evaluate(const OptimizerTrace& step, const std::vector<double>& constants,
                             const std::vector<double>& inputs) {
  const std::vector<Step>& steps = step.trace.steps();
  std::vector<double> value(steps.size());
  for (size_t k = 0; k < step.plan.constants.size(); ++k) {
    value[step.plan.constants[k]] = constants[k];
  }
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].code == Code::kInput) value[i] = inputs[steps[i].a];
  }
  for (int at : step.plan.order) {
    const Step& s = steps[at];
    const double a = value[s.a], b = s.code == Code::kCall1 ? 0 : s.b < 0 ? 0 : value[s.b];
    switch (s.code) {
      case Code::kNeg:
        value[at] = -a;
        break;
      case Code::kAdd:
        value[at] = a + b;
        break;
      case Code::kSub:
        value[at] = a - b;
        break;
      case Code::kMul:
        value[at] = a * b;
        break;
      case Code::kDiv:
        value[at] = a / b;
        break;
      case Code::kLess:
        value[at] = a < b;
        break;
      case Code::kGreater:
        value[at] = a > b;
        break;
      case Code::kNotEqual:
        value[at] = a != b;
        break;
      case Code::kSelect:
        value[at] = a != 0 ? b : value[s.c];
        break;
      case Code::kCall1:
        value[at] = std::string_view(kFunctions[s.b]) == "sqrt" ? std::sqrt(a) : std::fabs(a);
        break;
      default:
        ADD_FAILURE() << "code " << static_cast<int>(s.code);
    }
  }
  std::vector<double> results;
  for (int result : step.results) results.push_back(value[result]);
  return results;
}

// Options in the order of the node's attributes; `scale` sets the numbers apart.
template <class Rule>
Rule rule_with(uint32_t switches, double scale) {
  const elementwise::OptionCounter options = elementwise::count_options<Rule>();
  std::vector<int64_t> ints(options.ints);
  std::vector<double> doubles(options.doubles);
  for (size_t i = 0; i < ints.size(); ++i) ints[i] = switches >> i & 1;
  for (size_t i = 0; i < doubles.size(); ++i) doubles[i] = scale / (2.0 + static_cast<double>(i));
  if ((switches >> 8 & 1) != 0) doubles.back() = 0;
  return elementwise::rule_of<Rule>(ints.data(), doubles.data());
}

// With the graph of one node and the constants of another, as a shader has them, the other's step.
template <class Rule>
void expect_constants_carry_over() {
  int numbers = 0;
  for (uint32_t switches = 0; switches < 512; ++switches) {
    const Rule built = rule_with<Rule>(switches, 0.9), wanted = rule_with<Rule>(switches, 0.7);
    std::vector<double> constants;
    Real want[1 + Rule::kMaxStates];
    const std::vector<double> inputs = {0.7, -0.3, 0.9, 0.2, 0.5};
    uint64_t structure;
    {
      const OptimizerTrace step(wanted);
      structure = step.plan.structure;
      for (size_t k = 0; k < step.plan.constants.size(); ++k) constants.push_back(step.constant(k));
      for (int i = 0; i < wanted.states(); ++i) want[1 + i] = Real(inputs[2 + i]);
      want[0] = Real(inputs[0]);
      wanted.apply(want[0], Real(inputs[1]), want + 1);
    }
    const OptimizerTrace step(built);
    ASSERT_EQ(step.plan.structure, structure) << switches;
    ASSERT_LE(constants.size(), 12u);
    const std::vector<double> got = evaluate(step, constants, inputs);
    ASSERT_EQ(got.size(), 1u + wanted.states());
    for (size_t i = 0; i < got.size(); ++i) {
      if (std::isnan(want[i].value)) {  // Adam before its first step
        EXPECT_TRUE(std::isnan(got[i])) << switches << " result " << i;
      } else {
        EXPECT_DOUBLE_EQ(got[i], want[i].value) << switches << " result " << i;
        ++numbers;
      }
    }
  }
  EXPECT_GT(numbers, 600);
}

TEST(TraceTest, ConstantsOfOneNodeFitTheGraphOfAnother) {
#define TESSERA_CHECK(Rule, name) expect_constants_carry_over<elementwise::Rule>();
  TESSERA_OPTIMIZER_STEPS(TESSERA_CHECK)
#undef TESSERA_CHECK
}

struct Variant {
  std::string_view op;
  uint64_t structure;
  uint32_t number;
};
constexpr Variant kVariants[] = {
#include "backends/vulkan/optimizer_variants.inc"
};

template <class Rule>
void expect_variants_are_there(std::string_view op) {
  std::set<uint64_t> printed;
  for (const Variant& variant : kVariants) {
    if (variant.op == op) {
      EXPECT_TRUE(printed.insert(variant.structure).second) << op << " " << variant.number;
    }
  }
  std::set<uint64_t> needed;
  for (uint32_t switches = 0; switches < 512; ++switches) {
    const OptimizerTrace step(rule_with<Rule>(switches, 1));
    needed.insert(step.plan.structure);
    EXPECT_TRUE(printed.count(step.plan.structure) != 0) << op << " with switches " << switches;
  }
  EXPECT_GT(needed.size(), 1u) << op;
}

TEST(TraceTest, EveryCombinationOfOptionsIsInTheShaders) {
#define TESSERA_CHECK(Rule, name) expect_variants_are_there<elementwise::Rule>(#name);
  TESSERA_OPTIMIZER_STEPS(TESSERA_CHECK)
#undef TESSERA_CHECK
}

// Shared parts are one step; the order is the expression's.
TEST(TraceTest, PlanHangsOnTheExpressionAlone) {
  uint64_t first;
  {
    Trace trace;
    const Value x = trace.input(), y = trace.input();
    const Value sum = x + y;
    const int result = (sum * Value(2.0) - sum * Value(3.0)).step();
    const Plan plan = plan_of(trace, {&result, 1});
    first = plan.structure;
    EXPECT_EQ(plan.order.size(), 4u);
    ASSERT_EQ(plan.constants.size(), 2u);
    EXPECT_EQ(trace.steps()[plan.constants[0]].constant, 2);
  }
  Trace trace;
  const Value x = trace.input(), y = trace.input();
  const Value three(7.0), unused = x * y, two(5.0);
  const Value sum = x + y;
  const Value right = sum * three;
  const int result = (sum * two - right).step();
  const Plan plan = plan_of(trace, {&result, 1});
  EXPECT_EQ(plan.structure, first);
  EXPECT_EQ(trace.steps()[plan.constants[0]].constant, 5);
  const int other = (x - unused).step();
  EXPECT_NE(plan_of(trace, {&other, 1}).structure, first);
}

}  // namespace
}  // namespace tessera::vulkan
