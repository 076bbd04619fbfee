// SPDX-License-Identifier: Apache-2.0
//
// Metrics, gathered batch by batch; numbers are scikit-learn's.
//
//   nn::Accuracy accuracy;
//   nn::ConfusionMatrix confusion(10);
//   for (auto& [x, y] : loader) {
//     Tensor scores = model(x);
//     accuracy.update(scores, y);
//     confusion.update(scores, y);
//   }
//   std::cout << accuracy.compute() << '\n' << nn::classification_report(confusion);
//
// All have:
//   update(predictions, targets, sample_weight = {})
//                                 adds a batch, of which each sample weighs 1 where no weights are
//                                 given. Launches work on the tensors' device and does not wait for
//                                 it
//   compute()                     the metric of all batches so far. Waits for the device
//   merge(other)                  adds the batches that another has seen, perhaps on another device
//   reset()                       forgets all batches
// A metric of no samples is nan. Weights are of any floating point or integer dtype; they count in
// float32, or in float64 if they are of that. Nothing here is remembered for gradients. One thread
// at a time.
#ifndef TESSERA_NN_METRICS_METRICS_H_
#define TESSERA_NN_METRICS_METRICS_H_

#include "tessera/nn/metrics/accuracy.h"               // IWYU pragma: export
#include "tessera/nn/metrics/average.h"                // IWYU pragma: export
#include "tessera/nn/metrics/average_precision.h"      // IWYU pragma: export
#include "tessera/nn/metrics/classification_report.h"  // IWYU pragma: export
#include "tessera/nn/metrics/confusion_matrix.h"       // IWYU pragma: export
#include "tessera/nn/metrics/curves.h"                 // IWYU pragma: export
#include "tessera/nn/metrics/log_loss.h"               // IWYU pragma: export
#include "tessera/nn/metrics/precision_recall.h"       // IWYU pragma: export
#include "tessera/nn/metrics/regression.h"             // IWYU pragma: export
#include "tessera/nn/metrics/roc_auc.h"                // IWYU pragma: export

#endif  // TESSERA_NN_METRICS_METRICS_H_
