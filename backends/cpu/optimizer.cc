// SPDX-License-Identifier: Apache-2.0
//
// Steps over many tensors at once. Tensors are cut into chunks, which threads share; small tensors
// cost no more than their elements.
#include "tessera/backends/cpu/optimizer.h"

#include <algorithm>
#include <cmath>

#include "tessera/backends/cpu/optimizer_rows.h"
#include "tessera/backends/cpu/workspace.h"

namespace tessera::cpu {
namespace {

constexpr int64_t kChunk = 16 << 10;  // elements that are worth a thread
constexpr int kMaxRoles = 5;          // p, g and up to three of state

// A node's operands by role: inputs p, g, state...; outputs p, state...
struct Roles {
  uint32_t n;
  uint32_t inputs, outputs;  // tensors for each parameter

  const TsrTensor& input(const TsrNode& node, uint32_t role, uint32_t i) const {
    return *node.inputs[role * n + i];
  }
  const TsrTensor& output(const TsrNode& node, uint32_t role, uint32_t i) const {
    return *node.outputs[role * n + i];
  }
};

TsrStatus check_roles(const TsrNode& node, const Roles& roles, TsrMessage* message) {
  if (node.n_inputs != roles.inputs * roles.n || node.n_outputs != roles.outputs * roles.n) {
    return unsupported(node, "number of operands", message);
  }
  TESSERA_CPU_RETURN_IF_ERROR(check_tensors(node, message));
  for (uint32_t i = 0; i < roles.n; ++i) {
    const uint32_t dtype = roles.output(node, 0, i).dtype;
    bool known = is_floating(dtype);
    for (uint32_t r = 0; r < roles.inputs; ++r) {
      known = known && roles.input(node, r, i).dtype == dtype;
    }
    for (uint32_t r = 0; r < roles.outputs; ++r) {
      known = known && roles.output(node, r, i).dtype == dtype;
    }
    if (!known) return unsupported(node, "combination of dtypes", message);
  }
  return TSR_OK;
}

// Calls update(n, inputs, outputs) on contiguous pieces of all tensors.
template <class T, class Update>
void update_tensor(TsrStream* stream, const TsrNode& node, const Roles& roles, uint32_t i,
                   Update update, TsrMessage* message) {
  Workspace work(stream, message);
  const T* in[kMaxRoles];
  T* out[kMaxRoles];
  for (uint32_t r = 0; r < roles.inputs; ++r) in[r] = work.dense<T>(roles.input(node, r, i));
  for (uint32_t r = 0; r < roles.outputs; ++r) out[r] = work.output<T>(roles.output(node, r, i));
  pool_of(stream).ranges(element_count(roles.output(node, 0, i)), kChunk,
                         [&](size_t begin, size_t end) {
                           const T* from[kMaxRoles];
                           T* to[kMaxRoles];
                           for (uint32_t r = 0; r < roles.inputs; ++r) from[r] = in[r] + begin;
                           for (uint32_t r = 0; r < roles.outputs; ++r) to[r] = out[r] + begin;
                           update(static_cast<int64_t>(end - begin), from, to);
                         });
  work.finish();
}

template <class Update>
void update_tensors(TsrStream* stream, const TsrNode& node, const Roles& roles, Update update,
                    TsrMessage* message) {
  for (uint32_t i = 0; i < roles.n; ++i) {
    if (roles.output(node, 0, i).dtype == TSR_FLOAT64) {
      update_tensor<double>(stream, node, roles, i, update, message);
    } else {
      update_tensor<float>(stream, node, roles, i, update, message);
    }
  }
}

Roles sgd_roles(const TsrNode& node) {
  const uint32_t state = node.ints[1] != 0 ? 1 : 0;
  return {static_cast<uint32_t>(node.ints[0]), 2 + state, 1 + state};
}

// ints: n, has_momentum, nesterov, maximize, first; doubles: lr, momentum, dampening, weight_decay
TsrStatus check_sgd(const TsrNode& node, TsrMessage* message) {
  if (node.n_ints != 5 || node.n_doubles != 4) {
    return unsupported(node, "number of attributes", message);
  }
  return check_roles(node, sgd_roles(node), message);
}

TsrStatus run_sgd(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  const SgdStep step = {node.ints[1] != 0, node.ints[2] != 0, node.ints[3] != 0, node.ints[4] != 0,
                        node.doubles[0],   node.doubles[1],   node.doubles[2],   node.doubles[3]};
  const auto update = [&]<class T>(int64_t n, const T* const* in, T* const* out) {
    optimizer_rows(T()).sgd(step, n, in[0], in[1], step.has_momentum ? in[2] : nullptr, out[0],
                            step.has_momentum ? out[1] : nullptr);
  };
  update_tensors(stream, node, sgd_roles(node), update, message);
  return TSR_OK;
}

Roles adam_roles(const TsrNode& node) {
  const uint32_t state = node.ints[1] != 0 ? 3 : 2;
  return {static_cast<uint32_t>(node.ints[0]), 2 + state, 1 + state};
}

// ints: n, amsgrad, decoupled, maximize, step; doubles: lr, beta1, beta2, eps, weight_decay
TsrStatus check_adam(const TsrNode& node, TsrMessage* message) {
  if (node.n_ints != 5 || node.n_doubles != 5) {
    return unsupported(node, "number of attributes", message);
  }
  return check_roles(node, adam_roles(node), message);
}

TsrStatus run_adam(TsrStream* stream, const TsrNode& node, TsrMessage* message) {
  const double count = static_cast<double>(node.ints[4]);
  const AdamStep step = {node.ints[1] != 0,
                         node.ints[2] != 0,
                         node.ints[3] != 0,
                         node.doubles[0],
                         node.doubles[1],
                         node.doubles[2],
                         node.doubles[3],
                         node.doubles[4],
                         1 - std::pow(node.doubles[1], count),
                         1 - std::pow(node.doubles[2], count)};
  const auto update = [&]<class T>(int64_t n, const T* const* in, T* const* out) {
    optimizer_rows(T()).adam(step, n, in[0], in[1], in + 2, out[0], out + 1);
  };
  update_tensors(stream, node, adam_roles(node), update, message);
  return TSR_OK;
}

constexpr KernelEntry kEntries[] = {
    {"sgd_step", make_kernel<check_sgd, run_sgd>()},
    {"adam_step", make_kernel<check_adam, run_adam>()},
};

}  // namespace

std::span<const KernelEntry> optimizer_kernels() { return kEntries; }

}  // namespace tessera::cpu
