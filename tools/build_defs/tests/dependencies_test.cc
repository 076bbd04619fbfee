// SPDX-License-Identifier: Apache-2.0
//
// Each library that Tessera depends on compiles, links and answers.

#include <cblas.h>
#include <png.h>
#include <unistd.h>
#include <zlib.h>

// jpeglib.h needs those before it.
// clang-format off
#include <cstddef>
#include <cstdio>
#include <jpeglib.h>
// clang-format on

#include <cstdlib>
#include <string>
#include <string_view>
#include <type_traits>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "gtest/gtest.h"
#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"

namespace {

TEST(Dependencies, Abseil) {
  const absl::flat_hash_map<std::string, int> map = {{absl::StrCat("k", 1), 1}};
  EXPECT_TRUE(map.contains("k1"));
  const absl::StatusOr<int> missing = absl::NotFoundError("k2");
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
}

TEST(Dependencies, AbseilStringViewIsTheStandardOne) {
  EXPECT_TRUE((std::is_same_v<absl::string_view, std::string_view>));
}

TEST(Dependencies, Benchmark) {
  EXPECT_EQ(benchmark::CreateDefaultDisplayReporter() != nullptr, true);
}

TEST(Dependencies, Highway) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::ScalableTag<float> tag;
  EXPECT_NEAR(hn::GetLane(hn::Exp(tag, hn::Set(tag, 1.0f))), 2.7182818f, 1e-6f);
}

TEST(Dependencies, OpenBlas) {
  const float x[3] = {1, 2, 3};
  const float y[3] = {4, 5, 6};
  EXPECT_EQ(cblas_sdot(3, x, 1, y, 1), 32.0f);
}

TEST(Dependencies, Libpng) { EXPECT_EQ(png_access_version_number() / 100, PNG_LIBPNG_VER / 100); }

TEST(Dependencies, Libjpeg) {
  jpeg_error_mgr errors;
  EXPECT_EQ(jpeg_std_error(&errors), &errors);
  EXPECT_NE(errors.error_exit, nullptr);
}

TEST(Dependencies, Zlib) {
  EXPECT_EQ(crc32(0, reinterpret_cast<const Bytef*>("123456789"), 9), 0xcbf43926u);
}

// --//:backend=reference, and this test finds reference's plugin in its runfiles. Backends that
// have no plugin in this repository are their users' to provide.
TEST(BackendFlag, BringsTheNameAndThePlugin) {
  const char* backend = std::getenv("TESSERA_BACKEND");
  ASSERT_NE(backend, nullptr);
  ASSERT_STRNE(backend, "");
  const std::string path =
      absl::StrCat(std::getenv("TEST_SRCDIR"), "/", std::getenv("TEST_WORKSPACE"), "/backends/",
                   backend, "/tessera_", backend, ".so");
  EXPECT_EQ(access(path.c_str(), R_OK), 0) << path;
}

}  // namespace
