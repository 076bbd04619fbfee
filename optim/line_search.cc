// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/line_search.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tessera::optim {
namespace {

// Two points between which a point that meets the conditions lies; `low` has the smaller loss.
struct Bracket {
  LinePoint low, high;
  double left() const { return std::min(low.t, high.t); }
  double right() const { return std::max(low.t, high.t); }
};

Bracket make_bracket(const LinePoint& a, const LinePoint& b) {
  return a.loss <= b.loss ? Bracket{a, b} : Bracket{b, a};
}

}  // namespace

double cubic_minimum(const LinePoint& a, const LinePoint& b,
                     std::optional<std::pair<double, double>> bounds) {
  const LinePoint& left = a.t <= b.t ? a : b;
  const LinePoint& right = a.t <= b.t ? b : a;
  const auto [low, high] = bounds.value_or(std::pair(left.t, right.t));
  const double d1 = left.slope + right.slope - 3 * (left.loss - right.loss) / (left.t - right.t);
  const double square = d1 * d1 - left.slope * right.slope;
  if (!(square >= 0)) return (low + high) / 2;
  const double d2 = std::sqrt(square);
  const double minimum = right.t - (right.t - left.t) * ((right.slope + d2 - d1) /
                                                         (right.slope - left.slope + 2 * d2));
  // Not clamp(): a minimum that is nan gives a bound, not nan.
  return std::min(std::max(low, minimum), high);
}

LineSearchResult strong_wolfe(const std::function<LinePoint(double t)>& evaluate,
                              const LinePoint& start, double t, const LineSearchOptions& options) {
  auto decreases = [&](const LinePoint& p) {
    return !(p.loss > start.loss + options.c1 * p.t * start.slope);
  };
  auto is_flat = [&](const LinePoint& p) { return std::abs(p.slope) <= -options.c2 * start.slope; };

  // Walk outward until two neighbours bracket a minimum.
  LinePoint previous = start;
  LinePoint now = evaluate(t);
  int iterations = 0;
  bool bracketed = false;
  for (; iterations < options.max_iterations; ++iterations) {
    if (!decreases(now) || (iterations > 1 && now.loss >= previous.loss)) {
      bracketed = true;
      break;
    }
    if (is_flat(now)) return {now, iterations + 1};
    if (now.slope >= 0) {
      bracketed = true;
      break;
    }
    const std::pair<double, double> bounds = {now.t + 0.01 * (now.t - previous.t), now.t * 10};
    const double next = cubic_minimum(previous, now, bounds);
    previous = std::move(now);
    now = evaluate(next);
  }
  if (!bracketed) return {make_bracket(start, now).low, iterations + 1};

  // Narrow the bracket.
  Bracket bracket = make_bracket(previous, now);
  bool slow = false;  // the last trial was close to an end of the bracket
  while (iterations < options.max_iterations) {
    const double left = bracket.left(), right = bracket.right();
    if ((right - left) * options.direction_norm < options.tolerance_change) break;
    double trial = cubic_minimum(bracket.low, bracket.high);
    const double margin = 0.1 * (right - left);
    if (std::min(right - trial, trial - left) < margin) {
      if (slow || trial >= right || trial <= left) {
        trial = std::abs(trial - right) < std::abs(trial - left) ? right - margin : left + margin;
        slow = false;
      } else {
        slow = true;
      }
    } else {
      slow = false;
    }

    LinePoint point = evaluate(trial);
    ++iterations;
    if (!decreases(point) || point.loss >= bracket.low.loss) {
      bracket = make_bracket(bracket.low, point);
      continue;
    }
    if (is_flat(point)) return {std::move(point), iterations + 1};
    // Keep the end towards which the loss falls.
    if (point.slope * (bracket.high.t - bracket.low.t) >= 0) bracket.high = bracket.low;
    bracket.low = std::move(point);
  }
  return {bracket.low, iterations + 1};
}

}  // namespace tessera::optim
