// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "tessera/backends/reference/kernel.h"

namespace tessera::reference {
namespace {

// The place of the first maximum of the window of output (n, c, oh, ow), a nan being greater than
// any number; empty if the window is all padding. Attributes: kh, kw, strides, pads, dilations, ...
Index window_maximum(const Call& call, const View& x, const Index& output) {
  Index best;
  for_each_index({call.integer(0), call.integer(1)}, [&](const Index& k) {
    const int64_t h = output[2] * call.integer(2) - call.integer(4) + k[0] * call.integer(6);
    const int64_t w = output[3] * call.integer(3) - call.integer(5) + k[1] * call.integer(7);
    if (h < 0 || h >= x.size(2) || w < 0 || w >= x.size(3)) return;
    const Index i = {output[0], output[1], h, w};
    if (best.empty()) {
      best = i;
      return;
    }
    const Real value = x.get<Real>(i), old = x.get<Real>(best);
    if (old == old && (value != value || value > old)) best = i;
  });
  return best;
}

Result max_pool2d(const Call& call) {
  View x = call.in(0), y = call.out(0);
  for_each_index(y.shape(), [&](const Index& i) {
    const Index from = window_maximum(call, x, i);
    y.set(i, from.empty() ? Real(-std::numeric_limits<double>::infinity()) : x.get<Real>(from));
  });
  return {};
}

Result max_pool2d_backward(const Call& call) {
  View g = call.in(0), x = call.in(1), gx = call.out(0);
  std::vector<Real> sums(gx.numel(), Real(0));
  for_each_index(g.shape(), [&](const Index& i) {
    const Index to = window_maximum(call, x, i);
    if (to.empty()) return;
    Real& sum = sums[flat(gx.shape(), to)];
    sum = sum + g.get<Real>(i);
  });
  store_values(gx, sums);
  return {};
}

// Attributes: those of max_pool2d, H, W. A place is a window's element; behind the last it is none.
Result relu_max_pool2d_backward(const Call& call) {
  View g = call.in(0), place = call.in(1), gx = call.out(0);
  std::vector<Real> sums(gx.numel(), Real(0));
  for_each_index(g.shape(), [&](const Index& i) {
    const int64_t at = place.get<Integer>(i).value;
    if (at >= call.integer(0) * call.integer(1)) return;
    const int64_t row = at / call.integer(1), column = at % call.integer(1);
    const int64_t h = i[2] * call.integer(2) - call.integer(4) + row * call.integer(6);
    const int64_t w = i[3] * call.integer(3) - call.integer(5) + column * call.integer(7);
    if (h < 0 || h >= gx.size(2) || w < 0 || w >= gx.size(3)) return;
    Real& sum = sums[flat(gx.shape(), {i[0], i[1], h, w})];
    sum = sum + g.get<Real>(i);
  });
  store_values(gx, sums);
  return {};
}

// Attributes: kh, kw, strides, pads, ceil_mode, count_include_pad, divisor_override.
Result avg_pool2d(const Call& call) {
  View x = call.in(0), y = call.out(0);
  const bool count_include_pad = call.integer(7) != 0;
  const int64_t divisor_override = call.integer(8);
  for_each_index(y.shape(), [&](const Index& i) {
    Real sum(0);
    int64_t inside = 0, inside_padded = 0;  // elements of the window that are in x, in padded x
    for_each_index({call.integer(0), call.integer(1)}, [&](const Index& k) {
      const int64_t h = i[2] * call.integer(2) - call.integer(4) + k[0];
      const int64_t w = i[3] * call.integer(3) - call.integer(5) + k[1];
      if (h >= x.size(2) + call.integer(4) || w >= x.size(3) + call.integer(5)) return;
      ++inside_padded;
      if (h < 0 || h >= x.size(2) || w < 0 || w >= x.size(3)) return;
      ++inside;
      sum = sum + x.get<Real>({i[0], i[1], h, w});
    });
    const int64_t divisor = divisor_override != 0 ? divisor_override
                            : count_include_pad   ? inside_padded
                                                  : inside;
    y.set(i, inside == 0 ? Real(0) : sum / Real(divisor));
  });
  return {};
}

}  // namespace

Kernels pool_kernels() {
  return {{"max_pool2d", max_pool2d, 1, 1, 1, 9, 0},
          {"max_pool2d_backward", max_pool2d_backward, 2, 2, 1, 9, 0},
          {"relu_max_pool2d_backward", relu_max_pool2d_backward, 2, 2, 1, 11, 0},
          {"avg_pool2d", avg_pool2d, 1, 1, 1, 9, 0}};
}

}  // namespace tessera::reference
