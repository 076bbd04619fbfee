// SPDX-License-Identifier: Apache-2.0
//
// Each family's list of ops; op_table.cc puts them together. An op that is missing here runs, but
// is not examined.
#ifndef TESSERA_TENSOR_OPS_FAMILIES_H_
#define TESSERA_TENSOR_OPS_FAMILIES_H_

#include "absl/types/span.h"
#include "tessera/tensor/op_def.h"

namespace tessera {

absl::Span<const OpDef* const> unary_ops();
absl::Span<const OpDef* const> binary_ops();
absl::Span<const OpDef* const> compare_ops();
absl::Span<const OpDef* const> activation_gradient_ops();
absl::Span<const OpDef* const> pointwise_ops();
absl::Span<const OpDef* const> activation_ops();
absl::Span<const OpDef* const> chain_ops();
absl::Span<const OpDef* const> copy_ops();
absl::Span<const OpDef* const> factory_ops();
absl::Span<const OpDef* const> view_ops();
absl::Span<const OpDef* const> reduce_ops();
absl::Span<const OpDef* const> scan_ops();
absl::Span<const OpDef* const> matmul_ops();
absl::Span<const OpDef* const> gather_ops();
absl::Span<const OpDef* const> join_ops();
absl::Span<const OpDef* const> triangular_ops();
absl::Span<const OpDef* const> window_ops();
absl::Span<const OpDef* const> conv_ops();
absl::Span<const OpDef* const> pool_ops();
absl::Span<const OpDef* const> conv_pool_ops();
absl::Span<const OpDef* const> softmax_ops();
absl::Span<const OpDef* const> attention_ops();
absl::Span<const OpDef* const> layer_norm_ops();
absl::Span<const OpDef* const> lstm_ops();
absl::Span<const OpDef* const> batch_norm_ops();
absl::Span<const OpDef* const> loss_ops();
absl::Span<const OpDef* const> linalg_ops();
absl::Span<const OpDef* const> random_ops();
absl::Span<const OpDef* const> optimizer_ops();

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_FAMILIES_H_
