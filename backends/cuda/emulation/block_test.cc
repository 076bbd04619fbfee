// SPDX-License-Identifier: Apache-2.0
//
// Kernels with planted errors are caught; the same kernels without are right, in many orders.
#include "tessera/backends/cuda/emulation/block.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/cuda/runtime.h"

namespace tessera::cuda::emulation {
namespace {

constexpr uint32_t kThreads = 128;
constexpr int kOrders = 20;

enum class Error {
  kNone,
  kMissingBarrier,
  kOffByOne,       // the last thread writes past the output
  kLostElement,    // the last element is not summed
  kEarlyReturn,    // a thread does not reach the barrier
  kTwoBarriers,    // threads wait in two places
  kSharedOverrun,  // of shared memory
  kUninitialised,  // shared memory that nobody wrote is summed
  kDivergentShuffle
};

// Sums of blocks of x, each by all its threads, in shared memory.
template <Error error>
void sum_blocks(const float* x, float* y) {
  using Values = float[kThreads];
  TESSERA_SHARED(Values, values);
  const uint32_t t = threadIdx.x;
  if (error == Error::kEarlyReturn && t == 77) return;
  if (error != Error::kUninitialised || t != 5) {
    values[error == Error::kSharedOverrun ? t + 1 : t] = x[blockIdx.x * kThreads + t];
  }
  if (error == Error::kTwoBarriers && t < 32) {
    __syncthreads();
  } else if (error != Error::kMissingBarrier) {
    __syncthreads();
  }
  for (uint32_t half = kThreads / 2; half > 0; half /= 2) {
    if (t < half && (error != Error::kLostElement || t + half != kThreads - 1)) {
      values[t] += values[t + half];
    }
    __syncthreads();
  }
  if (t == 0) y[error == Error::kOffByOne ? blockIdx.x + 1 : blockIdx.x] = values[0];
}

// The same by shuffles.
template <Error error>
void sum_warps(const float* x, float* y) {
  const uint32_t t = threadIdx.x;
  float sum = x[blockIdx.x * kThreads + t];
  if (error == Error::kDivergentShuffle && t % kWarp == 3) return;
  for (int lanes = kWarp / 2; lanes > 0; lanes /= 2) {
    sum += __shfl_xor_sync(kWholeWarp, sum, lanes);
  }
  if (t % kWarp == 0) atomicAdd(&y[blockIdx.x], sum);
}

class BlockTest : public ::testing::Test {
 protected:
  static constexpr uint32_t kBlocks = 7;

  BlockTest() : x_(kBlocks * kThreads) { std::iota(x_.begin(), x_.end(), 1.0f); }

  // What went wrong in one of many orders, or nothing.
  std::string run(void (*kernel)(const float*, float*)) {
    for (int order = 0; order < kOrders; ++order) {
      set_seed(order);
      y_.assign(kBlocks + 1, 0);
      const std::string wrong =
          run_grid({kBlocks}, {kThreads}, [&] { kernel(x_.data(), y_.data()); });
      if (!wrong.empty()) return wrong;
      for (uint32_t b = 0; b < kBlocks; ++b) {
        const float want =
            std::accumulate(x_.begin() + b * kThreads, x_.begin() + (b + 1) * kThreads, 0.0f);
        if (y_[b] != want) return "wrong sum";
      }
    }
    return "";
  }

