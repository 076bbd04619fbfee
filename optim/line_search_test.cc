// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/line_search.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"

namespace tessera::optim {
namespace {

LinePoint point(double t, double loss, double slope) {
  return {.t = t, .loss = loss, .slope = slope, .gradient = {}};
}

TEST(CubicMinimum, IsExactForCubics) {
  // f = (t - 2)^2 (t + 1), whose minimum is at 2.
  auto f = [](double t) {
    return point(t, (t - 2) * (t - 2) * (t + 1), 2 * (t - 2) * (t + 1) + (t - 2) * (t - 2));
  };
  EXPECT_NEAR(cubic_minimum(f(0.5), f(3)), 2, 1e-12);
  EXPECT_NEAR(cubic_minimum(f(3), f(0.5)), 2, 1e-12);
  EXPECT_EQ(cubic_minimum(f(0.5), f(3), std::pair(2.5, 2.75)), 2.5);
  EXPECT_EQ(cubic_minimum(f(0.5), f(3), std::pair(0.6, 1.5)), 1.5);
}

TEST(CubicMinimum, IsTheMiddleWithoutAMinimum) {
  // t^3 + t falls nowhere.
  auto f = [](double t) { return point(t, -(t * t * t + t), -(3 * t * t + 1)); };
  EXPECT_EQ(cubic_minimum(f(0), f(1)), 0.5);
}

struct Line {
  double (*f)(double);
  double (*slope)(double);
  int calls = 0;
  LinePoint operator()(double t) {
    ++calls;
    return point(t, f(t), slope(t));
  }
};

void expect_strong_wolfe(Line line, double first) {
  const LinePoint start = line(0);
  line.calls = 0;
  LineSearchResult found = strong_wolfe(std::ref(line), start, first);
  EXPECT_EQ(found.evaluations, line.calls);
  const LinePoint& p = found.point;
  EXPECT_LE(p.loss, start.loss + 1e-4 * p.t * start.slope) << first;
  EXPECT_LE(std::abs(p.slope), 0.9 * std::abs(start.slope)) << first;
  EXPECT_GT(p.t, 0);
}

TEST(StrongWolfe, HoldsFromFirstStepsOfAnySize) {
  for (double first : {1e-6, 1e-3, 0.1, 1.0, 10.0, 100.0}) {
    expect_strong_wolfe(
        {[](double t) { return (t - 1) * (t - 1); }, [](double t) { return 2 * (t - 1); }}, first);
    // A valley that flattens, and one with ripples.
    expect_strong_wolfe({[](double t) { return -t / (t * t + 2); },
                         [](double t) { return (t * t - 2) / ((t * t + 2) * (t * t + 2)); }},
                        first);
    expect_strong_wolfe({[](double t) { return (t - 3) * (t - 3) + std::sin(5 * t); },
                         [](double t) { return 2 * (t - 3) + 5 * std::cos(5 * t); }},
                        first);
  }
}

TEST(StrongWolfe, StopsWhereNothingIsFound) {
  // Falls for ever: no point is flat.
  Line line = {[](double t) { return -t; }, [](double) { return -1.0; }};
  const LinePoint start = line(0);
  line.calls = 0;
  LineSearchResult found = strong_wolfe(std::ref(line), start, 1, {.max_iterations = 7});
  EXPECT_EQ(found.evaluations, 8);
  EXPECT_EQ(line.calls, 8);
  EXPECT_GT(found.point.t, 1);
  // A loss that is not a number ends too.
  Line broken = {[](double) { return std::numeric_limits<double>::quiet_NaN(); },
                 [](double) { return std::numeric_limits<double>::quiet_NaN(); }};
  EXPECT_LE(strong_wolfe(std::ref(broken), point(0, 1, -1), 1).evaluations, 26);
}

}  // namespace
}  // namespace tessera::optim
