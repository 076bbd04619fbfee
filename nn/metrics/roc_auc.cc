// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/metrics/roc_auc.h"

#include <limits>

namespace tessera::nn {
namespace {

double area(const internal::ScoreGroups& groups) {
  double twice_area = 0;  // in (positive, negative) pairs
  double positives = 0, negatives = 0;
  for (const internal::ScoreGroup& g : groups) {
    twice_area += g.negatives * (2 * positives + g.positives);
    positives += g.positives;
    negatives += g.negatives;
  }
  if (positives == 0 || negatives == 0) return std::numeric_limits<double>::quiet_NaN();
  return twice_area / (2 * positives * negatives);
}

}  // namespace

double AUROC::compute() const { return scores_.average(area, options_.average); }

std::vector<double> AUROC::compute_per_class() const { return scores_.per_class(area); }

}  // namespace tessera::nn
