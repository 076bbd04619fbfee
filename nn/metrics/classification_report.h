// SPDX-License-Identifier: Apache-2.0
//
// The table that sklearn.metrics.classification_report prints, character for character.
//
//                 precision    recall  f1-score   support
//
//            cat       0.67      0.67      0.67         3
//            dog       0.50      1.00      0.67         2
//
//       accuracy                           0.80         5
//      macro avg       0.58      0.83      0.67         5
//   weighted avg       0.60      0.80      0.67         5
#ifndef TESSERA_NN_METRICS_CLASSIFICATION_REPORT_H_
#define TESSERA_NN_METRICS_CLASSIFICATION_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tessera/nn/metrics/confusion_matrix.h"

namespace tessera::nn {

struct ClassificationReportOptions {
  std::vector<int64_t> labels =
      {};          // rows, in this order; none: classes among targets or predictions
  int digits = 2;  // after the decimal point
  double zero_division = 0;
};

// Classes have the confusion matrix's names. Where `labels` leaves out a class that was seen, the
// row "accuracy" gives way to "micro avg". (Not followed: where no prediction at all is right,
// scikit-learn prints the support with a decimal, 41.0.)
//   errors: throws kInvalidArgument for negative digits, a label named twice, a zero_division other
//           than 0, 1, nan; kOutOfRange for a label that is no class
std::string classification_report(const ConfusionMatrix& confusion,
                                  const ClassificationReportOptions& options = {});

}  // namespace tessera::nn

#endif  // TESSERA_NN_METRICS_CLASSIFICATION_REPORT_H_
