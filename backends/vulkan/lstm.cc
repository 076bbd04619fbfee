// SPDX-License-Identifier: Apache-2.0
//
// A dispatch for every step, which waits for the one before.
#include "tessera/backends/vulkan/lstm.h"

#include <cstring>

#include "tessera/backends/vulkan/lstm.spv.h"
#include "tessera/backends/vulkan/lstm_backward.spv.h"
#include "tessera/backends/vulkan/move.h"
#include "tessera/backends/vulkan/wide.h"

namespace tessera::vulkan {
namespace {

using plugin::compute_dtype;

// llvmpipe silently ends a shader's loops after 65535 rounds of all of them together.
constexpr int64_t kLargestState = 8192;

// ints: reverse, batch sizes...
template <uint32_t inputs, uint32_t outputs, uint32_t weight>
TsrStatus check(const TsrNode& node, TsrMessage* message) {
  if (node.n_inputs != inputs || node.n_outputs != outputs || node.n_ints < 2 ||
      node.n_doubles != 0) {
    return unsupported(node, "number of operands or attributes", message);
  }
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.inputs[weight]->dtype, wide = compute_dtype(dtype);
  bool known = plugin::is_floating(dtype);
  for (uint32_t i = 0; i < inputs; ++i) {
    // What comes from the forward pass may be in either.
    const bool either = i > weight && inputs == 7;
    known = known && (node.inputs[i]->dtype == dtype || (either && node.inputs[i]->dtype == wide));
  }
  for (uint32_t i = 0; i < outputs; ++i) {
    known = known && node.outputs[i]->dtype == (i < 3 ? dtype : wide);
  }
  if (!known) return unsupported(node, "combination of dtypes", message);
  if (node.inputs[weight]->shape[1] > kLargestState) {
    return unsupported(node, "size of the state", message);
  }
  return TSR_OK;
}

// A step's sequences, as lstm.glsl says.
struct Step {
  int32_t count, first, before, first_before, after;
};

// Calls f(Step) in the order of computing, or backwards.
template <class F>
void for_each_step(const TsrNode& node, bool backwards, F f) {
  const bool reverse = node.ints[0] != 0;
  const int64_t* const sizes = node.ints + 1;
  const int64_t steps = node.n_ints - 1;
  const bool ascending = reverse == backwards;
  int64_t rows = 0;
  for (int64_t t = 0; t < steps; ++t) rows += sizes[t];
  int64_t first = ascending ? 0 : rows;
  for (int64_t k = 0; k < steps; ++k) {
    const int64_t t = ascending ? k : steps - 1 - k;
    if (!ascending) first -= sizes[t];
    // Sizes do not grow: every sequence of a step is in the steps of lower numbers.
    const int64_t lower = t > 0 ? sizes[t] : 0, higher = t + 1 < steps ? sizes[t + 1] : 0;
    const int64_t first_before = reverse ? first + sizes[t] : first - (t > 0 ? sizes[t - 1] : 0);
    f(Step{static_cast<int32_t>(sizes[t]), static_cast<int32_t>(first),
           static_cast<int32_t>(reverse ? higher : lower), static_cast<int32_t>(first_before),
           static_cast<int32_t>(reverse ? lower : higher)});
    if (ascending) first += sizes[t];
  }
}

Groups groups_of(const Recorder& r, int32_t sequences, int32_t size) {
  const auto blocks = [](int32_t n) { return (static_cast<uint64_t>(n) + 15) / 16; };
  return r.groups_for(blocks(sequences) * blocks(size), 1);
}

// As lstm.comp declares it.
struct LstmPush {
  uint64_t gates, w, h0, c0, h, h_next, y, h_n, c_n, activated, cells;
  int32_t size;
  Step step;
};

// gates, w, h0, c0 -> y, h_n, c_n, activated, cells
void run_forward(Recorder& r, const TsrNode& node) {
  const TsrTensor& h0 = *node.inputs[2];
  const uint32_t dtype = h0.dtype;
  const uint64_t state_bytes = wide_size(dtype) * static_cast<uint64_t>(element_count(h0));
  LstmPush push = {};
  push.gates = dense_address(r, *node.inputs[0]);
  push.w = dense_address(r, *node.inputs[1]);
  push.h0 = dense_address(r, h0);
  push.c0 = dense_address(r, *node.inputs[3]);
  push.h = r.scratch(state_bytes);
  push.h_next = r.scratch(state_bytes);
  push.y = address_of(*node.outputs[0]);
  push.h_n = address_of(*node.outputs[1]);
  push.c_n = address_of(*node.outputs[2]);
  push.activated = address_of(*node.outputs[3]);
  push.cells = address_of(*node.outputs[4]);
  push.size = static_cast<int32_t>(h0.shape[1]);
  for_each_step(node, /*backwards=*/false, [&](const Step& step) {
    push.step = step;
    r.dispatch(shaders::lstm(dtype), {}, push, groups_of(r, step.count, push.size));
    r.barrier();
    std::swap(push.h, push.h_next);
  });
}

// As lstm_backward.comp declares them.
struct LstmBackwardPush {
  uint64_t arguments, d_next, d;
  Step step;
  int32_t finish;
};
struct LstmBackwardArguments {
  uint64_t gy, gh_n, gc_n, w, activated, cells, c0, gates, gh0, gc0, d_first, dc;
  int32_t size, activated_wide, cells_wide, c0_wide;
};

// gy, gh_n, gc_n, w, activated, cells, c0 -> gradients of gates, h0, c0
void run_backward(Recorder& r, const TsrNode& node) {
  const TsrTensor& gh_n = *node.inputs[1];
  const uint32_t dtype = gh_n.dtype, wide = compute_dtype(dtype);
  const uint64_t state_bytes = wide_size(dtype) * static_cast<uint64_t>(element_count(gh_n));
  const auto input = [&](int i) { return dense_address(r, *node.inputs[i]); };
  const auto is_wide = [&](int i) { return int32_t{node.inputs[i]->dtype == wide}; };
  const LstmBackwardArguments arguments = {
      .gy = input(0),
      .gh_n = input(1),
      .gc_n = input(2),
      .w = input(3),
      .activated = input(4),
      .cells = input(5),
      .c0 = input(6),
      .gates = address_of(*node.outputs[0]),
      .gh0 = address_of(*node.outputs[1]),
      .gc0 = address_of(*node.outputs[2]),
      .d_first = r.scratch(4 * state_bytes),
      .dc = r.scratch(state_bytes),
      .size = static_cast<int32_t>(gh_n.shape[1]),
      .activated_wide = is_wide(4),
      .cells_wide = is_wide(5),
      .c0_wide = is_wide(6),
  };
  const Slice slice = r.arguments(sizeof arguments);
  std::memcpy(slice.host, &arguments, sizeof arguments);
  LstmBackwardPush push = {
      slice.address, r.scratch(4 * state_bytes), r.scratch(4 * state_bytes), {}, 0};
  const auto dispatch = [&](const Step& step) {
    push.step = step;
    r.dispatch(shaders::lstm_backward(dtype), {}, push, groups_of(r, step.count, arguments.size));
    r.barrier();
    std::swap(push.d_next, push.d);
  };
  for_each_step(node, /*backwards=*/true, dispatch);
  const int32_t batch = static_cast<int32_t>(gh_n.shape[0]);
  push.d_next = arguments.d_first;
  push.finish = 1;
  dispatch({batch, 0, 0, 0, batch});
}

}  // namespace

std::span<const KernelEntry> lstm_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"lstm", make_kernel<check<4, 5, 0>, run_forward>()},
      {"lstm_backward", make_kernel<check<7, 3, 3>, run_backward>()},
  };
  return kKernels;
}

}  // namespace tessera::vulkan
