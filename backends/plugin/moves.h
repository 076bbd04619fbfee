// SPDX-License-Identifier: Apache-2.0
//
// The ops that move elements and are copies of views: cat, pad, flip.
//
//   void run_cat(Launcher& launcher, const TsrNode& node) {
//     plugin::copies_of_cat(node, [&](const TsrTensor& from, const TsrTensor& to) {
//       copy_elements(launcher, from, to);
//     });
//   }
//
// The views live during the call only. Their shapes are equal, or `from` is a scalar.
#ifndef TESSERA_BACKENDS_PLUGIN_MOVES_H_
#define TESSERA_BACKENDS_PLUGIN_MOVES_H_

#include <algorithm>
#include <cstdint>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/plugin/kernel.h"

namespace tessera::plugin {

// A view of `t` of another shape and other strides, `offset` elements further on.
inline TsrTensor view_of(const TsrTensor& t, const int64_t* shape, const int64_t* strides,
                         int64_t offset) {
  TsrTensor v = t;
  v.shape = shape;
  v.strides = strides;
  v.data = static_cast<char*>(t.data) + offset * static_cast<int64_t>(item_size(t.dtype));
  return v;
}

// TSR_UNIMPLEMENTED unless all tensors have one dtype, and check_tensors.
inline TsrStatus check_same_dtypes(const TsrNode& node, TsrMessage* message,
                                   uint32_t max_rank = kMaxRank) {
  if (node.n_outputs != 1 || node.n_inputs == 0 || node.n_doubles != 0) {
    return unsupported(node, "number of operands or attributes", message);
  }
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message, max_rank));
  for (uint32_t i = 0; i < node.n_inputs; ++i) {
    if (node.inputs[i]->dtype != node.outputs[0]->dtype) {
      return unsupported(node, "combination of dtypes", message);
    }
  }
  return TSR_OK;
}

inline TsrStatus check_cat(const TsrNode& node, TsrMessage* message) {
  if (node.n_ints != 1) return unsupported(node, "number of attributes", message);
  return check_same_dtypes(node, message);
}

// x_1 .. x_n; ints: dim. One copy for each input, into parts of y that do not overlap.
template <class Copy>
void copies_of_cat(const TsrNode& node, Copy&& copy) {
  const TsrTensor& y = *node.outputs[0];
  const int64_t dim = node.ints[0];
  int64_t start = 0;
  for (uint32_t i = 0; i < node.n_inputs; ++i) {
    const TsrTensor& x = *node.inputs[i];
    copy(x, view_of(y, x.shape, y.strides, start * y.strides[dim]));
    start += x.shape[dim];
  }
}

inline TsrStatus check_pad(const TsrNode& node, TsrMessage* message) {
  if (node.n_inputs != 2 || node.n_ints != 2 * node.inputs[0]->rank) {
    return unsupported(node, "number of operands or attributes", message);
  }
  return check_same_dtypes(node, message);
}

// x, value (rank 0); ints: before_0, after_0, before_1, ... At most two copies: of value to all of
// y, then of x over a part of it.
template <class Copy>
void copies_of_pad(const TsrNode& node, Copy&& copy) {
  const TsrTensor &x = *node.inputs[0], &value = *node.inputs[1], &y = *node.outputs[0];
  int64_t shape[kMaxRank];  // of what is kept of x
  int64_t x_offset = 0, y_offset = 0, kept = 1;
  for (uint32_t k = 0; k < x.rank; ++k) {
    const int64_t before = node.ints[2 * k];
    const int64_t first = std::max<int64_t>(0, -before);  // in x
    const int64_t end = std::min(x.shape[k], y.shape[k] - before);
    shape[k] = std::max<int64_t>(0, end - first);
    kept *= shape[k];
    x_offset += first * x.strides[k];
    y_offset += (first + before) * y.strides[k];
  }
  if (kept != element_count(y)) copy(value, y);
  if (kept == 0) return;
  copy(view_of(x, shape, x.strides, x_offset), view_of(y, shape, y.strides, y_offset));
}

inline TsrStatus check_flip(const TsrNode& node, TsrMessage* message) {
  if (node.n_inputs != 1) return unsupported(node, "number of operands", message);
  return check_same_dtypes(node, message);
}

// x; ints: dims... One copy, of a view with negative strides; none if there is no element.
template <class Copy>
void copies_of_flip(const TsrNode& node, Copy&& copy) {
  const TsrTensor& x = *node.inputs[0];
  if (element_count(x) == 0) return;
  int64_t strides[kMaxRank];
  std::copy_n(x.strides, x.rank, strides);
  int64_t offset = 0;
  for (uint32_t i = 0; i < node.n_ints; ++i) {
    const int64_t dim = node.ints[i];
    offset += (x.shape[dim] - 1) * x.strides[dim];
    strides[dim] = -x.strides[dim];
  }
  copy(view_of(x, x.shape, strides, offset), *node.outputs[0]);
}

}  // namespace tessera::plugin

#endif  // TESSERA_BACKENDS_PLUGIN_MOVES_H_
