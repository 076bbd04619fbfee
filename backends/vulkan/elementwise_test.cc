// SPDX-License-Identifier: Apache-2.0
//
// Operands of random shapes and strides, of more dims than a dispatch loops over, beside the same
// on the host. (What the ops compute is the exam's.)
#include "tessera/backends/vulkan/elementwise.h"

#include <algorithm>
#include <cstring>
#include <memory>
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

// A one-dimensional view of `count` elements from byte `offset` of a buffer on.
struct Line {
  Line(Buffer* buffer, uint32_t dtype, uint64_t offset, int64_t count) : shape{count} {
    tensor = {sizeof(TsrTensor),
              static_cast<char*>(buffer->data) + offset,
              buffer,
              offset,
              shape,
              strides,
              1,
              dtype};
  }
  Line(const Line&) = delete;
  int64_t shape[1], strides[1] = {1};
  TsrTensor tensor;
};

class PackedTest : public testing::Test {
 protected:
  static constexpr int64_t kBytes = 1 << 16;

  Buffer* bytes(const std::vector<uint8_t>& values) {
    std::vector<float> words(kBytes / 4);
    std::memcpy(words.data(), values.data(), kBytes);
    Buffer* buffer = device_.floats(kBytes / 4);
    EXPECT_EQ(device_.write(buffer, words).status, TSR_OK);
    return buffer;
  }
  std::vector<uint8_t> read(Buffer* buffer) {
    std::vector<float> words(kBytes / 4);
    const Outcome outcome = device_.read(buffer, &words);
    EXPECT_EQ(outcome.status, TSR_OK) << outcome.text;
    std::vector<uint8_t> values(kBytes);
    std::memcpy(values.data(), words.data(), kBytes);
    return values;
  }

  // y[begin ..] = op(x...) of `count` elements; input k begins `shift[k]` elements into its buffer.
  void launch(const char* op, const std::vector<Buffer*>& x, const std::vector<uint32_t>& dtypes,
              const std::vector<int64_t>& shift, Buffer* y, uint32_t y_dtype, int64_t begin,
              int64_t count) {
    std::vector<std::unique_ptr<Line>> lines;
    const TsrTensor* inputs[3];
    for (size_t k = 0; k < x.size(); ++k) {
      const uint64_t offset = (begin + shift[k]) * plugin::item_size(dtypes[k]);
      lines.push_back(std::make_unique<Line>(x[k], dtypes[k], offset, count));
      inputs[k] = &lines.back()->tensor;
    }
    const Line out(y, y_dtype, begin * plugin::item_size(y_dtype), count);
    const TsrTensor* const outputs[] = {&out.tensor};
    const TsrNode node = {
        sizeof(TsrNode), op, 1, inputs, outputs, static_cast<uint32_t>(x.size()), 1};
    ASSERT_EQ(device_.launch(node).status, TSR_OK) << op;
  }

  TestDevice device_;
};

// Many elements at once are taken in words, where their places allow it; few are taken one by one.
// Both give the same bytes, and leave those around them alone.
TEST_F(PackedTest, WordsAndElementsGiveTheSame) {
  struct Case {
    const char* op;
    std::vector<uint32_t> inputs;
    uint32_t output;
  };
  const std::vector<Case> cases = {
      {"neg", {TSR_FLOAT32}, TSR_FLOAT32},
      {"sub", {TSR_FLOAT16, TSR_FLOAT16}, TSR_FLOAT16},
      {"sub", {TSR_BFLOAT16, TSR_BFLOAT16}, TSR_BFLOAT16},
      {"mul", {TSR_UINT8, TSR_UINT8}, TSR_UINT8},
      {"clamp", {TSR_INT32, TSR_INT32, TSR_INT32}, TSR_INT32},
      {"abs", {TSR_INT64}, TSR_INT64},
      {"lt", {TSR_FLOAT16, TSR_FLOAT16}, TSR_BOOL},
      {"lt", {TSR_FLOAT32, TSR_FLOAT32}, TSR_BOOL},
      {"ge", {TSR_UINT8, TSR_UINT8}, TSR_BOOL},
      {"logical_xor", {TSR_BOOL, TSR_BOOL}, TSR_BOOL},
      {"where", {TSR_BOOL, TSR_FLOAT32, TSR_FLOAT32}, TSR_FLOAT32},
      {"where", {TSR_BOOL, TSR_BFLOAT16, TSR_BFLOAT16}, TSR_BFLOAT16},
      {"where", {TSR_BOOL, TSR_UINT8, TSR_UINT8}, TSR_UINT8},
  };
  std::mt19937 random(6);
  std::vector<Buffer*> buffers;
  for (int k = 0; k < 3; ++k) {
    std::vector<uint8_t> values(kBytes);
    for (uint8_t& v : values) v = static_cast<uint8_t>(random() % 128);  // no nan of float16
    buffers.push_back(bytes(values));
  }
  std::vector<uint8_t> bits(kBytes);
  for (uint8_t& v : bits) v = random() % 2;
  Buffer* const truths = bytes(bits);
  const std::vector<uint8_t> guard(kBytes, 0xA5);
  for (const Case& c : cases) {
    for (int round = 0; round < 6; ++round) {
      const int64_t count = 4096 + random() % 12;
      std::vector<Buffer*> x;
      std::vector<int64_t> shift;
      for (uint32_t dtype : c.inputs) {
        x.push_back(dtype == TSR_BOOL ? truths : buffers[x.size()]);
        shift.push_back(round < 4 ? 8 * (random() % 4) : random() % 9);
      }
      Buffer* const whole = bytes(guard);
      Buffer* const parts = bytes(guard);
      launch(c.op, x, c.inputs, shift, whole, c.output, 8, count);
      for (int64_t begin = 0; begin < count; begin += 1000) {
        launch(c.op, x, c.inputs, shift, parts, c.output, 8 + begin,
               std::min<int64_t>(1000, count - begin));
      }
      const std::vector<uint8_t> got = read(whole);
      EXPECT_EQ(got, read(parts)) << c.op << " of dtype " << c.inputs[0] << ", " << count;
      EXPECT_EQ(got[8 * plugin::item_size(c.output) - 1], 0xA5);
      EXPECT_EQ(got[(8 + count) * plugin::item_size(c.output)], 0xA5);
      device_->allocator.free(whole);
      device_->allocator.free(parts);
    }
  }
}

}  // namespace
}  // namespace tessera::vulkan
