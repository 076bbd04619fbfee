// SPDX-License-Identifier: Apache-2.0
//
// HostTensor: the values of a tensor in host memory, dense, whatever device they came from.
#ifndef TESSERA_BACKENDS_CONFORMANCE_HOST_TENSOR_H_
#define TESSERA_BACKENDS_CONFORMANCE_HOST_TENSOR_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "tessera/tensor/dtype.h"
#include "tessera/tensor/op_def.h"
#include "tessera/tensor/shape.h"
#include "tessera/tensor/tensor.h"

namespace tessera::conformance {

struct HostTensor {
  DType dtype = kFloat32;
  Shape shape;
  std::vector<char> bytes;  // row-major

  HostTensor() = default;
  HostTensor(DType dtype, Shape shape);  // zeros

  int64_t numel() const { return shape.numel(); }
  double real(int64_t i) const;
  int64_t whole(int64_t i) const;     // of integers and bool
  void set(int64_t i, double value);  // rounded to the dtype
};

// The values of `input`: those that it lists, or a low-discrepancy sequence of distinct values that
// depends on `seed`. float32 is replaced by `floating`.
HostTensor make_values(const SampleTensor& input, DType floating, uint64_t seed);

// A seed that depends on nothing but these.
uint64_t seed_of(std::string_view op, std::string_view sample, int input);

// The values of `x`, any strides. Waits for the device; runs no kernel.
HostTensor read(const Tensor& x);

}  // namespace tessera::conformance

#endif  // TESSERA_BACKENDS_CONFORMANCE_HOST_TENSOR_H_
