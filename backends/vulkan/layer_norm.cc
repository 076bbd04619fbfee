// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/layer_norm.h"

#include <algorithm>

#include "tessera/backends/vulkan/layer_norm.spv.h"
#include "tessera/backends/vulkan/move.h"
#include "tessera/backends/vulkan/norm_sums.spv.h"
#include "tessera/backends/vulkan/rows.h"
#include "tessera/backends/vulkan/wide.h"

namespace tessera::vulkan {
namespace {

using plugin::compute_dtype;

// What a node's attributes say about its operands.
struct Form {
  bool has_weight, has_bias;
  uint32_t inputs, outputs;
};

// layer_norm: x, [w], [b] -> y, mean, rstd; rms_norm: x, [w] -> y, rstd
template <bool centred>
Form forward_form(const TsrNode& node) {
  const bool has_weight = node.ints[1] != 0, has_bias = centred && node.ints[2] != 0;
  return {has_weight, has_bias, 1u + has_weight + has_bias, 2u + centred};
}

// layer_norm: g, x, [w], mean, rstd -> gx, [gw, gb]; rms_norm: g, x, [w], rstd -> gx, [gw]
template <bool centred>
Form backward_form(const TsrNode& node) {
  const bool has_weight = node.ints[1] != 0, affine = node.ints[2] != 0;
  return {has_weight, false, 3u + has_weight + centred, affine ? 2u + centred : 1u};
}

struct Rows {
  int64_t count = 1, size = 1;

