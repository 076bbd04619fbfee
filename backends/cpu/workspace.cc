// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/workspace.h"

#include "tessera/backends/cpu/copy.h"

namespace tessera::cpu {
namespace {

bool same_bits(uint32_t a, uint32_t b) {
  const auto plain = [](uint32_t dtype) { return dtype == TSR_BOOL ? uint32_t{TSR_UINT8} : dtype; };
  return plain(a) == plain(b);
}

void dense_strides(const TsrTensor& t, int64_t* strides) {
  int64_t stride = 1;
  for (uint32_t k = t.rank; k-- > 0;) {
    strides[k] = stride;
    stride *= t.shape[k];
  }
}

}  // namespace

Workspace::~Workspace() {
  for (int i = 0; i < n_blocks_; ++i) unwrap(stream_)->device->allocator.free(blocks_[i]);
}

void* Workspace::bytes(size_t n) {
  if (n_blocks_ == kMaxBlocks) {
    throw KernelFailure{
        fail(message_, TSR_INTERNAL, "cpu: a kernel wants too much scratch memory")};
  }
  TsrBuffer* block = nullptr;
  const TsrStatus status =
      unwrap(stream_)->device->allocator.allocate(n, Allocator::Use::kScratch, &block, message_);
  if (status != TSR_OK) throw KernelFailure{status};
  blocks_[n_blocks_++] = block;
  return block->data;
}

const void* Workspace::dense_as(const TsrTensor& x, uint32_t dtype) {
  if (same_bits(x.dtype, dtype) && is_dense(x)) return x.data;
  int64_t strides[kMaxRank];
  dense_strides(x, strides);
  TsrTensor copy = x;
  copy.flags = 0;
  copy.dtype = x.dtype == TSR_BOOL && dtype == TSR_UINT8 ? uint32_t{TSR_BOOL} : dtype;
  copy.strides = strides;
  copy.data = bytes(element_count(x) * item_size(dtype));
  copy_tensor(pool_of(stream_), x, copy);
  return copy.data;
}

void* Workspace::output_as(const TsrTensor& y, uint32_t dtype) {
  if (same_bits(y.dtype, dtype)) return y.data;
  if (n_outputs_ == kMaxOutputs) {
    throw KernelFailure{fail(message_, TSR_INTERNAL, "cpu: a kernel has too many outputs")};
  }
  Output& output = outputs_[n_outputs_++];
  output.target = &y;
  output.computed = y;
  output.computed.dtype = dtype;
  output.computed.data = bytes(element_count(y) * item_size(dtype));
  return output.computed.data;
}

void Workspace::finish() {
  for (int i = 0; i < n_outputs_; ++i) {
    copy_tensor(pool_of(stream_), outputs_[i].computed, *outputs_[i].target);
  }
}

}  // namespace tessera::cpu
