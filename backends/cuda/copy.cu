// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "tessera/backends/cuda/copy.h"
#include "tessera/backends/cuda/number.h"
#include "tessera/backends/cuda/strided.h"

namespace tessera::cuda {
namespace {

constexpr uint32_t kThreads = 256;
constexpr uint32_t kPerThread = 4;  // loads that are under way at once

// An input: at `data`, or `value` if that is null.
template <class T>
struct Source {
  const T* data;
  T value;
};

template <class T>
Source<T> source_of(const TsrTensor& t) {
  Source<T> source = {};
  if (is_immediate(t)) {
    std::memcpy(&source.value, t.immediate, sizeof(T));
  } else {
    source.data = data_of<T>(t);
  }
  return source;
}

// x, y: any strides; part: of (x, y)
template <class From, class To>
__global__ void __launch_bounds__(kThreads)
    copy_kernel(Source<From> x, To* y, StridedPart<2> part) {
  const uint32_t block = kThreads * kPerThread;
  for (uint64_t begin = uint64_t{blockIdx.x} * block; begin < part.count;
       begin += uint64_t{gridDim.x} * block) {
    From values[kPerThread];
    int64_t to[kPerThread];
    for (uint32_t k = 0; k < kPerThread; ++k) {
      const uint64_t i = begin + k * kThreads + threadIdx.x;
      if (i >= part.count) break;
      int64_t at[2];
      part.offsets_of(static_cast<uint32_t>(i), at);
      values[k] = x.data != nullptr ? x.data[at[0]] : x.value;
      to[k] = at[1];
    }
    for (uint32_t k = 0; k < kPerThread; ++k) {
      if (begin + k * kThreads + threadIdx.x < part.count) y[to[k]] = convert<To>(values[k]);
    }
  }
}

TsrStatus check_copy(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 1, 1, 0, 0, message));
  if (plugin::item_size(node.inputs[0]->dtype) == 0 ||
      plugin::item_size(node.outputs[0]->dtype) == 0) {
    return unsupported(node, "dtype", message);
  }
  return TSR_OK;
}

template <class From, class To>
void copy_part(Launcher& launcher, const TsrTensor& x, const TsrTensor& y,
               const StridedPart<2>& part) {
  launcher.launch(copy_kernel<From, To>, launcher.blocks_for(part.count, kThreads * kPerThread),
                  kThreads, source_of<From>(x), data_of<To>(y), part);
}

void run_copy(Launcher& launcher, const TsrNode& node) {
  copy_elements(launcher, *node.inputs[0], *node.outputs[0]);
}

// y (n): start + i * step, in double or int64
template <class T, class Wide>
__global__ void __launch_bounds__(kThreads)
    arange_kernel(Source<T> start, Source<T> step, T* y, int64_t n) {
  const Wide first = convert<Wide>(start.data != nullptr ? *start.data : start.value);
  const Wide by = convert<Wide>(step.data != nullptr ? *step.data : step.value);
  for (int64_t i = int64_t{blockIdx.x} * kThreads + threadIdx.x; i < n;
       i += int64_t{gridDim.x} * kThreads) {
    y[i] = convert<T>(first + static_cast<Wide>(i) * by);
  }
}

TsrStatus check_arange(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 2, 1, 0, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype;
  if (dtype == TSR_BOOL || node.inputs[0]->dtype != dtype || node.inputs[1]->dtype != dtype) {
    return unsupported(node, "dtype", message);
  }
  return TSR_OK;
}

void run_arange(Launcher& launcher, const TsrNode& node) {
  const TsrTensor& y = *node.outputs[0];
  const int64_t n = element_count(y);
  with_numeric(y.dtype, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    using Wide = std::conditional_t<kIsFloating<T>, double, int64_t>;
    launcher.launch(arange_kernel<T, Wide>, launcher.blocks_for(n, kThreads), kThreads,
                    source_of<T>(*node.inputs[0]), source_of<T>(*node.inputs[1]), data_of<T>(y), n);
  });
}

}  // namespace

std::span<const KernelEntry> copy_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"copy", make_kernel<check_copy, run_copy>()},
      {"arange", make_kernel<check_arange, run_arange>()},
  };
  return kKernels;
}

void copy_elements(Launcher& launcher, const TsrTensor& x, const TsrTensor& y) {
  StridedLoop<2>(y, {&x, &y}).for_each_part([&](const StridedPart<2>& part) {
    if (x.dtype != y.dtype) {
      return with_any(x.dtype, [&](auto from) {
        with_any(y.dtype, [&](auto to) {
          using From = typename decltype(from)::Type;
          using To = typename decltype(to)::Type;
          if constexpr (!std::is_same_v<From, To>) copy_part<From, To>(launcher, x, y, part);
        });
      });
    }
    with_bits(x.dtype, [&](auto bits) {
      using Bits = typename decltype(bits)::Type;
      if (is_immediate(x) || !part.is_linear(0) || !part.is_linear(1)) {
        return copy_part<Bits, Bits>(launcher, x, y, part);
      }
      launcher.check(cudaMemcpyAsync(data_of<Bits>(y) + part.offsets[1],
                                     data_of<Bits>(x) + part.offsets[0], part.count * sizeof(Bits),
                                     cudaMemcpyDeviceToDevice, launcher.stream()));
    });
  });
}

const void* dense_elements(Launcher& launcher, const TsrTensor& t) {
  if (is_dense(t) && !is_immediate(t)) return t.data;
  int64_t strides[kMaxRank];
  TsrTensor dense = t;
  dense.flags = 0;
  dense.strides = strides;
  int64_t stride = 1;
  for (uint32_t k = t.rank; k-- > 0;) {
    strides[k] = stride;
    stride *= t.shape[k];
  }
  dense.data = launcher.scratch<char>(static_cast<uint64_t>(stride) * plugin::item_size(t.dtype));
  copy_elements(launcher, t, dense);
  return dense.data;
}

}  // namespace tessera::cuda
