// SPDX-License-Identifier: Apache-2.0
//
// DType: the element types of tensors, and the C++ types that stand for them.
//
//   kFloat32 == dtype_of<float>;  itemsize(kInt64) == 8;  promote_types(kInt64, kFloat16) ==
//   kFloat16
#ifndef TESSERA_TENSOR_DTYPE_H_
#define TESSERA_TENSOR_DTYPE_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/tensor/half.h"

namespace tessera {

// The values are those of the plugin interface.
enum class DType : uint8_t {
  kFloat32 = TSR_FLOAT32,
  kFloat64 = TSR_FLOAT64,
  kFloat16 = TSR_FLOAT16,
  kBFloat16 = TSR_BFLOAT16,
  kInt32 = TSR_INT32,
  kInt64 = TSR_INT64,
  kUInt8 = TSR_UINT8,
  kBool = TSR_BOOL,
};

inline constexpr DType kFloat32 = DType::kFloat32;
inline constexpr DType kFloat64 = DType::kFloat64;
inline constexpr DType kFloat16 = DType::kFloat16;
inline constexpr DType kBFloat16 = DType::kBFloat16;
inline constexpr DType kInt32 = DType::kInt32;
inline constexpr DType kInt64 = DType::kInt64;
inline constexpr DType kUInt8 = DType::kUInt8;
inline constexpr DType kBool = DType::kBool;

inline constexpr DType kAllDTypes[] = {kFloat32, kFloat64, kFloat16, kBFloat16,
                                       kInt32,   kInt64,   kUInt8,   kBool};

// Bytes per element.
constexpr int64_t itemsize(DType dtype) {
  constexpr uint8_t kSizes[] = {0, 4, 8, 2, 2, 4, 8, 1, 1};
  return kSizes[static_cast<int>(dtype)];
}

constexpr bool is_floating_point(DType dtype) { return dtype <= kBFloat16; }
constexpr bool is_integral(DType dtype) { return dtype >= kInt32 && dtype <= kUInt8; }

// "float32"
std::string_view dtype_name(DType dtype);
std::optional<DType> dtype_from_name(std::string_view name);

// The smallest dtype that both convert to by PyTorch's rules (torch.promote_types): bool < uint8 <
// int32 < int64 < float16, bfloat16 < float32 < float64; float16 with bfloat16 gives float32.
DType promote_types(DType a, DType b);

// What an integer or bool tensor becomes where an op needs real numbers: kFloat32 (PyTorch's
// default dtype); floating types stay.
constexpr DType to_floating_point(DType dtype) {
  return is_floating_point(dtype) ? dtype : kFloat32;
}

template <class T>
struct DTypeOf;  // undefined for types that tensors do not hold
template <>
struct DTypeOf<float> {
  static constexpr DType value = kFloat32;
};
template <>
struct DTypeOf<double> {
  static constexpr DType value = kFloat64;
};
template <>
struct DTypeOf<float16> {
  static constexpr DType value = kFloat16;
};
template <>
struct DTypeOf<bfloat16> {
  static constexpr DType value = kBFloat16;
};
template <>
struct DTypeOf<int32_t> {
  static constexpr DType value = kInt32;
};
template <>
struct DTypeOf<int64_t> {
  static constexpr DType value = kInt64;
};
template <>
struct DTypeOf<uint8_t> {
  static constexpr DType value = kUInt8;
};
template <>
struct DTypeOf<bool> {
  static constexpr DType value = kBool;
};
// `long long` and `long` are both 64 bits here; one of them is int64_t, this is the other.
template <>
struct DTypeOf<long long> {
  static constexpr DType value = kInt64;
};  // NOLINT

template <class T>
inline constexpr DType dtype_of = DTypeOf<T>::value;

// Calls `f` with a value of the C++ type of `dtype`: visit_dtype(d, [&](auto zero) { using T =
// decltype(zero); ... }).
template <class F>
decltype(auto) visit_dtype(DType dtype, F&& f) {
  switch (dtype) {
    case kFloat64:
      return f(double{});
    case kFloat16:
      return f(float16{});
    case kBFloat16:
      return f(bfloat16{});
    case kInt32:
      return f(int32_t{});
    case kInt64:
      return f(int64_t{});
    case kUInt8:
      return f(uint8_t{});
    case kBool:
      return f(bool{});
    case kFloat32:
      break;
  }
  return f(float{});
}

}  // namespace tessera

#endif  // TESSERA_TENSOR_DTYPE_H_
