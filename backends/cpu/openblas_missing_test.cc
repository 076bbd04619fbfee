// SPDX-License-Identifier: Apache-2.0
//
// A machine without OpenBLAS, played by TESSERA_OPENBLAS (see BUILD).
#include "gtest/gtest.h"
#include "tessera/backends/runtime/device.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera {
namespace {

TEST(OpenBlasMissing, IsSaidByTheOpThatWantsIt) {
  set_default_device(Device("cpu"));
  EXPECT_EQ(matmul(ones({2, 2}), ones({2, 2})).sum().item<float>(), 8);
  try {
    linalg::cholesky(eye(3));
    FAIL() << "no error";
  } catch (const Error& e) {
    EXPECT_EQ(e.status().code(), absl::StatusCode::kUnimplemented);
    const std::string message = e.what();
    EXPECT_EQ(message.find("linalg.cholesky: wants OpenBLAS (Debian: libopenblas0"), 0u) << message;
    EXPECT_NE(message.find("/nowhere/libopenblas.so"), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace tessera
