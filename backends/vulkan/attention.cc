// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/attention.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "tessera/backends/vulkan/attention.spv.h"
#include "tessera/backends/vulkan/attention_backward.spv.h"
#include "tessera/backends/vulkan/move.h"
#include "tessera/backends/vulkan/row_dots.spv.h"
#include "tessera/backends/vulkan/rows.h"
#include "tessera/backends/vulkan/strided.h"
#include "tessera/backends/vulkan/wide.h"

namespace tessera::vulkan {
namespace {

// The inputs of a node; a mask and what only a gradient has may be null.
struct Inputs {
  const TsrTensor *q, *k, *v, *mask, *g;
};

Inputs forward_inputs(const TsrNode& node) {
  return {node.inputs[0], node.inputs[1], node.inputs[2],
          node.n_inputs > 3 ? node.inputs[3] : nullptr, nullptr};
}
// g, q, k, v, y, lse, [mask]
Inputs backward_inputs(const TsrNode& node) {
  return {node.inputs[1], node.inputs[2], node.inputs[3],
          node.n_inputs > 6 ? node.inputs[6] : nullptr, node.inputs[0]};
}

// `lse` is the number of the input with the statistics, `inputs` the number of those but a mask.
TsrStatus check_operands(const TsrNode& node, uint32_t inputs, uint32_t lse, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype, wide = plugin::compute_dtype(dtype);
  bool known = plugin::is_floating(dtype);
  for (uint32_t i = 0; i < inputs; ++i) {
    known = known && node.inputs[i]->dtype == (i == lse ? wide : dtype);
  }
  if (known && node.n_inputs > inputs) {
    const uint32_t mask = node.inputs[inputs]->dtype;
    known = mask == TSR_BOOL || mask == dtype || mask == TSR_FLOAT32;
  }
  return known ? TSR_OK : unsupported(node, "combination of dtypes", message);
}

TsrStatus check_forward(const TsrNode& node, TsrMessage* message) {
  const uint32_t inputs = node.n_inputs == 4 ? 4 : 3;
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, inputs, 2, 3, 2, message));
  return check_operands(node, 3, 3, message);
}

TsrStatus check_backward(const TsrNode& node, TsrMessage* message) {
  const uint32_t inputs = node.n_inputs == 7 ? 7 : 6;
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, inputs, 3, 3, 2, message));
  return check_operands(node, 6, 5, message);
}

// ---- Operands -----------------------------------------------------------------------------------

constexpr uint32_t kOperands = 5;  // q, k, v, mask, g

// As attention.glsl declares it.
struct Arguments {
  uint64_t q, k, v, mask, g, y, lse, dots, dq, dk, dv, seed, offset, scale, kept_scale;
  float dropout;
  int32_t queries, keys, features, value_features;
  int32_t q_row, k_row, v_row, g_row, mask_row, mask_column;
  int32_t batches, first_batch;
  int32_t causal, mask_kind;
  StridedDims<kOperands> dims;
};

// Bits of a WIDE of `dtype`, low word first.
uint64_t wide_bits(uint32_t dtype, double value) {
  uint64_t bits = 0;
  const float narrow = static_cast<float>(value);
  if (wide_size(dtype) == sizeof value) {
    std::memcpy(&bits, &value, sizeof value);
  } else {
    std::memcpy(&bits, &narrow, sizeof narrow);
  }
  return bits;
}

// A tensor (B.., rows, columns) whose columns stand next to each other: where it is, or a copy.
struct Operand {
  TsrTensor batch = {};  // the batch dims
  uint64_t address = 0;
  int32_t row = 0;
  int64_t strides[kMaxRank];

  void absent() { batch.flags = TSR_TENSOR_IMMEDIATE; }

  void in_place(const TsrTensor& x) {
    batch = x;
    batch.rank = x.rank - 2;
    address = address_of(x);
    row = static_cast<int32_t>(x.strides[x.rank - 2]);
  }

