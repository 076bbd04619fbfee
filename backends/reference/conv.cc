// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "tessera/backends/reference/kernel.h"

namespace tessera::reference {
namespace {

// One convolution: x (N, C, H, W), w (O, C / groups, kh, kw), y (N, O, oh, ow).
struct Convolution {
  int64_t stride[2], pad[2], dilation[2], groups;
  Index x, w, y;  // the shapes

  Convolution(const Call& call, const View& x_in, const View& w_in, const View& y_in)
      : stride{call.integer(0), call.integer(1)},
        pad{call.integer(2), call.integer(3)},
        dilation{call.integer(4), call.integer(5)},
        groups(call.integer(6)),
        x(x_in.shape()),
        w(w_in.shape()),
        y(y_in.shape()) {}

  // Calls f(place in x, place in w) for every product that adds to y[n, o, h, v].
  template <class F>
  void for_each_tap(int64_t n, int64_t o, int64_t h, int64_t v, F f) const {
    const int64_t first_channel = o / (w[0] / groups) * w[1];
    for (int64_t c = 0; c < w[1]; ++c) {
      for (int64_t i = 0; i < w[2]; ++i) {
        for (int64_t j = 0; j < w[3]; ++j) {
          const int64_t row = h * stride[0] - pad[0] + i * dilation[0];
          const int64_t column = v * stride[1] - pad[1] + j * dilation[1];
          if (row < 0 || row >= x[2] || column < 0 || column >= x[3]) continue;
          f(((n * x[1] + first_channel + c) * x[2] + row) * x[3] + column,
            ((o * w[1] + c) * w[2] + i) * w[3] + j);
        }
      }
    }
  }

  // Calls f(place in y, place in x, place in w) for every product of the convolution.
  template <class F>
  void for_each_product(F f) const {
    int64_t place = 0;
    for (int64_t n = 0; n < y[0]; ++n) {
      for (int64_t o = 0; o < y[1]; ++o) {
        for (int64_t h = 0; h < y[2]; ++h) {
          for (int64_t v = 0; v < y[3]; ++v) {
            for_each_tap(n, o, h, v, [&](int64_t ix, int64_t iw) { f(place, ix, iw); });
            ++place;
          }
        }
      }
    }
  }
};

Result conv2d(const Call& call) {
  View x = call.in(0), w = call.in(1), y = call.out(0);
  const std::vector<Real> xs = values_of<Real>(x), ws = values_of<Real>(w);
  std::vector<Real> ys(y.numel(), Real(0));
  if (call.n_inputs() == 3) {
    const std::vector<Real> bs = values_of<Real>(call.in(2));
    const int64_t plane = y.size(2) * y.size(3);
    for (int64_t i = 0; i < y.numel(); ++i) ys[i] = bs[i / plane % y.size(1)];
  }
  Convolution(call, x, w, y).for_each_product([&](int64_t iy, int64_t ix, int64_t iw) {
    ys[iy] = ys[iy] + xs[ix] * ws[iw];
  });
  store_values(y, ys);
  return {};
}

// Attributes: the 7 of conv2d, then kernel, strides, pads and dilations of the windows, ceil_mode.
Result conv2d_relu_max_pool2d(const Call& call) {
  View x = call.in(0), w = call.in(1), y = call.out(0), place = call.out(1);
  const std::vector<Real> xs = values_of<Real>(x), ws = values_of<Real>(w);
  const std::vector<Real> bs =
      call.n_inputs() == 3 ? values_of<Real>(call.in(2)) : std::vector<Real>();
  const Convolution conv(call, x, w, y);
  const int64_t* const pool = call.integers() + 7;
  int64_t size[2];  // of the convolution's output
  for (int d = 0; d < 2; ++d) {
    const int64_t reach = conv.dilation[d] * (w.size(2 + d) - 1) + 1;
    size[d] = (x.size(2 + d) + 2 * conv.pad[d] - reach) / conv.stride[d] + 1;
  }
  for_each_index(y.shape(), [&](const Index& i) {
    int64_t best = -1;  // all padding
    Real largest(-std::numeric_limits<double>::infinity());
    for_each_index({pool[0], pool[1]}, [&](const Index& k) {
      const int64_t h = i[2] * pool[2] - pool[4] + k[0] * pool[6];
      const int64_t v = i[3] * pool[3] - pool[5] + k[1] * pool[7];
      if (h < 0 || h >= size[0] || v < 0 || v >= size[1]) return;
      Real sum = bs.empty() ? Real(0) : bs[i[1]];
      conv.for_each_tap(i[0], i[1], h, v,
                        [&](int64_t ix, int64_t iw) { sum = sum + xs[ix] * ws[iw]; });
      if (sum <= Real(0)) sum = Real(0);
      if (best >= 0 && !(largest == largest && (sum != sum || sum > largest))) return;
      best = k[0] * pool[1] + k[1];
      largest = sum;
    });
    y.set(i, largest);
    place.set(i, Integer(largest <= Real(0) ? 255 : best));
  });
  return {};
}

Result conv2d_backward_input(const Call& call) {
  View g = call.in(0), w = call.in(1), gx = call.out(0);
  const std::vector<Real> gs = values_of<Real>(g), ws = values_of<Real>(w);
  std::vector<Real> sums(gx.numel(), Real(0));
  Convolution(call, gx, w, g).for_each_product([&](int64_t iy, int64_t ix, int64_t iw) {
    sums[ix] = sums[ix] + gs[iy] * ws[iw];
  });
  store_values(gx, sums);
  return {};
}

Result conv2d_backward_weight(const Call& call) {
  View g = call.in(0), x = call.in(1), gw = call.out(0);
  const std::vector<Real> gs = values_of<Real>(g), xs = values_of<Real>(x);
  std::vector<Real> sums(gw.numel(), Real(0));
  Convolution(call, x, gw, g).for_each_product([&](int64_t iy, int64_t ix, int64_t iw) {
    sums[iw] = sums[iw] + gs[iy] * xs[ix];
  });
  store_values(gw, sums);
  return {};
}

}  // namespace

Kernels conv_kernels() {
  return {{"conv2d", conv2d, 2, 3, 1, 7, 0},
          {"conv2d_backward_input", conv2d_backward_input, 2, 2, 1, 9, 0},
          {"conv2d_backward_weight", conv2d_backward_weight, 2, 2, 1, 9, 0},
          {"conv2d_relu_max_pool2d", conv2d_relu_max_pool2d, 2, 3, 2, 16, 0}};
}

}  // namespace tessera::reference
