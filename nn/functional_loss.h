// SPDX-License-Identifier: Apache-2.0
//
// Losses as functions (torch.nn.functional). nn/loss.h has them as modules.
//
//   Tensor loss = F::cross_entropy(logits, target, {.label_smoothing = 0.1});
//
// Reduction: nn::kMean (the default) and nn::kSum give a tensor of rank 0, nn::kNone one value per
// element or row. All are differentiable in the input, and in floating point targets.
#ifndef TESSERA_NN_FUNCTIONAL_LOSS_H_
#define TESSERA_NN_FUNCTIONAL_LOSS_H_

#include "tessera/nn/loss/classification.h"  // IWYU pragma: export
#include "tessera/nn/loss/ctc.h"             // IWYU pragma: export
#include "tessera/nn/loss/likelihood.h"      // IWYU pragma: export
#include "tessera/nn/loss/margin.h"          // IWYU pragma: export
#include "tessera/nn/loss/reduction.h"       // IWYU pragma: export
#include "tessera/nn/loss/regression.h"      // IWYU pragma: export
#include "tessera/nn/loss/triplet.h"         // IWYU pragma: export

#endif  // TESSERA_NN_FUNCTIONAL_LOSS_H_
