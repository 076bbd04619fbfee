// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/conformance/host_tensor.h"

#include <cmath>
#include <cstring>

#include "tessera/backends/conformance/layout.h"
#include "tessera/backends/runtime/error.h"

namespace tessera::conformance {
namespace {

template <class T>
T load(const std::vector<char>& bytes, int64_t i) {
  T value;
  std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
  return value;
}

}  // namespace

HostTensor::HostTensor(DType dtype_in, Shape shape_in)
    : dtype(dtype_in), shape(std::move(shape_in)), bytes(shape.numel() * itemsize(dtype)) {}

double HostTensor::real(int64_t i) const {
  return visit_dtype(
      dtype, [&](auto zero) { return static_cast<double>(load<decltype(zero)>(bytes, i)); });
}

int64_t HostTensor::whole(int64_t i) const {
  switch (dtype) {
    case kInt64:
      return load<int64_t>(bytes, i);
    case kInt32:
      return load<int32_t>(bytes, i);
    default:  // a bool is read as its byte, so that a 2 shows
      return load<uint8_t>(bytes, i);
  }
}

void HostTensor::set(int64_t i, double value) {
  visit_dtype(dtype, [&](auto zero) {
    using T = decltype(zero);
    T cast = std::is_same_v<T, bool>     ? T(value != 0)
             : std::is_integral_v<T>     ? T(static_cast<int64_t>(value))
             : std::is_same_v<T, double> ? T(value)
                                         : T(static_cast<float>(value));
    std::memcpy(bytes.data() + i * sizeof cast, &cast, sizeof cast);
  });
}

HostTensor make_values(const SampleTensor& input, DType floating, uint64_t seed) {
  HostTensor host(input.dtype == kFloat32 ? floating : input.dtype, input.shape);
  const double start = static_cast<double>(seed % 1000003) / 1000003;
  const double kGolden = 0.61803398874989484820;
  for (int64_t i = 0; i < host.numel(); ++i) {
    if (!input.values.empty()) {
      host.set(i, input.values[i]);
      continue;
    }
    double ignored;
    const double u = std::modf(start + static_cast<double>(i) * kGolden, &ignored);
    const double value = input.low + (input.high - input.low) * u;
    host.set(i, is_floating_point(host.dtype) ? value : std::floor(value));
  }
  return host;
}

uint64_t seed_of(std::string_view op, std::string_view sample, int input) {
  uint64_t hash = 14695981039346656037u + static_cast<uint64_t>(input);
  for (std::string_view text : {op, sample}) {
    for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  }
  return hash;
}

HostTensor read(const Tensor& x) {
  const TensorImpl& impl = x.impl();
  HostTensor host(impl.dtype, impl.shape);
  if (impl.is_immediate) {
    std::memcpy(host.bytes.data(), &impl.immediate, host.bytes.size());
    return host;
  }
  raise_if_error(x.device().synchronize());
  std::vector<char> storage(impl.storage->buffer().size());
  raise_if_error(impl.storage->buffer().read(0, storage.data(), storage.size()));
  const int64_t size = itemsize(impl.dtype);
  int64_t i = 0;
  for_each_place(impl.shape, impl.strides, impl.offset, [&](int64_t place) {
    std::memcpy(host.bytes.data() + i++ * size, storage.data() + place * size, size);
  });
  return host;
}

}  // namespace tessera::conformance
