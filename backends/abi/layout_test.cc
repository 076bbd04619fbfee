// SPDX-License-Identifier: Apache-2.0
//
// The layout of the interface against what was released: layout.golden lists every struct and field
// with offset and size on a 64-bit machine. A new minor version adds lines; a line that is there
// never changes. After adding fields at the end of a struct: add them to layout_fields.inc, and the
// lines that this test prints to layout.golden.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tessera/backends/abi/layout_c99.h"
#include "tessera/backends/abi/tessera_plugin.h"

namespace {

const LayoutLine kLayout[] = {
#define STRUCT(type) {#type, 0, sizeof(type)},
#define FIELD(type, field) {#type "." #field, offsetof(type, field), sizeof(type::field)},
#include "tessera/backends/abi/layout_fields.inc"
};
#undef STRUCT
#undef FIELD

// Nothing stands behind the last field that is listed: a field that somebody appends without
// listing it moves the end.
template <class Struct, class Field>
constexpr bool ends_with(size_t offset, Field Struct::*) {
  constexpr size_t kAlign = alignof(Struct);
  return (offset + sizeof(Field) + kAlign - 1) / kAlign * kAlign == sizeof(Struct);
}
#define LAST_FIELD(type, field)                                 \
  static_assert(ends_with(offsetof(type, field), &type::field), \
                "list the new fields of " #type " in layout_fields.inc")
LAST_FIELD(TsrMessage, capacity);
LAST_FIELD(TsrHost, reserved);
LAST_FIELD(TsrDeviceInfo, subgroup_size);
LAST_FIELD(TsrMemoryStats, system_allocations);
LAST_FIELD(TsrBuffer, size);
LAST_FIELD(TsrTensor, immediate);
LAST_FIELD(TsrNode, n_doubles);
LAST_FIELD(TsrKernel, supports);
LAST_FIELD(TsrBackendApi, set_option);
LAST_FIELD(TsrPlugin, api);

std::string line_of(const LayoutLine& line) {
  return absl::StrCat(line.what, " ", line.offset, " ", line.size, "\n");
}

TEST(AbiLayoutTest, IsWhatWasReleased) {
  if (sizeof(void*) != 8) GTEST_SKIP() << "the golden file is for 64-bit machines";
  std::string now;
  for (const LayoutLine& line : kLayout) now += line_of(line);
  const char* golden = std::getenv("TESSERA_LAYOUT_GOLDEN");
  ASSERT_NE(golden, nullptr);
  std::ifstream file(golden);
  ASSERT_TRUE(file) << golden;
  std::stringstream released;
  released << file.rdbuf();
  EXPECT_EQ(released.str(), now);
}

TEST(AbiLayoutTest, IsTheSameInC99) {
  const LayoutLine* c = layout_as_c99();
  for (const LayoutLine& line : kLayout) {
    ASSERT_NE(c->what, nullptr);
    EXPECT_EQ(line_of(*c), line_of(line));
    ++c;
  }
  EXPECT_EQ(c->what, nullptr);
}

TEST(AbiLayoutTest, StructsBeginWithTheirSize) {
#define STRUCT(type) EXPECT_EQ(offsetof(type, struct_size), 0u) << #type;
#define FIELD(type, field)
#include "tessera/backends/abi/layout_fields.inc"
#undef STRUCT
#undef FIELD
}

TEST(AbiLayoutTest, StatusesEqualAbslsCodes) {
  EXPECT_EQ(TSR_OK, static_cast<int>(absl::StatusCode::kOk));
  EXPECT_EQ(TSR_CANCELLED, static_cast<int>(absl::StatusCode::kCancelled));
  EXPECT_EQ(TSR_UNKNOWN, static_cast<int>(absl::StatusCode::kUnknown));
  EXPECT_EQ(TSR_INVALID_ARGUMENT, static_cast<int>(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(TSR_DEADLINE_EXCEEDED, static_cast<int>(absl::StatusCode::kDeadlineExceeded));
  EXPECT_EQ(TSR_NOT_FOUND, static_cast<int>(absl::StatusCode::kNotFound));
  EXPECT_EQ(TSR_ALREADY_EXISTS, static_cast<int>(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(TSR_PERMISSION_DENIED, static_cast<int>(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(TSR_RESOURCE_EXHAUSTED, static_cast<int>(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(TSR_FAILED_PRECONDITION, static_cast<int>(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(TSR_ABORTED, static_cast<int>(absl::StatusCode::kAborted));
  EXPECT_EQ(TSR_OUT_OF_RANGE, static_cast<int>(absl::StatusCode::kOutOfRange));
  EXPECT_EQ(TSR_UNIMPLEMENTED, static_cast<int>(absl::StatusCode::kUnimplemented));
  EXPECT_EQ(TSR_INTERNAL, static_cast<int>(absl::StatusCode::kInternal));
  EXPECT_EQ(TSR_UNAVAILABLE, static_cast<int>(absl::StatusCode::kUnavailable));
  EXPECT_EQ(TSR_DATA_LOSS, static_cast<int>(absl::StatusCode::kDataLoss));
}

// Numbers that stand in plugins' binaries.
TEST(AbiLayoutTest, NumbersAreNeverReused) {
  EXPECT_EQ(TSR_PLUGIN_MAGIC, 0x0041524553534554u);
  EXPECT_EQ(TSR_FLOAT32, 1);
  EXPECT_EQ(TSR_FLOAT64, 2);
  EXPECT_EQ(TSR_FLOAT16, 3);
  EXPECT_EQ(TSR_BFLOAT16, 4);
  EXPECT_EQ(TSR_INT32, 5);
  EXPECT_EQ(TSR_INT64, 6);
  EXPECT_EQ(TSR_UINT8, 7);
  EXPECT_EQ(TSR_BOOL, 8);
  EXPECT_EQ(TSR_LOG_INFO, 0);
  EXPECT_EQ(TSR_LOG_WARNING, 1);
  EXPECT_EQ(TSR_LOG_ERROR, 2);
  EXPECT_EQ(TSR_DEVICE_CPU, 1);
  EXPECT_EQ(TSR_DEVICE_INTEGRATED, 2);
  EXPECT_EQ(TSR_DEVICE_DISCRETE, 3);
  EXPECT_EQ(TSR_DEVICE_HOST_VISIBLE, 1);
  EXPECT_EQ(TSR_DEVICE_HAS_FLOAT64, 2);
  EXPECT_EQ(TSR_DEVICE_HAS_FLOAT16, 4);
  EXPECT_EQ(TSR_DEVICE_HAS_BFLOAT16, 8);
  EXPECT_EQ(TSR_DEVICE_CONCURRENT, 16);
  EXPECT_EQ(TSR_TENSOR_IMMEDIATE, 1);
}

}  // namespace