  std::vector<float> x_, y_;
};

TEST_F(BlockTest, RightKernelsAreRightInEveryOrder) {
  EXPECT_EQ(run(sum_blocks<Error::kNone>), "");
  EXPECT_EQ(run(sum_warps<Error::kNone>), "");
}

TEST_F(BlockTest, MissingBarrierGivesAWrongSum) {
  EXPECT_EQ(run(sum_blocks<Error::kMissingBarrier>), "wrong sum");
}

TEST_F(BlockTest, LostElementGivesAWrongSum) {
  EXPECT_EQ(run(sum_blocks<Error::kLostElement>), "wrong sum");
}

TEST_F(BlockTest, UninitialisedSharedMemoryGivesAWrongSum) {
  EXPECT_EQ(run(sum_blocks<Error::kUninitialised>), "wrong sum");
}

TEST_F(BlockTest, BarrierThatAThreadDoesNotReachIsAnError) {
  const std::string wrong = run(sum_blocks<Error::kEarlyReturn>);
  EXPECT_NE(wrong.find("is not reached by all threads"), std::string::npos) << wrong;
  EXPECT_NE(wrong.find("1 of 128 have returned"), std::string::npos) << wrong;
  EXPECT_EQ(run(sum_blocks<Error::kNone>), "");  // and the next launch begins anew
}

TEST_F(BlockTest, BarriersAtTwoPlacesAreAnError) {
  const std::string wrong = run(sum_blocks<Error::kTwoBarriers>);
  EXPECT_NE(wrong.find("waits at the barrier of"), std::string::npos) << wrong;
}

TEST_F(BlockTest, OverrunOfSharedMemoryIsAnError) {
  const std::string wrong = run(sum_blocks<Error::kSharedOverrun>);
  EXPECT_NE(wrong.find("shared memory values of 512 bytes is written"), std::string::npos) << wrong;
}

TEST_F(BlockTest, ShuffleWithoutALaneIsAnError) {
  const std::string wrong = run(sum_warps<Error::kDivergentShuffle>);
  EXPECT_NE(wrong.find("the warp operation"), std::string::npos) << wrong;
}

TEST_F(BlockTest, TooMuchSharedMemoryIsAnError) {
  const auto kernel = [](const float*, float*) {
    using Much = char[kSharedBytes + 1];
    TESSERA_SHARED(Much, much);
    much[0] = 0;
  };
  EXPECT_NE(run(kernel).find("bytes of shared memory with much"), std::string::npos);
}

TEST_F(BlockTest, VotesAndShufflesAreCudas) {
  const std::string wrong = run_grid({1}, {64}, [] {
    const int lane = static_cast<int>(threadIdx.x % 32);
    bool right = __ballot_sync(kWholeWarp, lane % 2) == 0xAAAAAAAA;
    right = right && __any_sync(kWholeWarp, lane == 7) == 1 && __all_sync(kWholeWarp, 1) == 1;
    right = right && __all_sync(kWholeWarp, lane != 7) == 0 && __any_sync(kWholeWarp, 0) == 0;
    right = right && __shfl_sync(kWholeWarp, lane, 5) == 5;
    right = right && __shfl_sync(kWholeWarp, lane, 5, 8) == lane / 8 * 8 + 5;
    right = right && __shfl_down_sync(kWholeWarp, lane, 4u) == (lane < 28 ? lane + 4 : lane);
    right = right && __shfl_up_sync(kWholeWarp, lane, 4u) == (lane < 4 ? lane : lane - 4);
    right = right && __shfl_xor_sync(kWholeWarp, 0.5 * lane, 9) == 0.5 * (lane ^ 9);
    if (!right) __syncthreads();  // others return: an error
  });
  EXPECT_EQ(wrong, "");
}

TEST_F(BlockTest, EveryThreadOfEveryBlockRunsOnceInAnOrderOfItsOwn) {
  std::vector<int> runs(3 * 2 * 2 * 60);
  std::vector<uint32_t> order;
  const std::string wrong = run_grid({3, 2, 2}, {5, 4, 3}, [&] {
    const uint32_t block = blockIdx.x + 3 * (blockIdx.y + 2 * blockIdx.z);
    const uint32_t thread = threadIdx.x + 5 * (threadIdx.y + 4 * threadIdx.z);
    ++runs[block * 60 + thread];
    order.push_back(block * 60 + thread);
  });
  EXPECT_EQ(wrong, "");
  EXPECT_TRUE(std::all_of(runs.begin(), runs.end(), [](int n) { return n == 1; }));
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
}

}  // namespace
}  // namespace tessera::cuda::emulation
