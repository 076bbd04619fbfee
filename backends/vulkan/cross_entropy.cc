// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/cross_entropy.h"

#include <algorithm>

#include "tessera/backends/vulkan/bce.spv.h"
#include "tessera/backends/vulkan/cross_entropy.spv.h"
#include "tessera/backends/vulkan/loss_sum.spv.h"
#include "tessera/backends/vulkan/move.h"
#include "tessera/backends/vulkan/rows.h"
#include "tessera/backends/vulkan/wide.h"

namespace tessera::vulkan {
namespace {

constexpr int64_t kMean = 1;
constexpr int64_t kSum = 2;
constexpr uint32_t kThreads = 256;
constexpr int64_t kPartElements = 4096;  // that a work group sums, if there are few groups
constexpr int64_t kMostParts = 1024;

bool known_reduction(const TsrNode& node) { return node.ints[0] >= kMean && node.ints[0] <= kSum; }

struct LossSumPush {
  uint64_t parts, y, target;
  int64_t ignored;
  uint32_t n, divisor;
};

// y = the sum of `n` parts over `divisor`, or over the targets that count.
void sum_loss(Recorder& r, const TsrTensor& y, LossSumPush push) {
  push.y = address_of(y);
  r.barrier();
  r.dispatch(shaders::loss_sum(y.dtype), {kThreads, 0}, push, {1, 1, 1});
}

// ---- cross_entropy: ints are reduction, ignore_index --------------------------------------------

struct CrossEntropyPush {
  uint64_t x, target, lse, losses, g, count, fault;
  int64_t ignored;
  uint32_t ticket;
  int32_t n, size, mean;
};

CrossEntropyPush push_for(Recorder& r, const TsrNode& node, const TsrTensor& x,
                          const TsrTensor& target) {
  CrossEntropyPush push = {};
  push.x = dense_address(r, x);
  push.target = dense_address(r, target);
  push.fault = r.fault_address();
  push.ticket = r.fault_ticket();
  push.ignored = node.ints[1];
  push.n = static_cast<int32_t>(x.shape[0]);
  push.size = static_cast<int32_t>(x.shape[1]);
  push.mean = node.ints[0] == kMean;
  return push;
}

TsrStatus check_cross_entropy(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 2, 2, 2, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype;
  if (!plugin::is_floating(dtype) || node.outputs[1]->dtype != dtype ||
      node.inputs[0]->dtype != dtype || node.inputs[1]->dtype != TSR_INT64 ||
      node.inputs[0]->rank != 2 || !known_reduction(node)) {
    return unsupported(node, "combination of dtypes, ranks and reduction", message);
  }
  const int64_t* shape = node.inputs[0]->shape;
  if (shape[0] > kLongestRow || shape[1] > kLongestRow) {
    return unsupported(node, "number of rows or classes", message);
  }
  return TSR_OK;
}

// x, target -> loss, lse
void run_cross_entropy(Recorder& r, const TsrNode& node) {
  const TsrTensor &x = *node.inputs[0], &loss = *node.outputs[0];
  CrossEntropyPush push = push_for(r, node, x, *node.inputs[1]);
  push.lse = address_of(*node.outputs[1]);
  push.losses = r.scratch(wide_size(x.dtype) * static_cast<uint64_t>(push.n));
  const RowGroups groups = groups_along(push.size);
  r.dispatch(shaders::cross_entropy_rows(x.dtype), {groups.lanes, groups.across}, push,
             r.groups_for(static_cast<uint64_t>(push.n), groups.rows()));
  sum_loss(r, loss,
           {.parts = push.losses,
            .y = 0,
            .target = push.mean != 0 ? push.target : 0,
            .ignored = push.ignored,
            .n = static_cast<uint32_t>(push.n),
            .divisor = 1});
}

TsrStatus check_cross_entropy_backward(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 4, 1, 2, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype;
  if (!plugin::is_floating(dtype) || node.inputs[0]->dtype != dtype ||
      node.inputs[1]->dtype != dtype || node.inputs[2]->dtype != TSR_INT64 ||
      node.inputs[3]->dtype != dtype || node.inputs[1]->rank != 2 || !known_reduction(node)) {
    return unsupported(node, "combination of dtypes, ranks and reduction", message);
  }
  if (node.inputs[1]->shape[0] > kLongestRow) return unsupported(node, "number of rows", message);
  return TSR_OK;
}

// g, x, target, lse -> gx
void run_cross_entropy_backward(Recorder& r, const TsrNode& node) {
  const TsrTensor& gx = *node.outputs[0];
  CrossEntropyPush push = push_for(r, node, *node.inputs[1], *node.inputs[2]);
  push.g = dense_address(r, *node.inputs[0]);
  push.lse = dense_address(r, *node.inputs[3]);
  push.losses = address_of(gx);
  push.count = r.scratch(sizeof(uint32_t));
  r.dispatch(shaders::cross_entropy_count(gx.dtype), {kThreads, 0}, push, {1, 1, 1});
  r.barrier();
  r.dispatch(shaders::cross_entropy_gradient(gx.dtype), {kThreads, 0}, push,
             r.groups_for(static_cast<uint64_t>(element_count(gx)), kThreads));
}

// ---- bce_with_logits: ints are reduction --------------------------------------------------------

struct BcePush {
  uint64_t x, y, g, parts;
  uint32_t n, threads, mean, padding;
};

template <uint32_t inputs>
TsrStatus check_bce(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, inputs, 1, 1, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype;
  bool known = plugin::is_floating(dtype) && known_reduction(node);
  for (uint32_t i = 0; i < inputs; ++i) known = known && node.inputs[i]->dtype == dtype;
  return known ? TSR_OK : unsupported(node, "combination of dtypes and reduction", message);
}

// x, y -> loss
void run_bce(Recorder& r, const TsrNode& node) {
  const TsrTensor &x = *node.inputs[0], &loss = *node.outputs[0];
  const int64_t n = element_count(x);
  const uint32_t parts = static_cast<uint32_t>(
      std::clamp<int64_t>((n + kPartElements - 1) / kPartElements, 1, kMostParts));
  BcePush push = {};
  push.x = dense_address(r, x);
  push.y = dense_address(r, *node.inputs[1]);
  push.parts = r.scratch(wide_size(x.dtype) * parts);
  push.n = static_cast<uint32_t>(n);
  push.threads = parts * kThreads;
  r.dispatch(shaders::bce(x.dtype), {kThreads, 0}, push, {parts, 1, 1});
  sum_loss(r, loss,
           {.parts = push.parts,
            .y = 0,
            .target = 0,
            .ignored = 0,
            .n = parts,
            .divisor = node.ints[0] == kMean ? push.n : 1});
}

// g, x, y -> gx
void run_bce_backward(Recorder& r, const TsrNode& node) {
  const TsrTensor& gx = *node.outputs[0];
  const int64_t n = element_count(gx);
  if (n == 0) return;
  BcePush push = {};
  push.g = dense_address(r, *node.inputs[0]);
  push.x = dense_address(r, *node.inputs[1]);
  push.y = dense_address(r, *node.inputs[2]);
  push.parts = address_of(gx);
  push.n = static_cast<uint32_t>(n);
  push.mean = node.ints[0] == kMean;
  r.dispatch(shaders::bce_backward(gx.dtype), {kThreads, 0}, push,
             r.groups_for(static_cast<uint64_t>(n), kThreads));
}

}  // namespace

std::span<const KernelEntry> cross_entropy_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"cross_entropy", make_kernel<check_cross_entropy, run_cross_entropy>()},
      {"cross_entropy_backward",
       make_kernel<check_cross_entropy_backward, run_cross_entropy_backward>()},
      {"bce_with_logits", make_kernel<check_bce<2>, run_bce>()},
      {"bce_with_logits_backward", make_kernel<check_bce<3>, run_bce_backward>()},
  };
  return kKernels;
}

}  // namespace tessera::vulkan
