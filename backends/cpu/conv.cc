// SPDX-License-Identifier: Apache-2.0
//
// The nodes of convolutions: which of the two ways takes them.
#include "tessera/backends/cpu/conv.h"

#include <algorithm>

#include "tessera/backends/cpu/conv_geometry.h"

namespace tessera::cpu {
namespace {

// The widest kernel that conv_direct.h's slack allows for.
constexpr int64_t kWidestPlain = 128;

ConvGeometry make_geometry(const TsrNode& node, const int64_t* x, const int64_t* weight,
                           const int64_t* y) {
  const int64_t* const a = node.ints;
  return {x[0], x[1], x[2], x[3], weight[0], weight[2], weight[3], y[2],
          y[3], a[0], a[1], a[2], a[3],      a[4],      a[5],      a[6]};
}

TsrStatus check_operands(const TsrNode& node, uint32_t inputs, uint32_t ints, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, inputs, 1, ints, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const TsrTensor& y = *node.outputs[0];
  bool known = is_floating(y.dtype) && y.rank == 4;
  for (uint32_t i = 0; i < inputs; ++i) {
    known = known && node.inputs[i]->dtype == y.dtype;
    known = known && node.inputs[i]->rank == (i == 2 ? 1 : 4);
  }
  return known ? TSR_OK : unsupported(node, "combination of dtypes and ranks", message);
}

TsrStatus check_forward(const TsrNode& node, TsrMessage* message) {
  return check_operands(node, node.n_inputs == 3 ? 3 : 2, 7, message);
}

TsrStatus check_backward(const TsrNode& node, TsrMessage* message) {
  return check_operands(node, 2, 9, message);
}

// Calls f(T()) with the type that the node is computed in.
template <class F>
TsrStatus with_type(const TsrNode& node, F f) {
  if (node.outputs[0]->dtype == TSR_FLOAT64) {
    f(double());
  } else {
    f(float());
  }
  return TSR_OK;
}

// x, w, [b] -> y
TsrStatus run_forward(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  if (element_count(*node.outputs[0]) == 0) return TSR_OK;
  Workspace work(stream, message);
  const ConvGeometry g =
      make_geometry(node, node.inputs[0]->shape, node.inputs[1]->shape, node.outputs[0]->shape);
  return with_type(node, [&]<class T>(T) {
    const T* x = work.dense<T>(*node.inputs[0]);
    const T* w = work.dense<T>(*node.inputs[1]);
    const T* b = node.n_inputs == 3 ? work.dense<T>(*node.inputs[2]) : nullptr;
    T* y = work.output<T>(*node.outputs[0]);
    if constexpr (std::is_same_v<T, float>) {
      if (g.plain() && !g.pointwise() && g.kw <= kWidestPlain) {
        conv_plain(stream, work, g, x, w, b, y);
        return work.finish();
      }
    }
    conv_general(stream, work, g, x, w, b, y);
    work.finish();
  });
}

// g, w -> gx
TsrStatus run_backward_input(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  if (element_count(*node.outputs[0]) == 0) return TSR_OK;
  Workspace work(stream, message);
  const ConvGeometry g =
      make_geometry(node, node.outputs[0]->shape, node.inputs[1]->shape, node.inputs[0]->shape);
  return with_type(node, [&]<class T>(T) {
    const T* gy = work.dense<T>(*node.inputs[0]);
    const T* w = work.dense<T>(*node.inputs[1]);
    T* gx = work.output<T>(*node.outputs[0]);
    if constexpr (std::is_same_v<T, float>) {
      if (g.plain() && !g.pointwise() && g.kw <= kWidestPlain && g.pad_h < g.kh && g.pad_w < g.kw &&
          g.oh > 0 && g.ow > 0) {
        conv_plain_backward_input(stream, work, g, gy, w, gx);
        return work.finish();
      }
    }
    conv_general_backward_input(stream, work, g, gy, w, gx);
    work.finish();
  });
}

// g, x -> gw
TsrStatus run_backward_weight(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  if (element_count(*node.outputs[0]) == 0) return TSR_OK;
  Workspace work(stream, message);
  const ConvGeometry g =
      make_geometry(node, node.inputs[1]->shape, node.outputs[0]->shape, node.inputs[0]->shape);
  return with_type(node, [&]<class T>(T) {
    const T* gy = work.dense<T>(*node.inputs[0]);
    const T* x = work.dense<T>(*node.inputs[1]);
    T* gw = work.output<T>(*node.outputs[0]);
    if constexpr (std::is_same_v<T, float>) {
      const bool plain = g.plain() && !g.pointwise() && g.n > 0;
      if (plain && conv_fills_lanes(g)) {
        conv_channels_backward_weight(stream, work, g, gy, x, gw);
        return work.finish();
      }
      if (plain && g.kw <= kWidestPlain) {
        conv_plain_backward_weight(stream, work, g, gy, x, gw);
        return work.finish();
      }
    }
    conv_general_backward_weight(stream, work, g, gy, x, gw);
    work.finish();
  });
}

// The geometry of a fused node: its convolution's output has no tensor.
ConvGeometry fused_geometry(const TsrNode& node) {
  const int64_t *const x = node.inputs[0]->shape, *const w = node.inputs[1]->shape;
  const int64_t* const a = node.ints;
  const int64_t y[] = {x[0], w[0], (x[2] + 2 * a[2] - a[4] * (w[2] - 1) - 1) / a[0] + 1,
                       (x[3] + 2 * a[3] - a[5] * (w[3] - 1) - 1) / a[1] + 1};
  return make_geometry(node, x, w, y);
}

// ints: the 7 of conv2d, the 9 of max_pool2d; 2x2 windows, two apart, after a plain convolution
TsrStatus check_relu_pool(const TsrNode& node, TsrMessage* message) {
  const uint32_t inputs = node.n_inputs == 3 ? 3 : 2;
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, inputs, 2, 16, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  bool known = node.outputs[0]->rank == 4 && node.outputs[0]->dtype == TSR_FLOAT32 &&
               node.outputs[1]->rank == 4 && node.outputs[1]->dtype == TSR_UINT8;
  for (uint32_t i = 0; i < inputs; ++i) {
    known = known && node.inputs[i]->dtype == TSR_FLOAT32;
    known = known && node.inputs[i]->rank == (i == 2 ? 1 : 4);
  }
  if (!known) return unsupported(node, "combination of dtypes and ranks", message);
  const ConvGeometry g = fused_geometry(node);
  if (!g.plain() || g.kw > kWidestPlain) return unsupported(node, "convolution", message);
  const int64_t* const pool = node.ints + 7;
  constexpr int64_t kHalves[] = {2, 2, 2, 2, 0, 0, 1, 1};
  const int64_t* const y = node.outputs[0]->shape;
  if (!std::equal(kHalves, kHalves + 8, pool) || y[2] != g.oh / 2 || y[3] != g.ow / 2) {
    return unsupported(node, "pooling", message);
  }
  return TSR_OK;
}

// x, w, [b] -> y, place
TsrStatus run_relu_pool(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  if (element_count(*node.outputs[0]) == 0) return TSR_OK;
  Workspace work(stream, message);
  const float* x = work.dense<float>(*node.inputs[0]);
  const float* w = work.dense<float>(*node.inputs[1]);
  const float* b = node.n_inputs == 3 ? work.dense<float>(*node.inputs[2]) : nullptr;
  conv_plain_relu_pool(stream, work, fused_geometry(node), x, w, b,
                       work.output<float>(*node.outputs[0]),
                       work.output<uint8_t>(*node.outputs[1]));
  work.finish();
  return TSR_OK;
}

constexpr KernelEntry kEntries[] = {
    {"conv2d", make_kernel<check_forward, run_forward>()},
    {"conv2d_backward_input", make_kernel<check_backward, run_backward_input>()},
    {"conv2d_backward_weight", make_kernel<check_backward, run_backward_weight>()},
    {"conv2d_relu_max_pool2d", make_kernel<check_relu_pool, run_relu_pool>()},
};

}  // namespace

std::span<const KernelEntry> conv_kernels() { return kEntries; }

}  // namespace tessera::cpu
