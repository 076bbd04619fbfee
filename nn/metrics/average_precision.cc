// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/metrics/average_precision.h"

namespace tessera::nn {
namespace {

double area(const internal::ScoreGroups& groups) {
  double sum = 0, right = 0, predicted = 0;
  for (const internal::ScoreGroup& g : groups) {
    right += g.positives;
    predicted += g.positives + g.negatives;
    sum += g.positives * right / predicted;
  }
  return right == 0 ? 0 : sum / right;
}

}  // namespace

double AveragePrecision::compute() const { return scores_.average(area, options_.average); }

std::vector<double> AveragePrecision::compute_per_class() const { return scores_.per_class(area); }

}  // namespace tessera::nn
