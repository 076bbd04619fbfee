// SPDX-License-Identifier: Apache-2.0
//
// An op for each rule of backends/elementwise/optimizer.inc.
//   inputs:  p_1 .. p_n, g_1 .. g_n, and n tensors for each state; outputs: the same without g
//   ints:    n, then the rule's bools and integers; doubles: its doubles
#include "tessera/tensor/ops/optimizer.h"

#include <string>
#include <utility>
#include <vector>

#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/ops/unary.h"

namespace tessera {
namespace {

// NOLINTNEXTLINE(google-build-using-namespace): the rules are this file's subject
using namespace elementwise;

// ---- Rules and attributes
// ------------------------------------------------------------------------

struct OptionWriter {
  Attributes& attributes;

  void write(bool option) { attributes.ints.push_back(option ? 1 : 0); }
  void write(int64_t option) { attributes.ints.push_back(option); }
  void write(double option) { attributes.doubles.push_back(option); }
  template <class... Options>
  void operator()(const Options&... options) {
    (write(options), ...);
  }
};

template <class Rule>
Attributes attributes_of(size_t n, const Rule& rule) {
  Attributes attributes;
  attributes.ints.push_back(static_cast<int64_t>(n));
  Rule::visit(rule, OptionWriter{attributes});
  return attributes;
}

template <class Rule>
Rule rule_of_attributes(const Attributes& attributes) {
  return rule_of<Rule>(attributes.ints.data() + 1, attributes.doubles.data());
}

// ---- infer and decompose
// -------------------------------------------------------------------------

template <class Rule>
absl::Status infer_step(InferContext& c) {
  const int n = static_cast<int>(c.int_attribute(0));
  const int lists = 2 + rule_of_attributes<Rule>(c.attributes()).states();
  if (c.num_inputs() != lists * n) {
    return c.invalid("wants ", lists, " lists of ", n, " tensors, got ", c.num_inputs(),
                     " tensors");
  }
  for (int i = 0; i < c.num_inputs(); ++i) {
    TESSERA_RETURN_IF_ERROR(check_floating_point(c, i));
    TESSERA_RETURN_IF_ERROR(check_same_dtype(c, 0, i));
    if (c.shape(i) != c.shape(i % n)) {
      return c.invalid("parameter ", i % n, " has shape ", c.shape(i % n).to_string(),
                       i < 2 * n ? ", its gradient " : ", its state ", c.shape(i).to_string());
    }
  }
  for (int i = 0; i < c.num_inputs(); ++i) {
    if (i < n || i >= 2 * n) c.add_output(c.dtype(i), c.shape(i));
  }
  return absl::OkStatus();
}

// A tensor, or a number, as a value of the rules.
struct Value {
  Tensor tensor;

  Value() = default;
  explicit Value(Tensor t) : tensor(std::move(t)) {}
  explicit Value(double number) : tensor(number) {}