  Rows(const TsrTensor& x, int64_t dims) {
    for (uint32_t k = 0; k < x.rank; ++k) (k + dims < x.rank ? count : size) *= x.shape[k];
  }
};

// ints: dims, has_weight, and has_bias (of layer_norm) or affine (of gradients); doubles: eps
template <bool centred, bool gradient>
TsrStatus check(const TsrNode& node, TsrMessage* message) {
  const uint32_t ints = gradient || centred ? 3 : 2;
  if (node.n_ints != ints || node.n_doubles != (gradient ? 0 : 1)) {
    return unsupported(node, "number of attributes", message);
  }
  const Form form = gradient ? backward_form<centred>(node) : forward_form<centred>(node);
  if (node.n_inputs != form.inputs || node.n_outputs != form.outputs) {
    return unsupported(node, "number of operands", message);
  }
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype, wide = compute_dtype(dtype);
  const uint32_t operands = 1u + gradient + form.has_weight + form.has_bias;
  bool known = plugin::is_floating(dtype) && node.ints[0] <= node.outputs[0]->rank;
  for (uint32_t i = 0; i < form.inputs; ++i) {
    known = known && node.inputs[i]->dtype == (i < operands ? dtype : wide);
  }
  for (uint32_t i = 1; i < form.outputs; ++i) {
    known = known && node.outputs[i]->dtype == (gradient ? dtype : wide);
  }
  if (!known) return unsupported(node, "combination of dtypes", message);
  return Rows(*node.outputs[0], node.ints[0]).size <= kLongestRow
             ? TSR_OK
             : unsupported(node, "length of rows", message);
}

// As layer_norm.comp declares it.
struct NormPush {
  uint64_t x, weight, bias, mean, rstd, g, y, eps;
  int32_t rows, size;
};

template <bool centred>
void run_forward(Recorder& r, const TsrNode& node) {
  const TsrTensor& y = *node.outputs[0];
  const Form form = forward_form<centred>(node);
  const Rows rows(y, node.ints[0]);
  NormPush push = {};
  push.x = dense_address(r, *node.inputs[0]);
  if (form.has_weight) push.weight = dense_address(r, *node.inputs[1]);
  if (form.has_bias) push.bias = dense_address(r, *node.inputs[1 + form.has_weight]);
  push.y = address_of(y);
  if (centred) push.mean = address_of(*node.outputs[1]);
  push.rstd = address_of(*node.outputs[1 + centred]);
  push.eps = wide_argument(r, y.dtype, node.doubles[0]);
  push.rows = static_cast<int32_t>(rows.count);
  push.size = static_cast<int32_t>(rows.size);
  const RowGroups groups = groups_along(rows.size);
  const Shader& shader =
      centred ? shaders::layer_norm_centred(y.dtype) : shaders::layer_norm(y.dtype);
  r.dispatch(shader, {groups.lanes, groups.across}, push,
             r.groups_for(static_cast<uint64_t>(rows.count), groups.rows()));
}

// As norm_sums.comp declares it.
struct SumsPush {
  uint64_t g, x, mean, rstd, parts, gw, gb;
  int32_t rows, size, part_rows, count;
};

// The gradients of weight and bias, at addresses gw and gb.
void sum_over_rows(Recorder& r, uint32_t dtype, const NormPush& norm, uint64_t gw, uint64_t gb) {
  constexpr uint32_t kLanes = 8, kColumns = 256 / kLanes;
  constexpr int32_t kLeastRows = 256;  // of a part
  constexpr int32_t kMostParts = 16384;
  SumsPush push = {};
  push.g = norm.g;
  push.x = norm.x;
  push.mean = norm.mean;
  push.rstd = norm.rstd;
  push.gw = gw;
  push.gb = gb;
  push.rows = norm.rows;
  push.size = norm.size;
  push.part_rows = std::max(kLeastRows, (norm.rows + kMostParts - 1) / kMostParts);
  push.count = (norm.rows + push.part_rows - 1) / push.part_rows;
  push.parts = r.scratch(4 * wide_size(dtype) * static_cast<uint64_t>(push.count) *
                         static_cast<uint64_t>(push.size));
  const uint32_t columns = (static_cast<uint32_t>(push.size) + kColumns - 1) / kColumns;
  r.dispatch(shaders::norm_sums_parts(dtype), {kLanes, 1}, push,
             {columns, static_cast<uint32_t>(push.count), 1});
  r.barrier();
  r.dispatch(shaders::norm_sums_finish(dtype), {kLanes, 1}, push, {columns, 1, 1});
}

template <bool centred>
void run_backward(Recorder& r, const TsrNode& node) {
  const TsrTensor& gx = *node.outputs[0];
  const Form form = backward_form<centred>(node);
  const Rows rows(gx, node.ints[0]);
  const uint32_t statistics = 2u + form.has_weight;
  NormPush push = {};
  push.g = dense_address(r, *node.inputs[0]);
  push.x = dense_address(r, *node.inputs[1]);
  if (form.has_weight) push.weight = dense_address(r, *node.inputs[2]);
  if (centred) push.mean = dense_address(r, *node.inputs[statistics]);
  push.rstd = dense_address(r, *node.inputs[statistics + centred]);
  push.y = address_of(gx);
  push.rows = static_cast<int32_t>(rows.count);
  push.size = static_cast<int32_t>(rows.size);
  if (element_count(gx) > 0) {
    const RowGroups groups = groups_along(rows.size);
    const Shader& shader = centred ? shaders::layer_norm_centred_backward(gx.dtype)
                                   : shaders::layer_norm_backward(gx.dtype);
    r.dispatch(shader, {groups.lanes, groups.across}, push,
               r.groups_for(static_cast<uint64_t>(rows.count), groups.rows()));
  }
  if (node.n_outputs > 1) {
    sum_over_rows(r, gx.dtype, push, address_of(*node.outputs[1]),
                  centred ? address_of(*node.outputs[2]) : 0);
  }
}

}  // namespace

std::span<const KernelEntry> layer_norm_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"layer_norm", make_kernel<check<true, false>, run_forward<true>>()},
      {"layer_norm_backward", make_kernel<check<true, true>, run_backward<true>>()},
      {"rms_norm", make_kernel<check<false, false>, run_forward<false>>()},
      {"rms_norm_backward", make_kernel<check<false, true>, run_backward<false>>()},
  };
  return kKernels;
}

}  // namespace tessera::vulkan
