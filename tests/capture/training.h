// SPDX-License-Identifier: Apache-2.0
//
// Two trainings that begin alike: one is run as it is, the other through compile().
#ifndef TESSERA_TESTS_CAPTURE_TRAINING_H_
#define TESSERA_TESTS_CAPTURE_TRAINING_H_

#include <cstdint>
#include <cstring>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/autograd/autograd.h"
#include "tessera/nn/nn.h"
#include "tessera/optim/optim.h"
#include "tessera/tensor/capture/compile.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera {

// Whether both have the same bits.
inline ::testing::AssertionResult same_bits(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape() || a.dtype() != b.dtype()) {
    return ::testing::AssertionFailure()
           << a.shape().to_string() << " " << dtype_name(a.dtype()) << " and "
           << b.shape().to_string() << " " << dtype_name(b.dtype());
  }
  const std::vector<double> left = a.to_vector<double>(), right = b.to_vector<double>();
  for (size_t i = 0; i < left.size(); ++i) {
    if (std::memcmp(&left[i], &right[i], sizeof(double)) != 0) {
      return ::testing::AssertionFailure()
             << "element " << i << " is " << left[i] << " and " << right[i];
    }
  }
  return ::testing::AssertionSuccess();
}

inline void expect_same_bits(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(same_bits(a[i], b[i])) << "tensor " << i;
}

// The bits of a step are those of the function only without fusion.
inline constexpr CompileOptions kExact = {.fuse = false};

}  // namespace tessera

#endif  // TESSERA_TESTS_CAPTURE_TRAINING_H_
