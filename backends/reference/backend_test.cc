// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/reference/backend.h"

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/abi/tessera_plugin.h"

namespace tessera::reference {
namespace {

// A dense tensor over a vector.
template <class T>
struct Dense {
  Dense(uint32_t dtype, std::vector<int64_t> shape_, std::vector<T> values_)
      : shape(std::move(shape_)), strides(shape.size()), values(std::move(values_)) {
    int64_t stride = 1;
    for (size_t k = shape.size(); k-- > 0; stride *= shape[k]) strides[k] = stride;
    tensor.struct_size = sizeof tensor;
    tensor.data = values.data();
    tensor.shape = shape.data();
    tensor.strides = strides.data();
    tensor.rank = static_cast<uint32_t>(shape.size());
    tensor.dtype = dtype;
  }
  std::vector<int64_t> shape, strides;
  std::vector<T> values;
  TsrTensor tensor = {};
};

using Floats = Dense<float>;
using Longs = Dense<int64_t>;

Floats floats(std::vector<int64_t> shape, std::vector<float> values) {
  return {TSR_FLOAT32, std::move(shape), std::move(values)};
}

class BackendTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(kApi.backend_initialize(nullptr, &backend_, nullptr), TSR_OK);
    ASSERT_EQ(kApi.device_open(backend_, 0, &device_, nullptr), TSR_OK);
    ASSERT_EQ(kApi.stream_create(device_, &stream_, nullptr), TSR_OK);
  }

  void TearDown() override {
    kApi.stream_destroy(stream_);
    kApi.device_close(device_);
    kApi.backend_shutdown(backend_);
  }

  TsrStatus run(const char* op, std::vector<const TsrTensor*> inputs,
                std::vector<const TsrTensor*> outputs, std::vector<int64_t> ints,
                std::vector<double> doubles = {}) {
    TsrNode node = {};
    node.struct_size = sizeof node;
    node.op = op;
    node.inputs = inputs.data();
    node.outputs = outputs.data();
    node.n_inputs = static_cast<uint32_t>(inputs.size());
    node.n_outputs = static_cast<uint32_t>(outputs.size());
    node.ints = ints.data();
    node.doubles = doubles.data();
    node.n_ints = static_cast<uint32_t>(ints.size());
    node.n_doubles = static_cast<uint32_t>(doubles.size());
    TsrMessage message = {sizeof message, text_, sizeof text_};
    return kApi.kernel_find(device_, op)->launch(stream_, &node, &message);
  }

  TsrBackend* backend_ = nullptr;
  TsrDevice* device_ = nullptr;
  TsrStream* stream_ = nullptr;
  char text_[256] = {};
};

TEST_F(BackendTest, CountsMemory) {
  TsrBuffer *a, *b;
  ASSERT_EQ(kApi.buffer_allocate(stream_, 100, &a, nullptr), TSR_OK);
  ASSERT_EQ(kApi.buffer_allocate(stream_, 0, &b, nullptr), TSR_OK);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(a->data) % 64, 0u);
  TsrMemoryStats stats = {sizeof stats};
  kApi.device_memory(device_, &stats, nullptr);
  EXPECT_EQ(stats.bytes_in_use, 100u);
  EXPECT_EQ(stats.buffers_in_use, 2u);
  kApi.buffer_free(stream_, a);
  kApi.buffer_free(stream_, b);
  kApi.device_memory(device_, &stats, nullptr);
  EXPECT_EQ(stats.bytes_in_use, 0u);
  EXPECT_EQ(stats.bytes_peak, 100u);
  EXPECT_EQ(stats.buffers_in_use, 0u);
  EXPECT_EQ(stats.allocations, 2u);
}

TEST_F(BackendTest, RefusesWhatNoMachineHas) {
  TsrBuffer* buffer = nullptr;
  TsrMessage message = {sizeof message, text_, sizeof text_};
  EXPECT_EQ(kApi.buffer_allocate(stream_, ~uint64_t{0} / 4, &buffer, &message),
            TSR_RESOURCE_EXHAUSTED);
  EXPECT_NE(std::string(text_).find("0 in use"), std::string::npos) << text_;
}

TEST_F(BackendTest, CopiesStayInTheBuffer) {
  TsrBuffer* buffer;
  ASSERT_EQ(kApi.buffer_allocate(stream_, 8, &buffer, nullptr), TSR_OK);
  const char source[8] = "abcdefg";
  char target[8] = {};
  EXPECT_EQ(kApi.copy_from_host(stream_, source, buffer, 4, 8, nullptr), TSR_OUT_OF_RANGE);
  EXPECT_EQ(kApi.copy_from_host(stream_, source, buffer, 0, 8, nullptr), TSR_OK);
  EXPECT_EQ(kApi.copy_to_host(stream_, buffer, 4, target, 3, nullptr), TSR_OK);
  EXPECT_STREQ(target, "efg");
  kApi.buffer_free(stream_, buffer);
}

TEST_F(BackendTest, KnowsNoOtherOp) {
  EXPECT_EQ(kApi.kernel_find(device_, "no_such_op"), nullptr);
  EXPECT_NE(kApi.kernel_find(device_, "conv2d"), nullptr);
}

TEST_F(BackendTest, AnotherNumberOfAttributesIsUnimplemented) {
  Floats x = floats({2, 2}, {1, 2, 3, 4}), y = floats({2, 2}, {9, 9, 9, 9});
  EXPECT_EQ(run("cumsum", {&x.tensor}, {&y.tensor}, {0, 1}), TSR_UNIMPLEMENTED);
  EXPECT_EQ(y.values, (std::vector<float>{9, 9, 9, 9}));
  EXPECT_EQ(run("cumsum", {&x.tensor}, {&y.tensor}, {0}), TSR_OK);
  EXPECT_EQ(y.values, (std::vector<float>{1, 2, 4, 6}));
}

