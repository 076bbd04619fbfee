// SPDX-License-Identifier: Apache-2.0
//
// A line search for the strong Wolfe conditions.
#ifndef TESSERA_OPTIM_LINE_SEARCH_H_
#define TESSERA_OPTIM_LINE_SEARCH_H_

#include <functional>
#include <optional>

#include "tessera/tensor/tensor.h"

namespace tessera::optim {

// The objective at `t` along a direction.
struct LinePoint {
  double t = 0;
  double loss = 0;
  double slope = 0;  // the gradient's dot product with the direction
  Tensor gradient;   // handed through; the search reads only the numbers
};

struct LineSearchOptions {
  double c1 = 1e-4;  // sufficient decrease: loss(t) <= loss(0) + c1 t slope(0)
  double c2 = 0.9;   // curvature: |slope(t)| <= c2 |slope(0)|
  // Stops when the bracket times `direction_norm` is smaller.
  double tolerance_change = 1e-9;
  double direction_norm = 1;  // largest absolute element of the direction
  int max_iterations = 25;
};

struct LineSearchResult {
  LinePoint point;
  int evaluations = 0;
};

// Looks for a point that meets both conditions, first at `t`; answers the best point of the bracket
// where it finds none.
//   source: Nocedal and Wright, Numerical Optimization, algorithms 3.5 and 3.6, with the step
//   bounds
//           and the rule against slow progress of minFunc (M. Schmidt), as PyTorch has them
LineSearchResult strong_wolfe(const std::function<LinePoint(double t)>& evaluate,
                              const LinePoint& start, double t,
                              const LineSearchOptions& options = {});

// The minimum within [low, high] of the cubic with the loss and slope of both points; the middle if
// the cubic has none. Bounds: those of the points if not given.
double cubic_minimum(const LinePoint& a, const LinePoint& b,
                     std::optional<std::pair<double, double>> bounds = std::nullopt);

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_LINE_SEARCH_H_
