// SPDX-License-Identifier: Apache-2.0
//
// NVIDIA's libraries as they are, where the toolkit is: the functions that are wanted of them, and
// what can be asked of them without a GPU.
#include "gtest/gtest.h"
#include "tessera/backends/cuda/cublaslt.h"
#include "tessera/backends/cuda/library.h"

namespace tessera::cuda {
namespace {

TEST(LibrariesTest, AMissingLibraryIsToldWithEveryPlace) {
  ASSERT_EQ(setenv("CUDA_PATH", "/no/such/toolkit", 1), 0);
  Library library("libtessera_no_such_library.so.1");
  void (*function)() = nullptr;
  library.find("anything", &function);
  EXPECT_EQ(function, nullptr);
  const std::string& why = library.why();
  EXPECT_EQ(why.find("libtessera_no_such_library.so.1: "), 0) << why;
  EXPECT_NE(why.find("/no/such/toolkit/lib64/libtessera_no_such_library.so.1"), std::string::npos)
      << why;
}

TEST(LibrariesTest, AMissingFunctionIsTold) {
  Library library("libc.so.6");
  int (*known)(const char*) = nullptr;
  void (*unknown)() = nullptr;
  library.find("puts", &known);
  EXPECT_NE(known, nullptr);
  EXPECT_EQ(library.why(), "");
  library.find("tessera_no_such_function", &unknown);
  EXPECT_EQ(library.why(), "libc.so.6 has no function tessera_no_such_function");
}

// Sizes of attributes are checked by the library itself, without a device.
TEST(LibrariesTest, CublasLtHasTheFunctionsAndTheAttributes) {
  std::string why;
  const CublasLt* lt = open_cublaslt(&why);
  if (lt == nullptr) {
    if (why.find("has no function") == std::string::npos) GTEST_SKIP() << why;
    FAIL() << why;
  }
  cublasLtMatmulDesc_t operation = nullptr;
  ASSERT_EQ(lt->cublasLtMatmulDescCreate(&operation, CUBLAS_COMPUTE_32F, CUDA_R_32F),
            CUBLAS_STATUS_SUCCESS);
  const auto set = [&](cublasLtMatmulDescAttributes_t attribute, auto value) {
    return lt->cublasLtMatmulDescSetAttribute(operation, attribute, &value, sizeof value);
  };
  EXPECT_EQ(set(CUBLASLT_MATMUL_DESC_TRANSA, CUBLAS_OP_T), CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(set(CUBLASLT_MATMUL_DESC_TRANSB, CUBLAS_OP_N), CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(set(CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_BIAS), CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, static_cast<const void*>(&operation)),
            CUBLAS_STATUS_SUCCESS);
  EXPECT_NE(set(CUBLASLT_MATMUL_DESC_TRANSA, char{1}), CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(lt->cublasLtMatmulDescDestroy(operation), CUBLAS_STATUS_SUCCESS);

  cublasLtMatrixLayout_t layout = nullptr;
  ASSERT_EQ(lt->cublasLtMatrixLayoutCreate(&layout, CUDA_R_16BF, 3, 5, 7), CUBLAS_STATUS_SUCCESS);
  const int32_t batch = 2;
  const int64_t stride = 35;
  EXPECT_EQ(lt->cublasLtMatrixLayoutSetAttribute(layout, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &batch,
                                                 sizeof batch),
            CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(lt->cublasLtMatrixLayoutSetAttribute(
                layout, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &stride, sizeof stride),
            CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(lt->cublasLtMatrixLayoutDestroy(layout), CUBLAS_STATUS_SUCCESS);

  cublasLtMatmulPreference_t preference = nullptr;
  ASSERT_EQ(lt->cublasLtMatmulPreferenceCreate(&preference), CUBLAS_STATUS_SUCCESS);
  const auto prefer = [&](cublasLtMatmulPreferenceAttributes_t attribute, auto value) {
    return lt->cublasLtMatmulPreferenceSetAttribute(preference, attribute, &value, sizeof value);
  };
  EXPECT_EQ(prefer(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, uint64_t{1} << 25),
            CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(prefer(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
                   uint32_t{CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE}),
            CUBLAS_STATUS_SUCCESS);
  for (const auto attribute :
       {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
        CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES}) {
    EXPECT_EQ(prefer(attribute, uint32_t{16}), CUBLAS_STATUS_SUCCESS);
  }
  EXPECT_EQ(lt->cublasLtMatmulPreferenceDestroy(preference), CUBLAS_STATUS_SUCCESS);
  EXPECT_STREQ(lt->cublasLtGetStatusName(CUBLAS_STATUS_NOT_SUPPORTED),
               "CUBLAS_STATUS_NOT_SUPPORTED");
}

// The emulation's constants, which it must have from NVIDIA's headers.
TEST(LibrariesTest, TheEmulationHasNvidiasValues) {
  EXPECT_EQ(CUBLAS_STATUS_INVALID_VALUE, 7);
  EXPECT_EQ(CUBLAS_STATUS_NOT_SUPPORTED, 15);
  EXPECT_EQ(CUBLAS_COMPUTE_32F, 68);
  EXPECT_EQ(CUBLAS_COMPUTE_64F, 70);
  EXPECT_EQ(CUBLAS_COMPUTE_32F_FAST_TF32, 77);
  EXPECT_EQ(CUDA_R_16F, 2);
  EXPECT_EQ(CUDA_R_16BF, 14);
  EXPECT_EQ(CUBLASLT_EPILOGUE_BIAS, 4);
}

}  // namespace
}  // namespace tessera::cuda
