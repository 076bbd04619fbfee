// SPDX-License-Identifier: Apache-2.0
//
// A second model that holds running averages of another one's parameters, as
// torch.optim.swa_utils.
//
//   Net model;
//   nn::utils::AveragedModel<Net> ema(Net(), {.average = nn::utils::ema_average(0.999)});
//   for (...) {
//     ... optimizer.step();
//     ema.update_parameters(model);
//   }
//   nn::utils::update_bn(batches, ema.module);    // where there are BatchNorms
//   Tensor scores = ema(x);
#ifndef TESSERA_NN_UTILS_AVERAGED_MODEL_H_
#define TESSERA_NN_UTILS_AVERAGED_MODEL_H_

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "tessera/nn/batchnorm.h"
#include "tessera/nn/module.h"
#include "tessera/tensor/capture_hooks.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::nn::utils {

// The next average from the present one, a new value, and how many values are in the present one.
using AverageFunction =
    std::function<Tensor(const Tensor& averaged, const Tensor& current, int64_t num_averaged)>;

// decay * averaged + (1 - decay) * current.
//   errors: throws kInvalidArgument for a decay outside [0, 1]
AverageFunction ema_average(double decay = 0.999);
// The plain mean of all values (Izmailov et al., 2018).
AverageFunction swa_average();

struct AveragedModelOptions {
  AverageFunction average = swa_average();
  bool use_buffers = false;  // averages floating point buffers too; otherwise buffers are copied
};

// Makes the parameters of `averaged` the next average; the first time (num_averaged 0) a copy.
//   errors: throws kInvalidArgument unless both modules have parameters and buffers of the same
//           names and shapes
void update_average(Module& averaged, const Module& model, const AveragedModelOptions& options,
                    int64_t num_averaged);

// state_dict() is PyTorch's: "n_averaged" (int64, rank 0) and the parts of "module".
template <std::derived_from<Module> M>
class AveragedModel : public Module {
 public:
  // `model` is one of the same parts as those that will be averaged; its values do not matter.
  explicit AveragedModel(M model, AveragedModelOptions options = {})
      : module(add("module", std::move(model))), options_(std::move(options)) {
    n_averaged = add_buffer("n_averaged", zeros({}, {.dtype = kInt64}));
  }

  template <class... Args>
  auto operator()(Args&&... args) {
    return module(std::forward<Args>(args)...);
  }

  // Takes the present parameters of `model` into the averages, as update_average().
  void update_parameters(const M& model) {
    if (step_recorder() != nullptr) {
      return each_time([this, &model] { update_parameters(model); });
    }
    update_average(module, model, options_, n_averaged.template item<int64_t>());
    n_averaged.add_(1);
  }

  M& module;
  Tensor n_averaged;

 private:
  AveragedModelOptions options_;
};

// While one lives, the running statistics of every BatchNorm below `model` are plain means, from
// anew, and `model` is in training mode.
class BatchNormCollection {
 public:
  explicit BatchNormCollection(Module& model);
  ~BatchNormCollection();
  BatchNormCollection(const BatchNormCollection&) = delete;
  bool empty() const { return norms_.empty(); }

 private:
  Module& model_;
  bool was_training_;
  std::vector<std::pair<BatchNorm*, std::optional<double>>> norms_;  // and their momentum
};

// Computes the running statistics of all BatchNorms in `model` anew from `batches`, a range of what
// `input(batch)` makes the model's argument.
template <class Batches, class M, class Input>
void update_bn(Batches&& batches, M& model, Input input) {
  BatchNormCollection collection(model);
  if (collection.empty()) return;
  NoGradGuard no_grad;
  for (auto&& batch : batches) model(input(batch));
}
template <class Batches, class M>
void update_bn(Batches&& batches, M& model) {
  update_bn(std::forward<Batches>(batches), model, [](const Tensor& x) { return x; });
}

}  // namespace tessera::nn::utils

#endif  // TESSERA_NN_UTILS_AVERAGED_MODEL_H_
