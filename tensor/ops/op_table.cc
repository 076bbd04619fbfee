// SPDX-License-Identifier: Apache-2.0
#include <string_view>
#include <vector>

#include "tessera/tensor/op_def.h"
#include "tessera/tensor/ops/families.h"

namespace tessera {

absl::Span<const OpDef* const> all_ops() {
  static const std::vector<const OpDef*>* const kAll = [] {
    auto* ops = new std::vector<const OpDef*>;
    // One a line, so that branches that add families merge.
    // clang-format off
    for (auto family : {
             copy_ops,
             factory_ops,
             unary_ops,
             binary_ops,
             compare_ops,
             activation_gradient_ops,
             pointwise_ops,
             chain_ops,
             activation_ops,
             reduce_ops,
             scan_ops,
             view_ops,
             join_ops,
             triangular_ops,
             gather_ops,
             window_ops,
             matmul_ops,
             conv_ops,
             pool_ops,
             conv_pool_ops,
             softmax_ops,
             attention_ops,
             layer_norm_ops,
             batch_norm_ops,
             lstm_ops,
             loss_ops,
             random_ops,
             optimizer_ops,
             linalg_ops,
         }) {
      // clang-format on
      auto list = family();
      ops->insert(ops->end(), list.begin(), list.end());
    }
    return ops;
  }();
  return *kAll;
}

const OpDef* find_op(std::string_view name) {
  for (const OpDef* op : all_ops()) {
    if (op->name == name) return op;
  }
  return nullptr;
}

}  // namespace tessera
