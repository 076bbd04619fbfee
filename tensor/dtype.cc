// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/dtype.h"

#include <algorithm>

namespace tessera {

std::string_view dtype_name(DType dtype) {
  switch (dtype) {
    case kFloat32:
      return "float32";
    case kFloat64:
      return "float64";
    case kFloat16:
      return "float16";
    case kBFloat16:
      return "bfloat16";
    case kInt32:
      return "int32";
    case kInt64:
      return "int64";
    case kUInt8:
      return "uint8";
    case kBool:
      return "bool";
  }
  return "invalid dtype";
}

std::optional<DType> dtype_from_name(std::string_view name) {
  for (DType dtype : kAllDTypes) {
    if (dtype_name(dtype) == name) return dtype;
  }
  return std::nullopt;
}

DType promote_types(DType a, DType b) {
  if (a == b) return a;
  if (is_floating_point(a) && is_floating_point(b)) {
    if (a == kFloat64 || b == kFloat64) return kFloat64;
    return kFloat32;  // float32 with a half type, or the two half types
  }
  if (is_floating_point(a)) return a;
  if (is_floating_point(b)) return b;
  auto rank = [](DType d) { return d == kBool ? 0 : d == kUInt8 ? 1 : d == kInt32 ? 2 : 3; };
  return rank(a) > rank(b) ? a : b;
}

}  // namespace tessera
