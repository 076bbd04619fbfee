// SPDX-License-Identifier: Apache-2.0
//
// How products reach cuBLASLt, whose emulation ends the device at what is not allowed. The exam
// holds their values.
#include "tessera/backends/cuda/matmul.h"

#include <cmath>
#include <string>

#include "gtest/gtest.h"
#include "tessera/backends/cuda/emulation/cublaslt.h"
#include "tessera/backends/cuda/test_device.h"

namespace tessera::cuda {
namespace {

// A strided float32 view from an element of a buffer on.
struct View {
  TsrBuffer* buffer;
  std::vector<int64_t> shape, strides;
  int64_t first = 0;
};

// The node op(inputs...) = y.
class ViewNode {
 public:
  ViewNode(const char* op, std::vector<View> inputs, View y) : views_(std::move(inputs)) {
    views_.push_back(std::move(y));
    tensors_.resize(views_.size());
    for (size_t i = 0; i < views_.size(); ++i) {
      const View& v = views_[i];
      const uint64_t offset = static_cast<uint64_t>(v.first) * sizeof(float);
      tensors_[i] = {sizeof(TsrTensor),
                     static_cast<char*>(v.buffer->data) + offset,
                     v.buffer,
                     offset,
                     v.shape.data(),
                     v.strides.data(),
                     static_cast<uint32_t>(v.shape.size()),
                     TSR_FLOAT32};
      pointers_.push_back(&tensors_[i]);
    }
    const auto n = static_cast<uint32_t>(views_.size() - 1);
    node = {sizeof(TsrNode), op, 1, pointers_.data(), pointers_.data() + n, n, 1};
  }
  ViewNode(const ViewNode&) = delete;

  TsrNode node;

 private:
  std::vector<View> views_;
  std::vector<TsrTensor> tensors_;
  std::vector<const TsrTensor*> pointers_;
};

class MatmulTest : public testing::Test {
 protected:
  TsrBuffer* filled(const std::vector<float>& values) {
    TsrBuffer* b = device_.floats(values.size());
    EXPECT_EQ(device_.write(b, values).status, TSR_OK);
    return b;
  }
  // Small whole numbers: products are exact in any order.
  TsrBuffer* whole(size_t n, int step) {
    std::vector<float> values(n);
    for (size_t i = 0; i < n; ++i) {
      values[i] = static_cast<float>(static_cast<int>(i) * step % 11 - 5);
    }
    return filled(values);
  }
  void launch(const ViewNode& n) {
    const Outcome o = TestDevice::run([&](TsrMessage* m) {
      return kApi.kernel_find(device_.device, n.node.op)->launch(device_.stream, &n.node, m);
    });
    ASSERT_EQ(o.status, TSR_OK) << o.text;
  }
  // Products and searches while f runs.
  template <class F>
  emulation::BlasCounts count(F&& f) {
    const emulation::BlasCounts before = emulation::blas_counts();
    f();
    const emulation::BlasCounts after = emulation::blas_counts();
    return {after.products - before.products, after.searches - before.searches};
  }

  TestDevice device_;
};

TEST_F(MatmulTest, AShapeIsSearchedForOnceAndTransposedFactorsAreNotCopied) {
  TsrBuffer *a = whole(6, 3), *b = whole(12, 7), *y = device_.floats(8);
  const ViewNode node("matmul", {{a, {2, 3}, {1, 2}}, {b, {3, 4}, {1, 3}}}, {y, {2, 4}, {4, 1}});
  const ViewNode other("matmul", {{a, {2, 3}, {3, 1}}, {b, {3, 4}, {4, 1}}}, {y, {2, 4}, {4, 1}});
  const uint64_t allocations = device_.memory().allocations;
  const emulation::BlasCounts first = count([&] { launch(node); });
  EXPECT_EQ(first.products, 1);
  EXPECT_EQ(first.searches, 1);
  const emulation::BlasCounts again = count([&] {
    for (int i = 0; i < 3; ++i) launch(node);
  });
  EXPECT_EQ(again.products, 3);
  EXPECT_EQ(again.searches, 0);
  EXPECT_EQ(device_.memory().allocations, allocations);
  const std::vector<float> va = device_.read(a), vb = device_.read(b), vy = device_.read(y);
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 4; ++j) {
      float sum = 0;
      for (int k = 0; k < 3; ++k) sum += va[i + 2 * k] * vb[k + 3 * j];
      EXPECT_EQ(vy[i * 4 + j], sum) << i << ", " << j;
    }
  }
  EXPECT_EQ(count([&] { launch(other); }).searches, 1);
}

