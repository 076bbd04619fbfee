// SPDX-License-Identifier: Apache-2.0
//
// Attributes: an op's parameters that are no tensors, as plugins see them (docs/ops.md gives the
// order for each op).
#ifndef TESSERA_TENSOR_ATTRIBUTES_H_
#define TESSERA_TENSOR_ATTRIBUTES_H_

#include <cstdint>
#include <initializer_list>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"

namespace tessera {

struct Attributes {
  absl::InlinedVector<int64_t, 8> ints;
  absl::InlinedVector<double, 5> doubles;

  Attributes() = default;
  Attributes(std::initializer_list<int64_t> i, std::initializer_list<double> d = {})
      : ints(i), doubles(d) {}
  explicit Attributes(absl::Span<const int64_t> i, absl::Span<const double> d = {})
      : ints(i.begin(), i.end()), doubles(d.begin(), d.end()) {}
};

}  // namespace tessera

#endif  // TESSERA_TENSOR_ATTRIBUTES_H_
