// SPDX-License-Identifier: Apache-2.0
//
// What math_test.cc and math64_test.cc share: errors in units in the last place of the exact
// result, which long doubles give, over bit patterns that are spread over all numbers, over the
// range where a function does most of its work, and at the edges.
#ifndef TESSERA_BACKENDS_VULKAN_MATH_CHECKS_H_
#define TESSERA_BACKENDS_VULKAN_MATH_CHECKS_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace tessera::vulkan {

using Exact = long double;

template <class T>
using BitsOf = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;

// |got - want| in units of the last place of want. Infinite where one alone is nan, or infinite.
template <class T>
double ulps(T got, Exact want) {
  using Limits = std::numeric_limits<T>;
  const double infinity = std::numeric_limits<double>::infinity();
  if (std::isnan(want) || std::isnan(got))
    return std::isnan(want) == std::isnan(got) ? 0 : infinity;
  if (got == static_cast<T>(want)) return 0;
  if (std::isinf(want)) return infinity;
  const int least = Limits::min_exponent - 1;
  const int exponent = want == 0 ? least : std::max(std::ilogb(want), least);
  // A result that overflowed stands for the power of two above the greatest number.
  const Exact end = std::ldexp(Exact(1), Limits::max_exponent);
  const Exact reached = std::isinf(got) ? (got > 0 ? end : -end) : Exact(got);
  const Exact unit = std::ldexp(Exact(1), exponent - (Limits::digits - 1));
  return static_cast<double>(std::fabs(reached - want) / unit);
}

template <class T>
std::vector<T> edges() {
  using Limits = std::numeric_limits<T>;
  const T whole = std::ldexp(T(1), Limits::digits);  // the numbers above are even
  return {0,
          1,
          T(0.5),
          2,
          3,
          100,
          T(1e-30),
          T(1e30),
          Limits::infinity(),
          Limits::quiet_NaN(),
          Limits::denorm_min(),
          Limits::min() / 100,
          Limits::min(),
          Limits::max(),
          whole,
          whole / 2 + 1,
          T(0.25),
          T(0.75),
          T(1.5),
          T(2.5),
          T(88.72283),
          T(89),
          T(103.9),
          T(709.8),
          T(745.2),
          T(1e6)};
}

template <class T>
struct Worst {
  double error = 0;
  T x = 0, y = 0;

  void see(double e, T at, T second = 0) {
    if (e > error) *this = {e, at, second};
  }
};

template <class T>
struct Unary {
  const char* name;
  T (*function)(T);
  Exact (*definition)(Exact);
  double low, high;  // where most of the work is
  double bound;      // units in the last place
};

template <class T>
void expect_within_bound(const Unary<T>& f) {
  Worst<T> worst;
  auto try_at = [&](T x) { worst.see(ulps(f.function(x), f.definition(x)), x); };
  const T infinity = std::numeric_limits<T>::infinity();
  for (T x : edges<T>()) {
    for (T v : {x, std::nextafter(x, -infinity), std::nextafter(x, infinity)}) {
      try_at(v);
      try_at(-v);
    }
  }
  constexpr int kSteps = 200000;
  using Bits = BitsOf<T>;
  for (int i = 0; i < kSteps; ++i) {
    const Bits bits = std::numeric_limits<Bits>::max() / kSteps * static_cast<Bits>(i);
    try_at(std::bit_cast<T>(static_cast<Bits>(bits + static_cast<Bits>(i) * 977)));
  }
  for (int i = 0; i <= kSteps; ++i) {
    try_at(static_cast<T>(f.low + (f.high - f.low) * i / kSteps));
  }
  EXPECT_LE(worst.error, f.bound) << f.name << " at " << std::hexfloat << worst.x
                                  << std::defaultfloat << " is " << f.function(worst.x)
                                  << ", should be " << static_cast<double>(f.definition(worst.x));
  testing::Test::RecordProperty(f.name, std::to_string(worst.error));
}

// Pairs of edges, and random ones for which powers are neither all 0 nor all infinite.
template <class T>
std::vector<std::pair<T, T>> pairs() {
  std::vector<std::pair<T, T>> all;
  for (T a : edges<T>()) {
    for (T b : edges<T>()) {
      for (T x : {a, -a}) all.insert(all.end(), {{x, b}, {x, -b}});
    }
  }
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> uniform(-1, 1);
  const double range = std::numeric_limits<T>::max_exponent;
  auto any = [&] { return std::bit_cast<T>(static_cast<BitsOf<T>>(random())); };
  for (int i = 0; i < 200000; ++i) {
    const double scale = std::exp2(30 * uniform(random));
    all.push_back({static_cast<T>(scale * uniform(random)),
                   static_cast<T>(uniform(random) * range / std::log2(scale))});
    all.push_back({static_cast<T>(5 * uniform(random)), static_cast<T>(5 * uniform(random))});
    all.push_back({any(), any()});
    const int whole = static_cast<int>(random() % 21) - 10;
    all.push_back({static_cast<T>(std::round(9 * uniform(random))), static_cast<T>(whole)});
  }
  return all;
}

template <class T, class F, class G>
void expect_pairs_within(double bound, F function, G definition) {
  Worst<T> worst;
  for (const auto& [a, b] : pairs<T>()) {
    worst.see(ulps<T>(function(a, b), definition(Exact(a), Exact(b))), a, b);
  }
  EXPECT_LE(worst.error, bound) << "at " << std::hexfloat << worst.x << ", " << worst.y
                                << std::defaultfloat << " is " << function(worst.x, worst.y)
                                << ", should be "
                                << static_cast<double>(definition(Exact(worst.x), Exact(worst.y)));
  testing::Test::RecordProperty("ulps", std::to_string(worst.error));
}

// A driver's division may be 2.5 units off: from there, one correction rounds to nearest.
template <class T, class Remainder>
void expect_corrected_quotients(Remainder remainder_of) {
  std::mt19937 random(4);
  std::uniform_real_distribution<T> uniform(1, 2);
  int different = 0;
  for (int i = 0; i < 200000; ++i) {
    const T b = uniform(random), whole = static_cast<T>(random() % 5000);
    const T a = i % 2 == 0 ? uniform(random) : b * whole;
    T q = a / b;
    const T goal = random() % 2 == 0 ? std::numeric_limits<T>::infinity() : 0;
    for (int k = random() % 3; k > 0; --k) q = std::nextafter(q, goal);
    const T better = q + remainder_of(a, q, b) / b;
    if (better != a / b) ++different;
    if (std::fmod(a, b) == 0) {
      ASSERT_EQ(better, a / b);
    }
    ASSERT_LE(ulps(better, Exact(a) / b), 0.501);
  }
  EXPECT_LT(different, 20);
}

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_MATH_CHECKS_H_