// Heads of (B, L, H, E), seen as (B, H, L, E): one product for each image, and nothing is copied.
TEST_F(MatmulTest, BatchesThatAreNoRunAreOneProductForEachOfTheOuterDim) {
  const int64_t images = 3, length = 4, heads = 2, features = 5;
  const auto n = static_cast<size_t>(images * length * heads * features);
  TsrBuffer *q = whole(n, 3), *k = whole(n, 7);
  TsrBuffer* y = device_.floats(static_cast<uint64_t>(images * heads * length * length));
  const std::vector<int64_t> of_q = {length * heads * features, features, heads * features, 1};
  const std::vector<int64_t> of_k = {length * heads * features, features, 1, heads * features};
  const ViewNode node(
      "matmul",
      {{q, {images, heads, length, features}, of_q}, {k, {images, heads, features, length}, of_k}},
      {y, {images, heads, length, length}, {heads * length * length, length * length, length, 1}});
  const uint64_t allocations = device_.memory().allocations;
  EXPECT_EQ(count([&] { launch(node); }).products, 3);
  EXPECT_EQ(device_.memory().allocations, allocations);
  const std::vector<float> vq = device_.read(q), vk = device_.read(k), vy = device_.read(y);
  const auto at = [&](int64_t b, int64_t h, int64_t l, int64_t e) {
    return static_cast<size_t>(((b * length + l) * heads + h) * features + e);
  };
  size_t i = 0;
  for (int64_t b = 0; b < images; ++b) {
    for (int64_t h = 0; h < heads; ++h) {
      for (int64_t r = 0; r < length; ++r) {
        for (int64_t c = 0; c < length; ++c, ++i) {
          float sum = 0;
          for (int64_t e = 0; e < features; ++e) sum += vq[at(b, h, r, e)] * vk[at(b, h, c, e)];
          EXPECT_EQ(vy[i], sum) << i;
        }
      }
    }
  }
}

TEST_F(MatmulTest, ManyOuterBatchesAreCopiedAndOneProduct) {
  const int64_t images = 40, heads = 2;
  TsrBuffer *a = whole(240, 3), *b = whole(240, 7), *y = device_.floats(320);
  const ViewNode node(
      "matmul",
      {{a, {images, heads, 2, 1}, {6, 1, 2, 1}}, {b, {images, heads, 1, 2}, {6, 1, 1, 2}}},
      {y, {images, heads, 2, 2}, {8, 4, 2, 1}});
  EXPECT_EQ(count([&] { launch(node); }).products, 1);
  const std::vector<float> va = device_.read(a), vb = device_.read(b), vy = device_.read(y);
  for (size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(vy[i * 8 + 7], va[i * 6 + 1 + 2] * vb[i * 6 + 1 + 2]) << i;
  }
}

TEST_F(MatmulTest, LinearAddsItsBiasInTheProduct) {
  TsrBuffer *x = whole(6, 3), *w = whole(12, 7), *bias = whole(4, 5), *y = device_.floats(8);
  const ViewNode node("linear", {{x, {2, 3}, {3, 1}}, {w, {4, 3}, {3, 1}}, {bias, {4}, {1}}},
                      {y, {2, 4}, {4, 1}});
  const size_t before = emulation::pending();
  EXPECT_EQ(count([&] { launch(node); }).products, 1);
  EXPECT_EQ(emulation::pending(), before + 1);
  const std::vector<float> vx = device_.read(x), vw = device_.read(w), vb = device_.read(bias);
  const std::vector<float> vy = device_.read(y);
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 4; ++j) {
      float sum = vb[j];
      for (int k = 0; k < 3; ++k) sum += vx[i * 3 + k] * vw[j * 3 + k];
      EXPECT_EQ(vy[i * 4 + j], sum);
    }
  }
}

