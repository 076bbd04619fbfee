// SPDX-License-Identifier: Apache-2.0
//
// set_float32_matmul_precision() as programs see it, from a tensor's product to the kernel.
#include <cmath>
#include <cstdlib>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/device.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/backends/runtime/registry.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera {
namespace {

// (1 + 2^-14) * 1, which TF32 and bfloat16 take for 1.
float product() {
  const Tensor a = full({1, 1}, 1 + std::ldexp(1.0, -14), {.device = "cuda_emulated"});
  return a.matmul(ones({1, 1}, {.device = "cuda_emulated"})).item<float>();
}

TEST(PrecisionTest, ReachesBackendsThatAreLoadedAndThoseThatWillBe) {
  EXPECT_EQ(get_float32_matmul_precision(), "highest");
  set_float32_matmul_precision("high");  // nothing is loaded yet
  ASSERT_TRUE(load_backend(std::getenv("PLUGIN")).ok());
  EXPECT_EQ(product(), 1);
  set_float32_matmul_precision("highest");
  EXPECT_EQ(product(), 1 + std::ldexp(1.0f, -14));
  set_float32_matmul_precision("medium");
  EXPECT_EQ(product(), 1);
  EXPECT_EQ(get_float32_matmul_precision(), "medium");
}

TEST(PrecisionTest, AnotherWordIsRefusedAndChangesNothing) {
  set_float32_matmul_precision("high");
  try {
    set_float32_matmul_precision("low");
    FAIL() << "low was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(std::string(error.what()).find("wants highest, high or medium, got \"low\""),
              std::string::npos);
  }
  EXPECT_EQ(get_float32_matmul_precision(), "high");
}

}  // namespace
}  // namespace tessera
