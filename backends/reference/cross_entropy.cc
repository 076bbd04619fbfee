// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "tessera/backends/reference/kernel.h"

namespace tessera::reference {
namespace {

constexpr int64_t kMean = 1;

double logsumexp_row(const View& x, int64_t row) {
  double largest = -std::numeric_limits<double>::infinity(), sum = 0;
  for (int64_t c = 0; c < x.size(1); ++c) largest = std::max(largest, x.get<Real>({row, c}).value);
  for (int64_t c = 0; c < x.size(1); ++c) sum += std::exp(x.get<Real>({row, c}).value - largest);
  return largest + std::log(sum);
}

Result check_target(const View& target, int64_t classes, int64_t ignore_index) {
  for (int64_t n = 0; n < target.size(0); ++n) {
    const int64_t c = target.get<Integer>({n}).value;
    if (c != ignore_index && (c < 0 || c >= classes)) {
      return {TSR_OUT_OF_RANGE, "cross_entropy: target " + std::to_string(c) + " is not in [0, " +
                                    std::to_string(classes) + ")"};
    }
  }
  return {};
}

// What the sum of rows is divided by.
double divisor(const View& target, int64_t reduction, int64_t ignore_index) {
  if (reduction != kMean) return 1;
  int64_t count = 0;
  for (int64_t n = 0; n < target.size(0); ++n) {
    count += target.get<Integer>({n}).value != ignore_index;
  }
  return static_cast<double>(count);
}

// x (N, C), target (N), loss (), lse (N)
Result cross_entropy(const Call& call) {
  View x = call.in(0), target = call.in(1), loss = call.out(0), lse = call.out(1);
  const int64_t reduction = call.integer(0), ignore_index = call.integer(1);
  if (Result r = check_target(target, x.size(1), ignore_index); r.code != TSR_OK) return r;
  double sum = 0;
  for (int64_t n = 0; n < x.size(0); ++n) {
    const double row = logsumexp_row(x, n);
    lse.set({n}, Real(row));
    const int64_t c = target.get<Integer>({n}).value;
    if (c != ignore_index) sum += row - x.get<Real>({n, c}).value;
  }
  loss.set({}, Real(sum / divisor(target, reduction, ignore_index)));
  return {};
}

// g (), x (N, C), target (N), lse (N), gx (N, C)
Result cross_entropy_backward(const Call& call) {
  View g = call.in(0), x = call.in(1), target = call.in(2), lse = call.in(3), gx = call.out(0);
  const int64_t reduction = call.integer(0), ignore_index = call.integer(1);
  if (Result r = check_target(target, x.size(1), ignore_index); r.code != TSR_OK) return r;
  const double scale = g.get<Real>({}).value / divisor(target, reduction, ignore_index);
  for_each_index(gx.shape(), [&](const Index& i) {
    const int64_t c = target.get<Integer>({i[0]}).value;
    const double p = std::exp(x.get<Real>(i).value - lse.get<Real>({i[0]}).value);
    gx.set(i, Real(c == ignore_index ? 0 : scale * (p - (c == i[1] ? 1 : 0))));
  });
  return {};
}

Result bce_with_logits(const Call& call) {
  View x = call.in(0), y = call.in(1), loss = call.out(0);
  double sum = 0;
  for_each_index(x.shape(), [&](const Index& i) {
    const double logit = x.get<Real>(i).value;
    sum += std::max(logit, 0.0) - logit * y.get<Real>(i).value +
           std::log1p(std::exp(-std::fabs(logit)));
  });
  loss.set({}, Real(call.integer(0) == kMean ? sum / static_cast<double>(x.numel()) : sum));
  return {};
}

Result bce_with_logits_backward(const Call& call) {
  View g = call.in(0), x = call.in(1), y = call.in(2), gx = call.out(0);
  const double scale =
      g.get<Real>({}).value / (call.integer(0) == kMean ? static_cast<double>(x.numel()) : 1);
  for_each_index(gx.shape(), [&](const Index& i) {
    const double p = 1 / (1 + std::exp(-x.get<Real>(i).value));
    gx.set(i, Real(scale * (p - y.get<Real>(i).value)));
  });
  return {};
}

}  // namespace

Kernels cross_entropy_kernels() {
  return {{"cross_entropy", cross_entropy, 2, 2, 2, 2, 0},
          {"cross_entropy_backward", cross_entropy_backward, 4, 4, 1, 2, 0},
          {"bce_with_logits", bce_with_logits, 2, 2, 1, 1, 0},
          {"bce_with_logits_backward", bce_with_logits_backward, 3, 3, 1, 1, 0}};
}

}  // namespace tessera::reference
