// SPDX-License-Identifier: Apache-2.0
//
// The nodes of convolutions: which of the two ways takes them.
#include "tessera/backends/cpu/conv.h"

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
      if (g.plain() && !g.pointwise() && g.kw <= kWidestPlain && g.n > 0) {
        conv_plain_backward_weight(stream, work, g, gy, x, gw);
        return work.finish();
      }
    }
    conv_general_backward_weight(stream, work, g, gy, x, gw);
    work.finish();
  });
}

constexpr KernelEntry kEntries[] = {
    {"conv2d", make_kernel<check_forward, run_forward>()},
    {"conv2d_backward_input", make_kernel<check_backward, run_backward_input>()},
    {"conv2d_backward_weight", make_kernel<check_backward, run_backward_weight>()},
};

}  // namespace

std::span<const KernelEntry> conv_kernels() { return kEntries; }

}  // namespace tessera::cpu
