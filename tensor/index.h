// SPDX-License-Identifier: Apache-2.0
//
// What stands between the brackets of x[...] in Python.
//
//   x.index({0, Slice(1, 5), kEllipsis, Slice(kNone, kNone, 2)})   // x[0, 1:5, ..., ::2]
//   x.index({x > 0})                                               // x[x > 0]
//   x.index({rows, cols})                                          // x[rows, cols], broadcast
//   x.index_put_({Slice(), 0}, 1.5)                                // x[:, 0] = 1.5
#ifndef TESSERA_TENSOR_INDEX_H_
#define TESSERA_TENSOR_INDEX_H_

#include <cstdint>
#include <optional>
#include <variant>

#include "tessera/tensor/tensor.h"

namespace tessera {

inline constexpr std::nullopt_t kNone = std::nullopt;
struct Ellipsis {};
inline constexpr Ellipsis kEllipsis;
struct NewAxis {};
inline constexpr NewAxis kNewAxis;  // None in Python

// start:stop:step; negative bounds count from the end, step > 0.
struct Slice {
  std::optional<int64_t> start, stop;
  int64_t step = 1;
  Slice() = default;
  Slice(std::optional<int64_t> start, std::optional<int64_t> stop, int64_t step = 1)
      : start(start), stop(stop), step(step) {}
};

class Index {
 public:
  template <class T, class = std::enable_if_t<std::is_integral_v<T>>>
  Index(T index) : value(static_cast<int64_t>(index)) {}
  Index(Slice slice) : value(slice) {}
  Index(Ellipsis) : value(Ellipsis{}) {}
  Index(NewAxis) : value(NewAxis{}) {}
  // int64: elements to take; bool: a mask over as many dimensions as it has.
  Index(Tensor tensor) : value(std::move(tensor)) {}

  std::variant<int64_t, Slice, Ellipsis, NewAxis, Tensor> value;
};

}  // namespace tessera

#endif  // TESSERA_TENSOR_INDEX_H_
