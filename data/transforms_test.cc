// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/transforms.h"

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/data_loader.h"
#include "tessera/data/tensor_dataset.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::data {
namespace {

template <class F>
std::string message_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

// (n, h, w) or (n, h, w, c) of uint8, all different while there are not more than 256.
Tensor pixels(const Shape& shape) { return arange(shape.numel()).to(kUInt8).view(shape); }

TEST(ToTensor, ScalesToOneAndAddsTheChannel) {
  const Tensor image = tensor<uint8_t>({0, 51, 102, 153, 204, 255}, {2, 3});
  const Tensor x = ToTensor()(image);
  EXPECT_EQ(x.dtype(), kFloat32);
  EXPECT_EQ(x.shape(), Shape({1, 2, 3}));
  // The quotient of each pixel and 255, rounded once.
  EXPECT_EQ(x.to_vector<float>(),
            (std::vector<float>{0, 51 / 255.f, 102 / 255.f, 153 / 255.f, 204 / 255.f, 1}));
  EXPECT_EQ(image.to_vector<int>(), (std::vector<int>{0, 51, 102, 153, 204, 255}));
}

TEST(ToTensor, PutsChannelsFirst) {
  const Tensor x = ToTensor()(pixels({2, 3, 4}));
  EXPECT_EQ(x.shape(), Shape({4, 2, 3}));
  EXPECT_FLOAT_EQ(x[1][0][2].item<float>(), 9 / 255.f);
}

TEST(ToTensor, ABatchIsItsImages) {
  for (const Shape& shape : {Shape({3, 4, 5}), Shape({3, 4, 5, 2})}) {
    const Tensor images = pixels(shape);
    const Tensor batch = ToTensor().batch(images);
    for (int64_t i = 0; i < 3; ++i) {
      const Tensor one = ToTensor()(images[i]);
      EXPECT_EQ(batch[i].shape(), one.shape());
      EXPECT_EQ(batch[i].to_vector<float>(), one.to_vector<float>());
    }
  }
}

TEST(ToTensor, RefusesWhatIsNoImage) {
  EXPECT_EQ(message_of([] {
              ToTensor()(zeros({2, 2}));
            }),
            "ToTensor: pixels are float32, expected uint8");
  EXPECT_EQ(message_of([] { ToTensor()(pixels({2})); }),
            "ToTensor: expected (H, W) or (H, W, C), got shape [2]");
  EXPECT_EQ(message_of([] {
              ToTensor().batch(pixels({2, 3}));
            }),
            "ToTensor: expected (N, H, W) or (N, H, W, C), got shape [2, 3]");
}

TEST(Normalize, SubtractsTheMeanAndDividesByTheDeviationOfEachChannel) {
  const Normalize normalize({0.5, 1}, {0.25, 2});
  const Tensor x = tensor({1.0f, 2.0f, 3.0f, 4.0f}, {2, 1, 2});
  EXPECT_EQ(normalize(x).to_vector<float>(), (std::vector<float>{2, 6, 1, 1.5}));
  EXPECT_EQ(normalize.batch(x.unsqueeze(0)).to_vector<float>(), (std::vector<float>{2, 6, 1, 1.5}));
  EXPECT_EQ(normalize(x.to(kFloat64)).dtype(), kFloat64);
}

TEST(Normalize, RefusesListsAndImagesThatDoNotFit) {
  EXPECT_EQ(message_of([] {
              Normalize({1, 2}, {1});
            }),
            "Normalize: 2 means and 1 standard deviations");
  EXPECT_EQ(message_of([] { Normalize({1}, {0}); }),
            "Normalize: standard deviation 0 is not positive");
  EXPECT_EQ(message_of([] {
              Normalize({1}, {1})(zeros({3, 2, 2}));
            }),
            "Normalize: expected (C, H, W) with C = 1, got shape [3, 2, 2]");
  EXPECT_EQ(message_of([] {
              Normalize({1}, {1}).batch(zeros({1, 2, 2}));
            }),
            "Normalize: expected (N, C, H, W) with C = 1, got shape [1, 2, 2]");
  EXPECT_EQ(message_of([] {
              Normalize({1}, {1})(pixels({1, 2, 2}));
            }),
            "Normalize: pixels are uint8, expected a floating point dtype");
}

TEST(Compose, AppliesInOrderToSamplesAndBatches) {
  const Compose transform(ToTensor(), Normalize({0.2}, {0.5}));
  static_assert(BatchedTransform<decltype(transform)>);
  const Tensor images = tensor<uint8_t>({51, 255}, {1, 1, 2});
  const std::vector<float> one = transform(images[0]).to_vector<float>();
  EXPECT_NEAR(one[0], 0, 1e-6);
  EXPECT_NEAR(one[1], 1.6, 1e-6);
  EXPECT_EQ(transform.batch(images).to_vector<float>(), one);
}

TEST(MapDataset, TransformsXAndFetchesBatchesAtOnceWhereItCan) {
  const TensorDataset images(pixels({6, 2, 2}), arange(6));
  const MapDataset whole(images, ToTensor());
  const MapDataset single(images, [](const Tensor& x) { return ToTensor()(x); });
  static_assert(BatchedDataset<decltype(whole)>);
  static_assert(!BatchedDataset<decltype(single)>);
  EXPECT_EQ(whole.get(2).x.shape(), Shape({1, 2, 2}));
  DataLoader a(whole, {.batch_size = 4});
  DataLoader b(single, {.batch_size = 4, .num_workers = 2});
  auto it = b.begin();
  for (auto& [x, y] : a) {
    EXPECT_EQ(x.shape(), it->x.shape());
    EXPECT_EQ(x.to_vector<float>(), it->x.to_vector<float>());
    EXPECT_EQ(y.to_vector<int>(), it->y.to_vector<int>());
    ++it;
  }
  EXPECT_TRUE(it == b.end());
}

TEST(MapDataset, AFunctionOfTheWholeSampleMayChangeItsType) {
  const TensorDataset points(arange(4), arange(4));
  const MapDataset pairs(points, [](Example e) { return std::pair(e.x, e.y.item<int>() + 1); });
  EXPECT_EQ(pairs.get(2).second, 3);
  EXPECT_EQ(get_all(pairs).second.to_vector<int>(), (std::vector<int>{1, 2, 3, 4}));
}

}  // namespace
}  // namespace tessera::data