  void by_rows(Recorder& r, const TsrTensor& x) {
    in_place(x);
    if (x.strides[x.rank - 1] == 1 || x.shape[x.rank - 1] <= 1) return;
    address = dense_address(r, x);
    int64_t stride = 1;
    for (uint32_t d = x.rank; d-- > 0;) {
      strides[d] = stride;
      stride *= x.shape[d];
    }
    batch.strides = strides;
    row = static_cast<int32_t>(strides[x.rank - 2]);
  }
};

class Attention {
 public:
  Attention(Recorder& r, const TsrNode& node, const Inputs& inputs)
      : r_(r), dtype_(inputs.q->dtype), dropout_(node.doubles[1] > 0) {
    const uint32_t last = inputs.q->rank - 1;
    const double p = node.doubles[1];
    common.queries = static_cast<int32_t>(inputs.q->shape[last - 1]);
    common.keys = static_cast<int32_t>(inputs.k->shape[last - 1]);
    common.features = static_cast<int32_t>(inputs.q->shape[last]);
    common.value_features = static_cast<int32_t>(inputs.v->shape[last]);
    common.causal = node.ints[0] != 0;
    common.seed = static_cast<uint64_t>(node.ints[1]);
    common.offset = static_cast<uint64_t>(node.ints[2]);
    common.scale = wide_bits(dtype_, node.doubles[0]);
    common.kept_scale = wide_bits(dtype_, p < 1 ? 1 / (1 - p) : 0);
    // No draw is as great as 1.
    common.dropout = p < 1 ? static_cast<float>(p) : 1.0f;
    choose_tile(inputs.g != nullptr);
    check_rounds();

    q_.by_rows(r, *inputs.q);
    k_.by_rows(r, *inputs.k);
    v_.by_rows(r, *inputs.v);
    mask_.absent();
    g_.absent();
    if (inputs.g != nullptr) g_.by_rows(r, *inputs.g);
    if (inputs.mask != nullptr) {
      mask_.in_place(*inputs.mask);
      common.mask_row = mask_.row;
      common.mask_column = static_cast<int32_t>(inputs.mask->strides[last]);
      common.mask_kind = inputs.mask->dtype == TSR_BOOL ? 1 : inputs.mask->dtype == dtype_ ? 2 : 3;
      mask_size_ = plugin::item_size(inputs.mask->dtype);
    }
    common.q_row = q_.row;
    common.k_row = k_.row;
    common.v_row = v_.row;
    common.g_row = g_.row;
  }

  // Addresses that the pass needs are to be filled in before run().
  Arguments common = {};

  // One work group for every tile of `rows` and of `columns` of each batch.
  void run(const Shader& shader, int32_t rows, int32_t columns, uint32_t output) {
    const uint64_t size = plugin::item_size(dtype_);
    const uint64_t tile = 16 * each_;
    const auto tiles = [&](int32_t n) { return (static_cast<uint64_t>(n) + tile - 1) / tile; };
    uint32_t batch = 0;
    const StridedLoop<kOperands> loop(q_.batch,
                                      {&q_.batch, &k_.batch, &v_.batch, &mask_.batch, &g_.batch});
    loop.for_each_part([&](const StridedPart<kOperands>& part) {
      Arguments a = common;
      a.q = q_.address + part.offsets[0] * size;
      a.k = k_.address + part.offsets[1] * size;
      a.v = v_.address + part.offsets[2] * size;
      a.mask = mask_.address + part.offsets[3] * mask_size_;
      a.g = g_.address + part.offsets[4] * size;
      a.batches = static_cast<int32_t>(part.count);
      a.first_batch = static_cast<int32_t>(batch);
      a.dims = dims_of(part);
      batch += part.count;
      const Slice slice = r_.arguments(sizeof a);
      std::memcpy(slice.host, &a, sizeof a);
      const uint64_t groups = part.count * tiles(rows) * std::max<uint64_t>(tiles(columns), 1);
      r_.dispatch(shader, {kLoopDims, each_, dropout_, output}, slice.address,
                  r_.groups_for(groups, 1));
    });
  }

 private:
  // In as many dims as there can be, so that one pipeline serves for all.
  static StridedDims<kOperands> dims_of(const StridedPart<kOperands>& part) {
    StridedDims<kOperands> dims = part.dims;
    if (part.rank > 0) return dims;
    for (int32_t& size : dims.sizes) size = 1;
    dims.sizes[0] = static_cast<int32_t>(part.count);
    for (auto& strides : dims.strides) strides[0] = 1;
    return dims;
  }

