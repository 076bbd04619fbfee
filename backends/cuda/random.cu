// SPDX-License-Identifier: Apache-2.0
//
// Bits equal to every other backend's: backends/random. For the host it is compiled with
// -ffp-contract=off (normal.h).
#include "tessera/backends/cuda/number.h"
#include "tessera/backends/cuda/random.h"
#include "tessera/backends/random/normal.h"
#include "tessera/backends/random/philox.h"

namespace tessera::cuda {
namespace {

constexpr uint32_t kThreads = 256;

// A draw makes kElements elements of T of the four words of a block.
struct Bits {
  static constexpr uint32_t kElements = 4;
  static __device__ __forceinline__ int32_t element(const uint32_t* words, uint32_t k) {
    return static_cast<int32_t>(words[k]);
  }
};
struct Uniform32 {
  static constexpr uint32_t kElements = 4;
  static __device__ __forceinline__ float element(const uint32_t* words, uint32_t k) {
    return tessera_uniform_float32(words[k]);
  }
};
struct Uniform64 {
  static constexpr uint32_t kElements = 2;
  static __device__ __forceinline__ double element(const uint32_t* words, uint32_t k) {
    return tessera_uniform_float64(words[2 * k], words[2 * k + 1]);
  }
};
struct Normal {
  static constexpr uint32_t kElements = 4;
  static __device__ __forceinline__ float element(const uint32_t* words, uint32_t k) {
    return tessera_normal_float32(words[k]);
  }
};

// y (n)
template <class Draw, class T>
__global__ void __launch_bounds__(kThreads)
    draw_kernel(uint64_t seed, uint64_t offset, T* y, int64_t n) {
  constexpr uint32_t k = Draw::kElements;
  for (int64_t block = int64_t{blockIdx.x} * kThreads + threadIdx.x; block * k < n;
       block += int64_t{gridDim.x} * kThreads) {
    uint32_t words[4];
    tessera_philox_block(seed, offset + static_cast<uint64_t>(block), words);
    for (uint32_t j = 0; j < k; ++j) {
      if (block * k + j < n) y[block * k + j] = convert<T>(Draw::element(words, j));
    }
  }
}

template <class Draw, class T>
void draw(Launcher& launcher, const TsrNode& node) {
  const TsrTensor& y = *node.outputs[0];
  const int64_t n = element_count(y);
  launcher.launch(draw_kernel<Draw, T>, launcher.blocks_for(n, kThreads * Draw::kElements),
                  kThreads, static_cast<uint64_t>(node.ints[0]),
                  static_cast<uint64_t>(node.ints[1]), data_of<T>(y), n);
}

template <bool floating>
TsrStatus check_random(const TsrNode& node, TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_counts(node, 0, 1, 2, 0, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_tensors(node, message));
  const uint32_t dtype = node.outputs[0]->dtype;
  if (floating ? !plugin::is_floating(dtype) : dtype != TSR_INT32) {
    return unsupported(node, "dtype", message);
  }
  return TSR_OK;
}

void run_uniform(Launcher& launcher, const TsrNode& node) {
  with_floating(node.outputs[0]->dtype, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    if constexpr (std::is_same_v<T, double>) {
      draw<Uniform64, T>(launcher, node);
    } else {
      draw<Uniform32, T>(launcher, node);
    }
  });
}

void run_normal(Launcher& launcher, const TsrNode& node) {
  with_floating(node.outputs[0]->dtype,
                [&](auto tag) { draw<Normal, typename decltype(tag)::Type>(launcher, node); });
}

}  // namespace

std::span<const KernelEntry> random_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"random_bits", make_kernel<check_random<false>, draw<Bits, int32_t>>()},
      {"random_uniform", make_kernel<check_random<true>, run_uniform>()},
      {"random_normal", make_kernel<check_random<true>, run_normal>()},
  };
  return kKernels;
}

}  // namespace tessera::cuda