TEST_F(BackendTest, IndexOutOfRangeNamesTheIndex) {
  Floats x = floats({3}, {1, 2, 3}), y = floats({2}, {0, 0});
  Longs index(TSR_INT64, {2}, {1, 3});
  EXPECT_EQ(run("gather", {&x.tensor, &index.tensor}, {&y.tensor}, {0}), TSR_OUT_OF_RANGE);
  EXPECT_STREQ(text_, "gather: index 3 is not in [0, 3)");
}

TEST_F(BackendTest, ReadsStridesAndImmediates) {
  Floats x = floats({2, 3}, {1, 2, 3, 4, 5, 6}), y = floats({3, 2}, std::vector<float>(6));
  x.shape = {3, 2};
  x.strides = {1, 3};
  Floats ten = floats({3, 2}, {10});
  ten.tensor.flags = TSR_TENSOR_IMMEDIATE;
  EXPECT_EQ(run("add", {&x.tensor, &ten.tensor}, {&y.tensor}, {}), TSR_OK);
  EXPECT_EQ(y.values, (std::vector<float>{11, 14, 12, 15, 13, 16}));
}

// x 3x3, w 2x2, pad 1 on the left and right, stride 2: worked out by hand.
TEST_F(BackendTest, ConvolutionByHand) {
  Floats x = floats({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  Floats w = floats({1, 1, 2, 2}, {1, 10, 100, 1000}), b = floats({1}, {0.5f});
  Floats y = floats({1, 1, 1, 2}, {0, 0});
  EXPECT_EQ(run("conv2d", {&x.tensor, &w.tensor, &b.tensor}, {&y.tensor}, {2, 2, 0, 1, 1, 1, 1}),
            TSR_OK);
  EXPECT_EQ(y.values, (std::vector<float>{4010.5f, 6532.5f}));
}

TEST_F(BackendTest, GroupsSeeTheirOwnChannels) {
  Floats x = floats({1, 4, 1, 1}, {1, 2, 3, 4}), w = floats({2, 2, 1, 1}, {1, 10, 100, 1000});
  Floats y = floats({1, 2, 1, 1}, {0, 0});
  EXPECT_EQ(run("conv2d", {&x.tensor, &w.tensor}, {&y.tensor}, {1, 1, 0, 0, 1, 1, 2}), TSR_OK);
  EXPECT_EQ(y.values, (std::vector<float>{21, 4300}));
}

TEST_F(BackendTest, SortPutsNanLastAndKeepsOrderOfEquals) {
  Floats x = floats({5}, {2, NAN, 1, 2, -1}), y = floats({5}, std::vector<float>(5));
  Longs where(TSR_INT64, {5}, std::vector<int64_t>(5));
  EXPECT_EQ(run("sort", {&x.tensor}, {&y.tensor, &where.tensor}, {0, 0}), TSR_OK);
  EXPECT_EQ(where.values, (std::vector<int64_t>{4, 2, 0, 3, 1}));
  EXPECT_EQ(run("sort", {&x.tensor}, {&y.tensor, &where.tensor}, {0, 1}), TSR_OK);
  EXPECT_EQ(where.values, (std::vector<int64_t>{1, 0, 3, 2, 4}));
}

TEST_F(BackendTest, MaximumPoolingGradientGoesToTheFirstMaximum) {
  Floats x = floats({1, 1, 2, 3}, {1, 5, 5, 5, 2, 0}), g = floats({1, 1, 1, 2}, {1, 10});
  Floats gx = floats({1, 1, 2, 3}, std::vector<float>(6));
  EXPECT_EQ(
      run("max_pool2d_backward", {&g.tensor, &x.tensor}, {&gx.tensor}, {2, 2, 1, 1, 0, 0, 1, 1, 0}),
      TSR_OK);
  EXPECT_EQ(gx.values, (std::vector<float>{0, 11, 0, 0, 0, 0}));
}

// Two steps of torch.optim.Adam's formulas on one number.
TEST_F(BackendTest, AdamByHand) {
  Dense<double> p(TSR_FLOAT64, {}, {1}), g(TSR_FLOAT64, {}, {0.5}), m(TSR_FLOAT64, {}, {0}),
      v(TSR_FLOAT64, {}, {0});
  auto step = [&](int64_t t) {
    return run("adam_step", {&p.tensor, &g.tensor, &m.tensor, &v.tensor},
               {&p.tensor, &m.tensor, &v.tensor}, {1, 0, 0, 0, t}, {0.1, 0.9, 0.99, 1e-8, 0});
  };
  EXPECT_EQ(step(1), TSR_OK);
  EXPECT_NEAR(m.values[0], 0.05, 1e-15);
  EXPECT_NEAR(v.values[0], 0.0025, 1e-15);
  EXPECT_NEAR(p.values[0], 0.9, 1e-8);  // the first step is lr, whatever the gradient
  g.values[0] = -1;
  EXPECT_EQ(step(2), TSR_OK);
  // m = 0.9 * 0.05 - 0.1, v = 0.99 * 0.0025 + 0.01
  EXPECT_NEAR(p.values[0], 0.9 + 0.1 * (0.055 / 0.19) / (std::sqrt(0.012475 / 0.0199) + 1e-8),
              1e-8);
}

}  // namespace
}  // namespace tessera::reference
