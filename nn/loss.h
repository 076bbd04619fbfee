// SPDX-License-Identifier: Apache-2.0
//
// Losses as modules, as torch.nn's. The functions with the contracts (shapes, dtypes, errors,
// sources) are in nn/functional_loss.h; each module keeps the options and calls its function.
//
//   nn::CrossEntropyLoss loss_fn({.label_smoothing = 0.1});
//   Tensor loss = loss_fn(model(x), y);
#ifndef TESSERA_NN_LOSS_H_
#define TESSERA_NN_LOSS_H_

#include "tessera/nn/functional_loss.h"
#include "tessera/nn/module.h"

namespace tessera::nn {

// A module that compares an input with a target.
using Loss = ModuleOf<Tensor(const Tensor& input, const Tensor& target)>;

// functional::cross_entropy. `weight` is a buffer, as in PyTorch: it moves with to().
class CrossEntropyLoss : public Loss {
 public:
  explicit CrossEntropyLoss(const CrossEntropyLossOptions& options = {});
  Tensor forward(const Tensor& input, const Tensor& target) override;

 private:
  CrossEntropyLossOptions options_;
};

// functional::nll_loss.
class NLLLoss : public Loss {
 public:
  explicit NLLLoss(const NLLLossOptions& options = {});
  Tensor forward(const Tensor& input, const Tensor& target) override;

 private:
  NLLLossOptions options_;
};

// functional::mse_loss.
class MSELoss : public Loss {
 public:
  explicit MSELoss(const LossOptions& options = {}) : options_(options) {}
  Tensor forward(const Tensor& input, const Tensor& target) override;

 private:
  LossOptions options_;
};

// functional::l1_loss.
class L1Loss : public Loss {
 public:
  explicit L1Loss(const LossOptions& options = {}) : options_(options) {}
  Tensor forward(const Tensor& input, const Tensor& target) override;

 private:
  LossOptions options_;
};

// functional::smooth_l1_loss.
class SmoothL1Loss : public Loss {
 public:
  explicit SmoothL1Loss(const SmoothL1LossOptions& options = {}) : options_(options) {}
  Tensor forward(const Tensor& input, const Tensor& target) override;

 private:
  SmoothL1LossOptions options_;
};

// functional::huber_loss.
class HuberLoss : public Loss {
 public:
  explicit HuberLoss(const HuberLossOptions& options = {}) : options_(options) {}
  Tensor forward(const Tensor& input, const Tensor& target) override;

 private:
  HuberLossOptions options_;
};

// functional::binary_cross_entropy, of probabilities.
class BCELoss : public Loss {
 public:
  explicit BCELoss(const BCELossOptions& options = {});
  Tensor forward(const Tensor& input, const Tensor& target) override;

 private:
  BCELossOptions options_;
};

// functional::binary_cross_entropy_with_logits.
class BCEWithLogitsLoss : public Loss {
 public:
  explicit BCEWithLogitsLoss(const BCEWithLogitsLossOptions& options = {});
  Tensor forward(const Tensor& input, const Tensor& target) override;

 private:
  BCEWithLogitsLossOptions options_;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_LOSS_H_