  uint64_t shared_bytes() const {
    const uint64_t tile = 16 * each_;
    return (2 * 16 + tile) * (tile + 1) * wide_size(dtype_);
  }

  // Large tiles read operands less often; small ones waste less where there are few queries.
  void choose_tile(bool gradient) {
    const int32_t rows = std::max(common.queries, gradient ? common.keys : 0);
    each_ = rows > 32 ? 4 : rows > 16 ? 2 : 1;
    while (each_ > 1 &&
           shared_bytes() > r_.physical().properties.limits.maxComputeSharedMemorySize) {
      each_ /= 2;
    }
  }

  // llvmpipe ends a shader's loops after 65535 rounds of all of them together, without a word.
  void check_rounds() {
    if (r_.physical().properties.deviceType != VK_PHYSICAL_DEVICE_TYPE_CPU) return;
    constexpr uint64_t kMostRounds = 60000;
    const uint64_t rows = static_cast<uint64_t>(std::max(common.queries, common.keys));
    const uint64_t depth = static_cast<uint64_t>(common.features + common.value_features) + 32;
    const uint64_t tile = 16 * each_;
    const uint64_t rounds = (rows / tile + 1) * (depth + tile + 17 * each_ + 17);
    if (rounds * 17 / 16 > kMostRounds) {
      Recorder::check(fail(r_.message(), TSR_UNIMPLEMENTED,
                           "%s: %d queries and %d keys are too many for a CPU driver", r_.node().op,
                           common.queries, common.keys));
    }
  }

  Recorder& r_;
  uint32_t dtype_;
  uint32_t dropout_;
  uint64_t mask_size_ = 0;
  uint32_t each_ = 4;
  Operand q_, k_, v_, mask_, g_;
};

// ---- The passes ---------------------------------------------------------------------------------

// q, k, v, [mask] -> y, lse
void run_forward(Recorder& r, const TsrNode& node) {
  Attention attention(r, node, forward_inputs(node));
  attention.common.y = address_of(*node.outputs[0]);
  attention.common.lse = address_of(*node.outputs[1]);
  attention.run(shaders::attention(node.outputs[0]->dtype), attention.common.queries,
                attention.common.value_features, 0);
}

struct DotsPush {
  uint64_t a, b, dots;
  int32_t rows, size;
};

// g, q, k, v, y, lse, [mask] -> dq, dk, dv
void run_backward(Recorder& r, const TsrNode& node) {
  Attention attention(r, node, backward_inputs(node));
  Arguments& a = attention.common;
  const TsrTensor &g = *node.inputs[0], &lse = *node.inputs[5];
  const uint32_t dtype = g.dtype;
  const int64_t rows = element_count(lse);
  DotsPush push = {};
  push.a = dense_address(r, g);
  push.b = dense_address(r, *node.inputs[4]);
  push.dots = r.scratch(wide_size(dtype) * static_cast<uint64_t>(rows));
  push.rows = static_cast<int32_t>(rows);
  push.size = a.value_features;
  const RowGroups groups = groups_along(push.size);
  r.dispatch(shaders::row_dots(dtype), {groups.lanes, groups.across}, push,
             r.groups_for(static_cast<uint64_t>(rows), groups.rows()));
  r.barrier();
  a.lse = dense_address(r, lse);
  a.dots = push.dots;
  a.dq = address_of(*node.outputs[0]);
  a.dk = address_of(*node.outputs[1]);
  a.dv = address_of(*node.outputs[2]);
  const Shader& shader = shaders::attention_backward(dtype);
  attention.run(shader, a.queries, a.features, 0);
  attention.run(shader, a.keys, a.features, 1);
  attention.run(shader, a.keys, a.value_features, 2);
}

}  // namespace

std::span<const KernelEntry> attention_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"scaled_dot_product_attention", make_kernel<check_forward, run_forward>()},
      {"scaled_dot_product_attention_backward", make_kernel<check_backward, run_backward>()},
  };
  return kKernels;
}

}  // namespace tessera::vulkan
