// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/utils/averaged_model.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/ops/binary.h"

namespace tessera::nn::utils {
namespace {

void check_alike(const std::vector<NamedTensor>& averaged, const std::vector<NamedTensor>& model) {
  bool alike = averaged.size() == model.size();
  for (size_t i = 0; alike && i < model.size(); ++i) {
    alike = averaged[i].first == model[i].first &&
            averaged[i].second.shape() == model[i].second.shape();
    if (!alike) {
      raise(absl::InvalidArgumentError(absl::StrCat(
          "AveragedModel: it has ", averaged[i].first, " ", averaged[i].second.shape().to_string(),
          " where the model has ", model[i].first, " ", model[i].second.shape().to_string())));
    }
  }
  if (!alike) {
    raise(absl::InvalidArgumentError(absl::StrCat("AveragedModel: it has ", averaged.size(),
                                                  " tensors, the model ", model.size())));
  }
}

}  // namespace

AverageFunction ema_average(double decay) {
  if (!(decay >= 0 && decay <= 1)) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("ema_average: decay is ", decay, ", not in [0, 1]")));
  }
  return [decay](const Tensor& averaged, const Tensor& current, int64_t) {
    return averaged * decay + current * (1 - decay);
  };
}

AverageFunction swa_average() {
  return [](const Tensor& averaged, const Tensor& current, int64_t num_averaged) {
    return averaged + (current - averaged) / static_cast<double>(num_averaged + 1);
  };
}

void update_average(Module& averaged, const Module& model, const AveragedModelOptions& options,
                    int64_t num_averaged) {
  const auto parameters = averaged.named_parameters(), buffers = averaged.named_buffers();
  const auto new_parameters = model.named_parameters(), new_buffers = model.named_buffers();
  check_alike(parameters, new_parameters);
  check_alike(buffers, new_buffers);
  NoGradGuard no_grad;
  auto update = [&](const Tensor& target, const Tensor& given, bool averages) {
    Tensor place = target.detach();
    const Tensor value = given.detach().to(place.device());
    if (averages && num_averaged > 0) {
      place.copy_(options.average(place, value.to(place.dtype()), num_averaged));
    } else {
      place.copy_(value);
    }
  };
  for (size_t i = 0; i < parameters.size(); ++i) {
    update(parameters[i].second, new_parameters[i].second, /*averages=*/true);
  }
  for (size_t i = 0; i < buffers.size(); ++i) {
    update(buffers[i].second, new_buffers[i].second,
           options.use_buffers && buffers[i].second.is_floating_point());
  }
}

BatchNormCollection::BatchNormCollection(Module& model)
    : model_(model), was_training_(model.is_training()) {
  for (const auto& [name, module] : model.named_modules()) {
    if (auto* norm = dynamic_cast<BatchNorm*>(module)) {
      norms_.emplace_back(norm, norm->momentum());
      norm->reset_running_stats();
      norm->set_momentum(std::nullopt);
    }
  }
  if (!norms_.empty()) model.train();
}

BatchNormCollection::~BatchNormCollection() {
  for (const auto& [norm, momentum] : norms_) norm->set_momentum(momentum);
  if (!norms_.empty()) model_.train(was_training_);
}

}  // namespace tessera::nn::utils
