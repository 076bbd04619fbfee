// SPDX-License-Identifier: Apache-2.0
//
// What autograd hangs on a TensorImpl. Internal to autograd/.
#ifndef TESSERA_AUTOGRAD_META_H_
#define TESSERA_AUTOGRAD_META_H_

#include <atomic>
#include <cstdint>
#include <vector>

#include "tessera/autograd/node.h"
#include "tessera/tensor/tensor.h"
#include "tessera/tensor/tensor_impl.h"

namespace tessera::autograd {

struct Meta final : AutogradMeta {
  // The tensor is output `index` of this node; null for a leaf.
  RefPtr<GradNode> node;
  uint32_t index = 0;
  // Of a leaf; hooks of other tensors are their node's.
  Tensor grad;
  std::vector<Hook> hooks;
};

// nullptr for a leaf that never had a gradient or a hook.
inline Meta* find_meta(const TensorImpl& impl) {
  std::atomic_ref<AutogradMeta*> place(const_cast<TensorImpl&>(impl).autograd);
  return static_cast<Meta*>(place.load(std::memory_order_acquire));
}

// Makes it on the first use. Graphs of several threads may share a leaf, so any of them may do so.
inline Meta& meta_of(TensorImpl& impl) {
  if (Meta* meta = find_meta(impl)) return *meta;
  auto* fresh = new Meta;
  AutogradMeta* none = nullptr;
  std::atomic_ref<AutogradMeta*> place(impl.autograd);
  if (place.compare_exchange_strong(none, fresh, std::memory_order_acq_rel)) return *fresh;
  delete fresh;
  return *static_cast<Meta*>(none);
}

// The node that made the tensor; nullptr for a leaf.
inline GradNode* node_of(const TensorImpl& impl) {
  const Meta* meta = find_meta(impl);
  return meta == nullptr ? nullptr : meta->node.get();
}

}  // namespace tessera::autograd

#endif  // TESSERA_AUTOGRAD_META_H_
