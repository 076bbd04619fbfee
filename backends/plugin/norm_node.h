// SPDX-License-Identifier: Apache-2.0
//
// The operands of layer_norm, rms_norm, batch_norm and their gradients, by a node's attributes.
//
//   plugin::NormNode n;
//   TESSERA_PLUGIN_RETURN_IF_ERROR(plugin::layer_norm_node<true>(node, &n, message));
//   if (n.weight != nullptr) ...
#ifndef TESSERA_BACKENDS_PLUGIN_NORM_NODE_H_
#define TESSERA_BACKENDS_PLUGIN_NORM_NODE_H_

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/plugin/kernel.h"

namespace tessera::plugin {

// What a node does not have is null. Statistics are of compute_dtype, all else of one dtype.
struct NormNode {
  const TsrTensor *g = nullptr, *x = nullptr, *weight = nullptr, *bias = nullptr;
  // Outputs of a forward op, inputs of a gradient. spread: rstd (layer_norm, rms_norm), or var.
  const TsrTensor *mean = nullptr, *spread = nullptr;
  const TsrTensor* y = nullptr;  // gx of a gradient
  const TsrTensor *gweight = nullptr, *gbias = nullptr;
};

namespace internal {

struct NormForm {
  bool gradient, centred, has_weight, has_bias, affine;
};

// Forward: x, [weight], [bias] -> y, [mean], spread. Gradient: g, x, [weight], [mean], spread ->
// gx, and if affine gweight, and if centred gbias. TSR_UNIMPLEMENTED for another form or dtype.
inline TsrStatus take_norm_operands(const TsrNode& node, const NormForm& form, NormNode* n,
                                    TsrMessage* message) {
  const uint32_t statistics = 1u + form.centred;
  const uint32_t operands = 1u + form.gradient + form.has_weight + form.has_bias;
  const uint32_t inputs = operands + (form.gradient ? statistics : 0);
  const uint32_t outputs = form.gradient ? 1u + (form.affine ? statistics : 0u) : 1u + statistics;
  if (node.n_inputs != inputs || node.n_outputs != outputs) {
    return unsupported(node, "number of operands", message);
  }
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype, wide = compute_dtype(dtype);
  bool known = is_floating(dtype);
  for (uint32_t i = 0; i < inputs; ++i) {
    known = known && node.inputs[i]->dtype == (i < operands ? dtype : wide);
  }
  for (uint32_t i = 0; i < outputs; ++i) {
    known = known && node.outputs[i]->dtype == (i == 0 || form.gradient ? dtype : wide);
  }
  if (!known) return unsupported(node, "combination of dtypes", message);

  const TsrTensor* const* in = node.inputs;
  const TsrTensor* const* out = node.outputs;
  if (form.gradient) n->g = *in++;
  n->x = *in++;
  if (form.has_weight) n->weight = *in++;
  if (form.has_bias) n->bias = *in++;
  n->y = *out++;
  const TsrTensor* const*& statistic = form.gradient ? in : out;
  if (form.centred) n->mean = *statistic++;
  n->spread = *statistic;
  if (form.gradient && form.affine) {
    n->gweight = *out++;
    if (form.centred) n->gbias = *out;
  }
  return TSR_OK;
}

}  // namespace internal

// layer_norm (centred) or rms_norm. ints: dims, has_weight, then has_bias of layer_norm, affine of
// gradients; doubles of the forward: eps.
template <bool centred, bool gradient>
TsrStatus layer_norm_node(const TsrNode& node, NormNode* n, TsrMessage* message) {
  const bool third = gradient || centred;
  if (node.n_ints != 2u + third || node.n_doubles != !gradient) {
    return unsupported(node, "number of attributes", message);
  }
  const bool flag = third && node.ints[2] != 0;
  TESSERA_PLUGIN_RETURN_IF_ERROR(internal::take_norm_operands(
      node, {gradient, centred, node.ints[1] != 0, flag && !gradient, flag && gradient}, n,
      message));
  return node.ints[0] <= n->x->rank ? TSR_OK : unsupported(node, "number of dims", message);
}

// ints: has_weight, then has_bias, or affine of the gradient; doubles: eps.
template <bool gradient>
TsrStatus batch_norm_node(const TsrNode& node, NormNode* n, TsrMessage* message) {
  if (node.n_ints != 2 || node.n_doubles != 1) {
    return unsupported(node, "number of attributes", message);
  }
  const bool flag = node.ints[1] != 0;
  TESSERA_PLUGIN_RETURN_IF_ERROR(internal::take_norm_operands(
      node, {gradient, true, node.ints[0] != 0, flag && !gradient, flag && gradient}, n, message));
  return n->x->rank >= 2 ? TSR_OK : unsupported(node, "rank", message);
}

}  // namespace tessera::plugin

#endif  // TESSERA_BACKENDS_PLUGIN_NORM_NODE_H_
