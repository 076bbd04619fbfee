// SPDX-License-Identifier: Apache-2.0
//
// How the reference reads and writes tensors: any element by its index, as a double or an int64_t.
//
//   View x(*node.inputs[0]), y(*node.outputs[0]);
//   for_each_index(y.shape(), [&](const Index& i) { y.set(i, x.get<Real>(i) * Real(2)); });
#ifndef TESSERA_BACKENDS_REFERENCE_VIEW_H_
#define TESSERA_BACKENDS_REFERENCE_VIEW_H_

#include <cstdint>
#include <vector>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/elementwise/scalar.h"

namespace tessera::reference {

using Real = elementwise::Real<double>;         // what floating dtypes are computed in
using Integer = elementwise::Integer<int64_t>;  // what integers and bool are computed in; wraps
using Index = std::vector<int64_t>;

inline bool is_floating(uint32_t dtype) { return dtype >= TSR_FLOAT32 && dtype <= TSR_BFLOAT16; }

// Bytes of an element.
int64_t item_size(uint32_t dtype);

// Calls f(Real()) or f(Integer()), whichever `dtype` is computed in.
template <class F>
void with_number(uint32_t dtype, F f) {
  is_floating(dtype) ? f(Real(0)) : f(Integer(0));
}

// A tensor of a node. Reads and writes convert: to floating dtypes by rounding once to nearest
// even, to integers by truncation toward zero and then wrapping, to bool by != 0.
class View {
 public:
  explicit View(const TsrTensor& tensor);

  uint32_t dtype() const { return dtype_; }
  int rank() const { return static_cast<int>(shape_.size()); }
  const Index& shape() const { return shape_; }
  int64_t size(int dim) const { return shape_[dim]; }
  int64_t numel() const;
  // This, or as one line of one element if the rank is 0: for ops that work along a dimension.
  View at_least_1d() const;

  template <class N>
  N get(const Index& i) const;
  template <class N>
  void set(const Index& i, N value) const;
  void set(const Index& i, bool value) const { set(i, Integer(value)); }

 private:
  char* at(const Index& i) const;

  char* data_;
  uint32_t dtype_;
  Index shape_;
  Index strides_;  // elements; all 0 for an immediate
};

// Calls f(index) for every index below `shape`, in row-major order. Once for rank 0.
template <class F>
void for_each_index(const Index& shape, F f) {
  for (int64_t size : shape) {
    if (size == 0) return;
  }
  Index i(shape.size(), 0);
  for (;;) {
    f(static_cast<const Index&>(i));
    int k = static_cast<int>(shape.size()) - 1;
    while (k >= 0 && ++i[k] == shape[k]) i[k--] = 0;
    if (k < 0) return;
  }
}

// All elements in row-major order, and back.
template <class N>
std::vector<N> values_of(const View& x) {
  std::vector<N> values;
  values.reserve(x.numel());
  for_each_index(x.shape(), [&](const Index& i) { values.push_back(x.get<N>(i)); });
  return values;
}
template <class N>
void store_values(const View& y, const std::vector<N>& values) {
  size_t place = 0;
  for_each_index(y.shape(), [&](const Index& i) { y.set(i, values[place++]); });
}

// `i` with i[dim] = value.
inline Index with(Index i, int64_t dim, int64_t value) {
  i[dim] = value;
  return i;
}

// The place of index `i` in a dense tensor of `shape`.
inline int64_t flat(const Index& shape, const Index& i) {
  int64_t place = 0;
  for (size_t k = 0; k < shape.size(); ++k) place = place * shape[k] + i[k];
  return place;
}

// `i` with an axis more: 0 <= dim <= rank.
inline Index inserted(Index i, int64_t dim, int64_t value) {
  i.insert(i.begin() + dim, value);
  return i;
}

// `i` without axis `dim`.
inline Index removed(Index i, int64_t dim) {
  i.erase(i.begin() + dim);
  return i;
}

}  // namespace tessera::reference

#endif  // TESSERA_BACKENDS_REFERENCE_VIEW_H_
