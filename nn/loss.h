// SPDX-License-Identifier: Apache-2.0
//
// Losses as modules, as torch.nn's. The functions with the contracts (shapes, dtypes, errors,
// sources) are in nn/loss/; each module keeps the options and calls its function.
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
// One of three tensors: anchor, positive and negative; two inputs and a target.
using LossOfThree = ModuleOf<Tensor(const Tensor&, const Tensor&, const Tensor&)>;

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

// functional::kl_div.
class KLDivLoss : public Loss {
 public:
  explicit KLDivLoss(const KLDivLossOptions& options = {}) : options_(options) {}
  Tensor forward(const Tensor& input, const Tensor& target) override;

 private:
  KLDivLossOptions options_;
};

// functional::poisson_nll_loss.
class PoissonNLLLoss : public Loss {
 public:
  explicit PoissonNLLLoss(const PoissonNLLLossOptions& options = {}) : options_(options) {}
  Tensor forward(const Tensor& input, const Tensor& target) override;

 private:
  PoissonNLLLossOptions options_;
};

// functional::gaussian_nll_loss.
class GaussianNLLLoss : public LossOfThree {
 public:
  explicit GaussianNLLLoss(const GaussianNLLLossOptions& options = {}) : options_(options) {}
  Tensor forward(const Tensor& input, const Tensor& target, const Tensor& var) override;

 private:
  GaussianNLLLossOptions options_;
};

// functional::margin_ranking_loss.
class MarginRankingLoss : public LossOfThree {
 public:
  explicit MarginRankingLoss(const MarginRankingLossOptions& options = {}) : options_(options) {}
  Tensor forward(const Tensor& input1, const Tensor& input2, const Tensor& target) override;

 private:
  MarginRankingLossOptions options_;
};

// functional::hinge_embedding_loss.
class HingeEmbeddingLoss : public Loss {
 public:
  explicit HingeEmbeddingLoss(const HingeEmbeddingLossOptions& options = {}) : options_(options) {}
  Tensor forward(const Tensor& input, const Tensor& target) override;

 private:
  HingeEmbeddingLossOptions options_;
};

// functional::cosine_embedding_loss.
class CosineEmbeddingLoss : public LossOfThree {
 public:
  explicit CosineEmbeddingLoss(const CosineEmbeddingLossOptions& options = {})
      : options_(options) {}
  Tensor forward(const Tensor& input1, const Tensor& input2, const Tensor& target) override;

 private:
  CosineEmbeddingLossOptions options_;
};

// functional::soft_margin_loss.
class SoftMarginLoss : public Loss {
 public:
  explicit SoftMarginLoss(const LossOptions& options = {}) : options_(options) {}
  Tensor forward(const Tensor& input, const Tensor& target) override;

 private:
  LossOptions options_;
};

// functional::multi_margin_loss. `weight` is a buffer.
class MultiMarginLoss : public Loss {
 public:
  explicit MultiMarginLoss(const MultiMarginLossOptions& options = {});
  Tensor forward(const Tensor& input, const Tensor& target) override;

 private:
  MultiMarginLossOptions options_;
};

// functional::multilabel_margin_loss.
class MultiLabelMarginLoss : public Loss {
 public:
  explicit MultiLabelMarginLoss(const LossOptions& options = {}) : options_(options) {}
  Tensor forward(const Tensor& input, const Tensor& target) override;

 private:
  LossOptions options_;
};

// functional::multilabel_soft_margin_loss. `weight` is a buffer.
class MultiLabelSoftMarginLoss : public Loss {
 public:
  explicit MultiLabelSoftMarginLoss(const MultiLabelSoftMarginLossOptions& options = {});
  Tensor forward(const Tensor& input, const Tensor& target) override;

 private:
  MultiLabelSoftMarginLossOptions options_;
};

// functional::triplet_margin_loss.
class TripletMarginLoss : public LossOfThree {
 public:
  explicit TripletMarginLoss(const TripletMarginLossOptions& options = {}) : options_(options) {}
  Tensor forward(const Tensor& anchor, const Tensor& positive, const Tensor& negative) override;

 private:
  TripletMarginLossOptions options_;
};

// functional::triplet_margin_with_distance_loss.
class TripletMarginWithDistanceLoss : public LossOfThree {
 public:
  explicit TripletMarginWithDistanceLoss(const TripletMarginWithDistanceLossOptions& options = {})
      : options_(options) {}
  Tensor forward(const Tensor& anchor, const Tensor& positive, const Tensor& negative) override;

 private:
  TripletMarginWithDistanceLossOptions options_;
};

// functional::ctc_loss.
class CTCLoss
    : public ModuleOf<Tensor(const Tensor&, const Tensor&, const Tensor&, const Tensor&)> {
 public:
  explicit CTCLoss(const CTCLossOptions& options = {}) : options_(options) {}
  Tensor forward(const Tensor& log_probs, const Tensor& targets, const Tensor& input_lengths,
                 const Tensor& target_lengths) override;

 private:
  CTCLossOptions options_;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_LOSS_H_
