// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/reference/view.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "tessera/backends/reference/half.h"

namespace tessera::reference {
namespace {

template <class T>
T load(const char* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

template <class T>
void store(char* p, T value) {
  std::memcpy(p, &value, sizeof value);
}

// Toward zero; nan gives 0, what is out of range the nearest end.
int64_t truncate(double x) {
  if (std::isnan(x)) return 0;
  if (x >= 9223372036854775808.0) return std::numeric_limits<int64_t>::max();
  if (x < -9223372036854775808.0) return std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(x);
}

int64_t to_integer(Integer x) { return x.value; }
int64_t to_integer(Real x) { return truncate(x.value); }

}  // namespace

int64_t item_size(uint32_t dtype) {
  switch (dtype) {
    case TSR_FLOAT64:
    case TSR_INT64:
      return 8;
    case TSR_FLOAT32:
    case TSR_INT32:
      return 4;
    case TSR_FLOAT16:
    case TSR_BFLOAT16:
      return 2;
    default:
      return 1;
  }
}

View::View(const TsrTensor& tensor)
    : data_(static_cast<char*>(tensor.data)),
      dtype_(tensor.dtype),
      shape_(tensor.shape, tensor.shape + tensor.rank),
      strides_(tensor.strides, tensor.strides + tensor.rank) {
  if ((tensor.flags & TSR_TENSOR_IMMEDIATE) != 0) strides_.assign(tensor.rank, 0);
}

int64_t View::numel() const {
  int64_t n = 1;
  for (int64_t size : shape_) n *= size;
  return n;
}

View View::at_least_1d() const {
  View line = *this;
  if (line.shape_.empty()) {
    line.shape_ = {1};
    line.strides_ = {0};
  }
  return line;
}

char* View::at(const Index& i) const {
  int64_t place = 0;
  for (size_t k = 0; k < strides_.size(); ++k) place += i[k] * strides_[k];
  return data_ + place * item_size(dtype_);
}

template <class N>
N View::get(const Index& i) const {
  const char* p = at(i);
  switch (dtype_) {
    case TSR_FLOAT32:
      return N(load<float>(p));
    case TSR_FLOAT64:
      return N(load<double>(p));
    case TSR_FLOAT16:
      return N(Float16::decode(load<uint16_t>(p)));
    case TSR_BFLOAT16:
      return N(Bfloat16::decode(load<uint16_t>(p)));
    case TSR_INT32:
      return N(load<int32_t>(p));
    case TSR_INT64:
      return N(load<int64_t>(p));
    default:  // uint8, bool
      return N(load<uint8_t>(p));
  }
}

template <class N>
void View::set(const Index& i, N value) const {
  char* p = at(i);
  switch (dtype_) {
    case TSR_FLOAT32:
      return store(p, static_cast<float>(value.value));
    case TSR_FLOAT64:
      return store(p, static_cast<double>(value.value));
    case TSR_FLOAT16:
      return store(p, Float16::encode(static_cast<double>(value.value)));
    case TSR_BFLOAT16:
      return store(p, Bfloat16::encode(static_cast<double>(value.value)));
    case TSR_INT32:
      return store(p, static_cast<int32_t>(to_integer(value)));
    case TSR_INT64:
      return store(p, to_integer(value));
    case TSR_UINT8:
      return store(p, static_cast<uint8_t>(to_integer(value)));
    default:  // bool
      return store(p, static_cast<uint8_t>(value != N(0)));
  }
}

template Real View::get<Real>(const Index&) const;
template Integer View::get<Integer>(const Index&) const;
template void View::set<Real>(const Index&, Real) const;
template void View::set<Integer>(const Index&, Integer) const;

}  // namespace tessera::reference