// Memory that is aligned to 4 bytes only is another search, with another promise.
TEST_F(MatmulTest, AlignmentIsNotPromisedWhereItIsNot) {
  TsrBuffer *a = whole(65, 3), *b = whole(65, 7), *y = device_.floats(16);
  for (int64_t first : {0, 1}) {
    const ViewNode node("matmul", {{a, {4, 16}, {16, 1}, first}, {b, {16, 4}, {4, 1}, first}},
                        {y, {4, 4}, {4, 1}});
    EXPECT_EQ(count([&] { launch(node); }).searches, 1) << first;
    EXPECT_EQ(device_.synchronize().status, TSR_OK);
  }
}

TEST_F(MatmulTest, AGraphKeepsItsWorkspaceAndItsPrecision) {
  const float fine = 1 + std::ldexp(1.0f, -14);  // 1 in TF32
  constexpr int64_t kTerms = 128;                // with a workspace
  TsrBuffer* a = filled(std::vector<float>(kTerms, fine));
  TsrBuffer* b = filled(std::vector<float>(kTerms, 1));
  TsrBuffer *y = device_.floats(1), *bias = filled({7});
  const ViewNode node(
      "linear", {{a, {1, kTerms}, {kTerms, 1}}, {b, {1, kTerms}, {kTerms, 1}}, {bias, {1}, {1}}},
      {y, {1, 1}, {1, 1}});
  const TsrNode* nodes[] = {&node.node};
  ASSERT_EQ(device_.set_option("float32_matmul_precision", "high").status, TSR_OK);
  TsrGraph* graph = nullptr;
  ASSERT_EQ(kApi.graph_create(device_.stream, nodes, 1, &graph, nullptr), TSR_OK);
  ASSERT_EQ(device_.set_option("float32_matmul_precision", "highest").status, TSR_OK);
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(kApi.graph_launch(graph, device_.stream, nullptr), TSR_OK);
    EXPECT_EQ(device_.read(y)[0], kTerms + 7);
  }
  launch(node);
  EXPECT_EQ(device_.read(y)[0], kTerms * fine + 7);
  kApi.graph_destroy(graph);
}

TEST_F(MatmulTest, Tf32IsThereWhenItIsAskedFor) {
  const float fine = 1 + std::ldexp(1.0f, -14);
  TsrBuffer *a = filled({fine}), *b = filled({3}), *y = device_.floats(1);
  const ViewNode node("matmul", {{a, {1, 1}, {1, 1}}, {b, {1, 1}, {1, 1}}}, {y, {1, 1}, {1, 1}});
  const std::pair<const char*, float> expected[] = {
      {"highest", 3 * fine}, {"high", 3.0f}, {"medium", 3.0f}, {"highest", 3 * fine}};
  launch(node);
  EXPECT_EQ(device_.read(y)[0], 3 * fine);
  for (const auto& [precision, value] : expected) {
    ASSERT_EQ(device_.set_option("float32_matmul_precision", precision).status, TSR_OK);
    launch(node);
    EXPECT_EQ(device_.read(y)[0], value) << precision;
  }
}

TEST_F(MatmulTest, OptionsThatAreNotKnownSaySo) {
  const Outcome value = device_.set_option("float32_matmul_precision", "lowest");
  EXPECT_EQ(value.status, TSR_INVALID_ARGUMENT);
  EXPECT_NE(value.text.find("highest, high or medium, got lowest"), std::string::npos);
  EXPECT_EQ(device_.set_option("colour", "blue").status, TSR_UNIMPLEMENTED);
}

}  // namespace
}  // namespace tessera::cuda