  friend Value operator+(const Value& a, const Value& b) { return Value(a.tensor + b.tensor); }
  friend Value operator-(const Value& a, const Value& b) { return Value(a.tensor - b.tensor); }
  friend Value operator*(const Value& a, const Value& b) { return Value(a.tensor * b.tensor); }
  friend Value operator/(const Value& a, const Value& b) { return Value(a.tensor / b.tensor); }
  friend Value operator-(const Value& a) { return Value(neg(a.tensor)); }
  friend Tensor operator>(const Value& a, const Value& b) { return gt(a.tensor, b.tensor); }
  friend Tensor operator<(const Value& a, const Value& b) { return lt(a.tensor, b.tensor); }
  friend Tensor operator!=(const Value& a, const Value& b) { return ne(a.tensor, b.tensor); }
  friend Value select(const Tensor& mask, const Value& a, const Value& b) {
    return Value(where(mask, a.tensor, b.tensor));
  }
  friend Value abs(const Value& a) { return Value(tessera::abs(a.tensor)); }
  friend Value sqrt(const Value& a) { return Value(tessera::sqrt(a.tensor)); }
};

template <class Rule>
std::vector<Tensor> decompose_step(TensorRefs in, const Attributes& attributes) {
  const size_t n = static_cast<size_t>(attributes.ints[0]);
  const Rule rule = rule_of_attributes<Rule>(attributes);
  const size_t states = static_cast<size_t>(rule.states());
  std::vector<Tensor> outputs((1 + states) * n);
  for (size_t i = 0; i < n; ++i) {
    const DType dtype = in[i]->dtype();
    const DType wide = dtype == kFloat64 ? kFloat64 : kFloat32;
    Value p(in[i]->to(wide)), state[Rule::kMaxStates];
    for (size_t s = 0; s < states; ++s) state[s] = Value(in[(2 + s) * n + i]->to(wide));
    rule.apply(p, Value(in[n + i]->to(wide)), state);
    outputs[i] = p.tensor.to(dtype);
    for (size_t s = 0; s < states; ++s) outputs[(1 + s) * n + i] = state[s].tensor.to(dtype);
  }
  return outputs;
}

// ---- samples
// -------------------------------------------------------------------------------------

template <class Rule>
using Cases = std::vector<std::pair<const char*, Rule>>;

Cases<SgdStep> cases(SgdStep) {
  return {
      {"Plain", {.lr = 0.1}},
      {"WeightDecayMaximize", {.maximize = true, .lr = 0.1, .weight_decay = 0.01}},
      {"MomentumFirst", {.has_momentum = true, .first = true, .lr = 0.1, .momentum = 0.9}},
      {"Momentum",
       {.has_momentum = true, .lr = 0.1, .momentum = 0.9, .dampening = 0.1, .weight_decay = 0.01}},
      {"Nesterov", {.has_momentum = true, .nesterov = true, .lr = 0.1, .momentum = 0.9}}};
}

Cases<AdamStep> cases(AdamStep) {
  return {{"First", {.lr = 1e-2}},
          {"Later",
           {.step = 17, .lr = 1e-2, .beta1 = 0.8, .beta2 = 0.99, .eps = 1e-6, .weight_decay = 0.1}},
          {"AdamW", {.decoupled = true, .step = 3, .lr = 1e-2, .weight_decay = 0.1}},
          {"AmsgradMaximize", {.amsgrad = true, .maximize = true, .step = 5, .lr = 1e-2}}};
}

Cases<AdamaxStep> cases(AdamaxStep) {
  return {{"Plain", {.rate = 1e-2}},
          {"WeightDecayMaximize",
           {.maximize = true, .rate = 0.1, .beta1 = 0.8, .eps = 0.01, .weight_decay = 0.1}}};
}

Cases<NadamStep> cases(NadamStep) {
  return {{"Plain", {.lr = 1e-2, .weight_decay = 0.1, .correction = 0.01}},
          {"DecoupledMaximize",
           {.decoupled = true,
            .maximize = true,
            .lr = 1e-2,
            .weight_decay = 0.1,
            .gradient_rate = 5e-3,
            .correction = 0.1}}};
}

Cases<RadamStep> cases(RadamStep) {
  return {{"NotAdaptive", {.lr = 1e-2, .weight_decay = 0.1, .rate = 0.05}},
          {"Adaptive", {.adaptive = true, .lr = 1e-2, .rate = 0.02, .rectification = 0.3}},
          {"DecoupledMaximize",
           {.decoupled = true,
            .maximize = true,
            .adaptive = true,
            .lr = 1e-2,
            .weight_decay = 0.1,
            .rate = 0.02}}};
}

Cases<RmspropStep> cases(RmspropStep) {
  return {{"Plain", {}},
          {"WeightDecayMaximize", {.maximize = true, .alpha = 0.9, .weight_decay = 0.1}},
          {"Momentum", {.has_momentum = true, .momentum = 0.9}},
          {"Centered", {.centered = true, .eps = 0.01}},
          {"CenteredMomentum", {.centered = true, .has_momentum = true, .momentum = 0.9}}};
}

Cases<AdagradStep> cases(AdagradStep) {
  return {{"Plain", {}},
          {"WeightDecayMaximize", {.maximize = true, .eps = 0.01, .weight_decay = 0.1}}};
}

Cases<AdadeltaStep> cases(AdadeltaStep) {
  return {{"Plain", {}},
          {"WeightDecayMaximize",
           {.maximize = true, .lr = 0.5, .rho = 0.8, .eps = 0.01, .weight_decay = 0.1}}};
}

Cases<LionStep> cases(LionStep) {
  return {
      {"Plain", {.lr = 1e-2}},
      {"WeightDecayMaximize", {.maximize = true, .lr = 1e-2, .beta1 = 0.8, .weight_decay = 0.1}}};
}

// Second moments are positive; RMSprop's is above the square of its mean.
template <class Rule>
SampleTensor state_sample(const Rule&, int state, const Shape& shape) {
  if (std::is_same_v<Rule, SgdStep> || std::is_same_v<Rule, LionStep>) return arg(shape);
  if (std::is_same_v<Rule, RmspropStep> && state == 0) return arg(shape, 1.1, 2);
  return arg(shape, 0.1, 1);
}

template <class Rule>
std::vector<Sample> step_samples(const OpDef&) {
  std::vector<Sample> samples;
  auto tensors = [](const Rule& rule, std::initializer_list<Shape> shapes) {
    std::vector<SampleTensor> all;
    for (int list = 0; list < 2 + rule.states(); ++list) {
      for (const Shape& shape : shapes) {
        all.push_back(list < 2 ? arg(shape) : state_sample(rule, list - 2, shape));
      }
    }
    return all;
  };
  for (const auto& [name, rule] : cases(Rule())) {
    samples.push_back(
        sample(name, tensors(rule, {{3, 5}, {17}, {0, 2}, {}}), attributes_of(4, rule)));
  }
  const Rule first = cases(Rule())[0].second;
  samples.push_back(sample("Large", tensors(first, {{1031}}), attributes_of(1, first)));
  std::vector<SampleTensor> wrong = tensors(first, {{3}});
  wrong[1] = arg({4});
  samples.push_back(error_sample("Shapes", wrong, attributes_of(1, first)));
  samples.push_back(error_sample("Lists", tensors(first, {{3}}), attributes_of(2, first)));
  for (Sample& s : samples) s.differentiable = false;
  return samples;
}

// ---- The ops
// -------------------------------------------------------------------------------------

#define TESSERA_OP(Rule, name_)          \
  const OpDef k##Rule = {                \
      .name = #name_,                    \
      .infer = infer_step<Rule>,         \
      .decompose = decompose_step<Rule>, \
      .traits = kUpdatesInputs,          \
      .samples = step_samples<Rule>,     \
  };
TESSERA_OPTIMIZER_STEPS(TESSERA_OP)
#undef TESSERA_OP

void run_step(const OpDef& op, TensorList parameters, TensorList gradients, TensorList states,
              const Attributes& attributes) {
  if (parameters.empty()) return;
  std::vector<const Tensor*> inputs;
  std::vector<Tensor> outputs;
  inputs.reserve(parameters.size() + gradients.size() + states.size());
  outputs.reserve(parameters.size() + states.size());
  for (TensorList list : {parameters, gradients, states}) {
    for (const Tensor& t : list) inputs.push_back(&t);
  }
  for (TensorList list : {parameters, states})
    outputs.insert(outputs.end(), list.begin(), list.end());
  NoGradGuard no_grad;
  dispatch_into(op, inputs, attributes, outputs);
}

}  // namespace

#define TESSERA_DEFINE_STEP(Rule, name)                                                         \
  void name(TensorList parameters, TensorList gradients, TensorList states, const Rule& rule) { \
    run_step(k##Rule, parameters, gradients, states, attributes_of(parameters.size(), rule));   \
  }
TESSERA_OPTIMIZER_STEPS(TESSERA_DEFINE_STEP)
#undef TESSERA_DEFINE_STEP

absl::Span<const OpDef* const> optimizer_ops() {
#define TESSERA_LIST(Rule, name) &k##Rule,
  static const OpDef* const kOps[] = {TESSERA_OPTIMIZER_STEPS(TESSERA_LIST)};
#undef TESSERA_LIST
  return kOps;
}

}  // namespace tessera
