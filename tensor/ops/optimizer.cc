// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/optimizer.h"

#include <cmath>
#include <vector>

#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/ops/unary.h"

namespace tessera {
namespace {

// `lists` lists of n tensors, one after another. Outputs are those of list 0 and of 2 and above.
absl::Status infer_step(InferContext& c, int lists) {
  const int n = static_cast<int>(c.int_attribute(0));
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

// ints: n, has_momentum, nesterov, maximize, first; doubles: lr, momentum, dampening, weight_decay
const OpDef kSgdStep = {
    .name = "sgd_step",
    .infer = [](InferContext& c) { return infer_step(c, c.int_attribute(1) != 0 ? 3 : 2); },
    .decompose =
        [](TensorRefs in, const Attributes& a) {
          const size_t n = static_cast<size_t>(a.ints[0]);
          const bool has_momentum = a.ints[1] != 0, nesterov = a.ints[2] != 0;
          const bool maximize = a.ints[3] != 0, first = a.ints[4] != 0;
          const double lr = a.doubles[0], momentum = a.doubles[1], dampening = a.doubles[2];
          std::vector<Tensor> parameters, buffers;
          for (size_t i = 0; i < n; ++i) {
            const Tensor& p = *in[i];
            Tensor g = maximize ? -*in[n + i] : *in[n + i];
            if (a.doubles[3] != 0) g = g + p * a.doubles[3];
            if (has_momentum) {
              Tensor m = first ? g : *in[2 * n + i] * momentum + g * (1 - dampening);
              buffers.push_back(m);
              g = nesterov ? g + m * momentum : m;
            }
            parameters.push_back(p - g * lr);
          }
          parameters.insert(parameters.end(), buffers.begin(), buffers.end());
          return parameters;
        },
    .traits = kUpdatesInputs,
    .samples =
        [](const OpDef&) {
          std::vector<SampleTensor> two = {arg({3, 5}), arg({7}), arg({3, 5}), arg({7})};
          std::vector<SampleTensor> three = two;
          three.push_back(arg({3, 5}));
          three.push_back(arg({7}));
          std::vector<Sample> samples = {
              sample("Plain", two, {{2, 0, 0, 0, 0}, {0.1, 0, 0, 0}}),
              sample("WeightDecayMaximize", two, {{2, 0, 0, 1, 0}, {0.1, 0, 0, 0.01}}),
              sample("MomentumFirst", three, {{2, 1, 0, 0, 1}, {0.1, 0.9, 0, 0}}),
              sample("Momentum", three, {{2, 1, 0, 0, 0}, {0.1, 0.9, 0.1, 0.01}}),
              sample("Nesterov", three, {{2, 1, 1, 0, 0}, {0.1, 0.9, 0, 0}}),
              sample("Large", {arg({1031}), arg({1031})}, {{1, 0, 0, 0, 0}, {0.1, 0, 0, 0}}),
              error_sample("Shapes", {arg({3}), arg({4})}, {{1, 0, 0, 0, 0}, {0.1, 0, 0, 0}})};
          for (Sample& s : samples) s.differentiable = false;
          return samples;
        },
};

// ints: n, amsgrad, decoupled, maximize, step; doubles: lr, beta1, beta2, eps, weight_decay
const OpDef kAdamStep = {
    .name = "adam_step",
    .infer = [](InferContext& c) { return infer_step(c, c.int_attribute(1) != 0 ? 5 : 4); },
    .decompose =
        [](TensorRefs in, const Attributes& a) {
          const size_t n = static_cast<size_t>(a.ints[0]);
          const bool amsgrad = a.ints[1] != 0, decoupled = a.ints[2] != 0,
                     maximize = a.ints[3] != 0;
          const double step = static_cast<double>(a.ints[4]);
          const double lr = a.doubles[0], beta1 = a.doubles[1], beta2 = a.doubles[2];
          const double eps = a.doubles[3], weight_decay = a.doubles[4];
          const double correction1 = 1 - std::pow(beta1, step);
          const double correction2 = 1 - std::pow(beta2, step);
          std::vector<std::vector<Tensor>> lists(amsgrad ? 4 : 3);
          for (size_t i = 0; i < n; ++i) {
            Tensor p = *in[i], g = maximize ? -*in[n + i] : *in[n + i];
            if (decoupled) {
              p = p * (1 - lr * weight_decay);
            } else if (weight_decay != 0) {
              g = g + p * weight_decay;
            }
            Tensor m = *in[2 * n + i] * beta1 + g * (1 - beta1);
            Tensor v = *in[3 * n + i] * beta2 + square(g) * (1 - beta2);
            Tensor u = amsgrad ? maximum(*in[4 * n + i], v) : v;
            Tensor denominator = sqrt(u) * (1 / std::sqrt(correction2)) + eps;
            lists[0].push_back(p - m / denominator * (lr / correction1));
            lists[1].push_back(m);
            lists[2].push_back(v);
            if (amsgrad) lists[3].push_back(u);
          }
          std::vector<Tensor> outputs;
          for (auto& list : lists) outputs.insert(outputs.end(), list.begin(), list.end());
          return outputs;
        },
    .traits = kUpdatesInputs,
    .samples =
        [](const OpDef&) {
          auto lists = [](int n) {
            std::vector<SampleTensor> all;
            for (int i = 0; i < n; ++i) {
              for (const Shape& s : {Shape{3, 5}, Shape{17}}) {
                all.push_back(i < 3 ? arg(s) : arg(s, 0.1, 1));
              }
            }
            return all;
          };
          std::vector<Sample> samples = {
              sample("First", lists(4), {{2, 0, 0, 0, 1}, {1e-2, 0.9, 0.999, 1e-8, 0}}),
              sample("Later", lists(4), {{2, 0, 0, 0, 17}, {1e-2, 0.8, 0.99, 1e-6, 0.1}}),
              sample("AdamW", lists(4), {{2, 0, 1, 0, 3}, {1e-2, 0.9, 0.999, 1e-8, 0.1}}),
              sample("AmsgradMaximize", lists(5), {{2, 1, 0, 1, 5}, {1e-2, 0.9, 0.999, 1e-8, 0}}),
              error_sample("Lists", lists(3), {{2, 0, 0, 0, 1}, {1e-2, 0.9, 0.999, 1e-8, 0}})};
          for (Sample& s : samples) s.differentiable = false;
          return samples;
        },
};

// Inputs are all lists; outputs all but the gradients.
void run_step(const OpDef& op, std::initializer_list<TensorList> lists,
              const Attributes& attributes) {
  std::vector<const Tensor*> inputs;
  std::vector<Tensor> outputs;
  int position = 0;
  for (TensorList list : lists) {
    for (const Tensor& t : list) {
      inputs.push_back(&t);
      if (position != 1) outputs.push_back(t);
    }
    ++position;
  }
  if (inputs.empty()) return;
  NoGradGuard no_grad;
  dispatch_into(op, inputs, attributes, outputs);
}

}  // namespace

void sgd_step(TensorList parameters, TensorList gradients, TensorList momentum_buffers,
              const SgdStepOptions& o) {
  run_step(
      kSgdStep, {parameters, gradients, momentum_buffers},
      {{static_cast<int64_t>(parameters.size()), o.momentum != 0, o.nesterov, o.maximize, o.first},
       {o.lr, o.momentum, o.dampening, o.weight_decay}});
}

void adam_step(TensorList parameters, TensorList gradients, TensorList exp_avg,
               TensorList exp_avg_sq, TensorList max_exp_avg_sq, const AdamStepOptions& o) {
  run_step(kAdamStep, {parameters, gradients, exp_avg, exp_avg_sq, max_exp_avg_sq},
           {{static_cast<int64_t>(parameters.size()), o.amsgrad, o.decoupled, o.maximize, o.step},
            {o.lr, o.beta1, o.beta2, o.eps, o.weight_decay}});
}

absl::Span<const OpDef* const> optimizer_ops() {
  static const OpDef* const kOps[] = {&kSgdStep, &kAdamStep};
  return kOps;
}

}  // namespace tessera
