// SPDX-License-Identifier: Apache-2.0
//
// Operands of random shapes and strides, of more dims than a dispatch loops over, beside the same
// on the host. (What the ops compute is the exam's.)
#include "tessera/backends/vulkan/elementwise.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/vulkan/test_device.h"

namespace tessera::vulkan {
namespace {

constexpr uint32_t kMaxRank = 9;
constexpr int64_t kFloats = 4096;  // of each buffer

// A float32 operand in a buffer of its own, whose element i is `first` + i.
struct Operand {
  Buffer* buffer;
  float first;
  int64_t offset = 0;
  int64_t shape[kMaxRank], strides[kMaxRank];
  TsrTensor tensor;

  void set(const std::vector<int64_t>& sizes, const std::vector<int64_t>& steps) {
    std::copy(sizes.begin(), sizes.end(), shape);
    std::copy(steps.begin(), steps.end(), strides);
    tensor = {sizeof(TsrTensor),
              static_cast<char*>(buffer->data) + offset * 4,
              buffer,
              static_cast<uint64_t>(offset) * 4,
              shape,
              strides,
              static_cast<uint32_t>(sizes.size()),
              TSR_FLOAT32};
  }
  void make_immediate(const std::vector<int64_t>& sizes) {
    set(sizes, std::vector<int64_t>(sizes.size()));
    tensor.buffer = nullptr;
    tensor.flags = TSR_TENSOR_IMMEDIATE;
    std::memcpy(tensor.immediate, &first, sizeof first);
    tensor.data = tensor.immediate;
  }
  float at(const std::vector<int64_t>& index) const {
    if (is_immediate(tensor)) return first;
    int64_t place = offset;
    for (size_t k = 0; k < index.size(); ++k) place += index[k] * strides[k];
    return first + static_cast<float>(place);
  }
};

// The strides of a dense tensor whose dims are stored in the order `order`, some broadcast.
std::vector<int64_t> random_strides(const std::vector<int64_t>& shape, std::mt19937& random) {
  std::vector<size_t> order(shape.size());
  for (size_t k = 0; k < order.size(); ++k) order[k] = k;
  if (random() % 2 == 0) std::shuffle(order.begin(), order.end(), random);
  std::vector<int64_t> strides(shape.size());
  int64_t stride = 1 + random() % 2;
  for (size_t k = order.size(); k-- > 0;) {
    const bool broadcast = random() % 4 == 0;
    strides[order[k]] = broadcast ? 0 : stride;
    if (!broadcast) stride *= shape[order[k]];
  }
  return strides;
}

TEST(ElementwiseTest, RandomLayoutsUpToRank9) {
  TestDevice device;
  std::mt19937 random(5);
  Operand x[3], y;
  for (int i = 0; i < 4; ++i) {
    Operand& operand = i < 3 ? x[i] : y;
    operand.buffer = device.floats(kFloats);
    operand.first = static_cast<float>(10000 * i);
    std::vector<float> values(kFloats);
    for (int64_t k = 0; k < kFloats; ++k) values[k] = operand.first + static_cast<float>(k);
    ASSERT_EQ(device.write(operand.buffer, values).status, TSR_OK);
  }
  int deep = 0;
  for (int round = 0; round < 400; ++round) {
    std::vector<int64_t> shape(random() % (kMaxRank + 1));
    int64_t count = 1;
    for (int64_t& size : shape) {
      size = 1 + random() % (count > 200 ? 2 : 3);
      count *= size;
    }
    if (count > kFloats / 8) continue;
    const uint32_t arity = 1 + random() % 3;
    for (uint32_t i = 0; i < arity; ++i) {
      x[i].offset = random() % 8;
      if (random() % 5 == 0) {
        x[i].make_immediate(shape);
      } else {
        x[i].set(shape, random_strides(shape, random));
      }
    }
    std::vector<int64_t> dense(shape.size());
    int64_t stride = 1;
    for (size_t k = shape.size(); k-- > 0; stride *= shape[k]) dense[k] = stride;
    y.set(shape, dense);
    deep += shape.size() > 7 ? 1 : 0;

    const TsrTensor* const inputs[] = {&x[0].tensor, &x[1].tensor, &x[2].tensor};
    const TsrTensor* const outputs[] = {&y.tensor};
    const char* const ops[] = {"neg", "sub", "clamp"};
    const TsrNode node = {sizeof(TsrNode), ops[arity - 1], 1, inputs, outputs, arity, 1};
    ASSERT_EQ(device.launch(node).status, TSR_OK);
    std::vector<float> got(kFloats);
    const Outcome outcome = device.read(y.buffer, &got);
    ASSERT_EQ(outcome.status, TSR_OK) << outcome.text;

    std::vector<int64_t> index(shape.size());
    for (int64_t i = 0; i < count; ++i) {
      int64_t rest = i;
      for (size_t k = shape.size(); k-- > 0; rest /= shape[k]) index[k] = rest % shape[k];
      const float a = x[0].at(index);
      const float want = arity == 1   ? -a
                         : arity == 2 ? a - x[1].at(index)
                                      : std::min(std::max(a, x[1].at(index)), x[2].at(index));
      ASSERT_EQ(got[i], want) << ops[arity - 1] << " round " << round << " element " << i;
    }
  }
  EXPECT_GT(deep, 20);
}

}  // namespace
}  // namespace tessera::vulkan
