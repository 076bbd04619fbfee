// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/reference/kernel.h"

namespace tessera::reference {
namespace {

// The geometry of one convolution: x (N, C, H, W), w (O, C / groups, kh, kw), y (N, O, oh, ow).
struct Geometry {
  int64_t stride[2], pad[2], dilation[2], groups;

  explicit Geometry(const Call& call)
      : stride{call.integer(0), call.integer(1)},
        pad{call.integer(2), call.integer(3)},
        dilation{call.integer(4), call.integer(5)},
        groups(call.integer(6)) {}

  // Calls f(index of y, index of x, index of w) for every product of the convolution.
  template <class F>
  void for_each_product(const Index& x, const Index& w, const Index& y, F f) const {
    const int64_t outputs_per_group = w[0] / groups;
    for_each_index(y, [&](const Index& i) {
      const int64_t first_channel = i[1] / outputs_per_group * w[1];
      for_each_index({w[1], w[2], w[3]}, [&](const Index& k) {
        const int64_t h = i[2] * stride[0] - pad[0] + k[1] * dilation[0];
        const int64_t v = i[3] * stride[1] - pad[1] + k[2] * dilation[1];
        if (h < 0 || h >= x[2] || v < 0 || v >= x[3]) return;
        f(i, Index{i[0], first_channel + k[0], h, v}, Index{i[1], k[0], k[1], k[2]});
      });
    });
  }
};

// Writes `sums`, which are in row-major order.
void store(const View& y, const std::vector<Real>& sums) {
  for_each_index(y.shape(), [&](const Index& i) { y.set(i, sums[flat(y.shape(), i)]); });
}

void add(std::vector<Real>& sums, const Index& shape, const Index& i, Real value) {
  Real& sum = sums[flat(shape, i)];
  sum = sum + value;
}

Result conv2d(const Call& call) {
  View x = call.in(0), w = call.in(1), y = call.out(0);
  std::vector<Real> sums(y.numel(), Real(0));
  if (call.n_inputs() == 3) {
    View b = call.in(2);
    for_each_index(y.shape(),
                   [&](const Index& i) { add(sums, y.shape(), i, b.get<Real>({i[1]})); });
  }
  Geometry(call).for_each_product(x.shape(), w.shape(), y.shape(),
                                  [&](const Index& iy, const Index& ix, const Index& iw) {
                                    add(sums, y.shape(), iy, x.get<Real>(ix) * w.get<Real>(iw));
                                  });
  store(y, sums);
  return {};
}

Result conv2d_backward_input(const Call& call) {
  View g = call.in(0), w = call.in(1), gx = call.out(0);
  std::vector<Real> sums(gx.numel(), Real(0));
  Geometry(call).for_each_product(gx.shape(), w.shape(), g.shape(),
                                  [&](const Index& iy, const Index& ix, const Index& iw) {
                                    add(sums, gx.shape(), ix, g.get<Real>(iy) * w.get<Real>(iw));
                                  });
  store(gx, sums);
  return {};
}

Result conv2d_backward_weight(const Call& call) {
  View g = call.in(0), x = call.in(1), gw = call.out(0);
  std::vector<Real> sums(gw.numel(), Real(0));
  Geometry(call).for_each_product(x.shape(), gw.shape(), g.shape(),
                                  [&](const Index& iy, const Index& ix, const Index& iw) {
                                    add(sums, gw.shape(), iw, g.get<Real>(iy) * x.get<Real>(ix));
                                  });
  store(gw, sums);
  return {};
}

}  // namespace

Kernels conv_kernels() {
  return {{"conv2d", conv2d, 2, 3, 1, 7, 0},
          {"conv2d_backward_input", conv2d_backward_input, 2, 2, 1, 9, 0},
          {"conv2d_backward_weight", conv2d_backward_weight, 2, 2, 1, 9, 0}};
}

}  // namespace tessera::reference
