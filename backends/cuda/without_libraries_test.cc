// SPDX-License-Identifier: Apache-2.0
//
// Where NVIDIA's libraries are not, which this test runs with TESSERA_CUDA_LIBRARIES=none to see.
#include <cstring>

#include "gtest/gtest.h"
#include "tessera/backends/cuda/emulation/cublaslt.h"
#include "tessera/backends/cuda/test_device.h"

namespace tessera::cuda {
namespace {

TEST(WithoutLibrariesTest, ProductsAreComputedAndTheLogSaysOnceWhyTheyAreSlow) {
  TestDevice device;
  TsrBuffer *a = device.floats(1), *b = device.floats(1), *y = device.floats(1);
  device.write(a, {3});
  device.write(b, {5});
  const int64_t shape[] = {1, 1}, strides[] = {1, 1};
  TsrTensor tensors[3];
  const TsrTensor* pointers[3];
  TsrBuffer* const buffers[] = {a, b, y};
  for (int i = 0; i < 3; ++i) {
    tensors[i] = {sizeof(TsrTensor), buffers[i]->data, buffers[i], 0, shape, strides, 2,
                  TSR_FLOAT32};
    pointers[i] = &tensors[i];
  }
  const TsrNode node = {sizeof(TsrNode), "matmul", 1, pointers, pointers + 2, 2, 1};
  EXPECT_TRUE(device.log.empty()) << "the library is looked for at the first product";
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(kApi.kernel_find(device.device, "matmul")->launch(device.stream, &node, nullptr),
              TSR_OK);
    EXPECT_EQ(device.read(y)[0], 15);
  }
  EXPECT_EQ(emulation::blas_counts().products, 0);
  ASSERT_EQ(device.log.size(), 1);
  EXPECT_EQ(device.log[0],
            "matrix products are computed by slower kernels, without cuBLASLt: libcublasLt.so.13: "
            "TESSERA_CUDA_LIBRARIES is none");
}

}  // namespace
}  // namespace tessera::cuda
