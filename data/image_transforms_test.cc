// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/image_transforms.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numbers>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/data_loader.h"
#include "tessera/data/tensor_dataset.h"
#include "tessera/data/transforms.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/join.h"

namespace tessera::data {
namespace {

using Doubles = std::vector<double>;
using Ints = std::vector<int64_t>;

// (1, 5, 7) of 37 i mod 101: what the expected values below, printed by torchvision 0.27.0, are of.
Tensor image(DType dtype = kFloat64) {
  Tensor x = empty({1, 5, 7}, {.dtype = kFloat64});
  for (int i = 0; i < 35; ++i) x.mutable_data<double>()[i] = i * 37 % 101;
  return x.to(dtype);
}

void expect_near(const Tensor& found, const Shape& shape, const Doubles& expected) {
  EXPECT_EQ(found.shape(), shape);
  const Doubles values = found.to_vector<double>();
  ASSERT_EQ(values.size(), expected.size());
  // The expected values have six decimals.
  for (size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], expected[i], 1e-6) << i;
}

template <class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Resize, IsTorchvisions) {
  const Doubles smaller = {41.748299, 50.6,      37.302857, 52.530612, 43.068783, 56.293333,
                           47.164444, 62.783069, 43.62585,  62.371429, 46.188571, 48.22449};
  expect_near(Resize({3, 4})(image()), {1, 3, 4}, smaller);
  expect_near(Resize({3, 4}, {.antialias = false})(image()), {1, 3, 4},
              {32.875, 55.541667, 31.916667, 50.375, 26.875, 79, 55.375, 57, 41.916667, 77.208333,
               53.583333, 46.791667});
  const Doubles larger = {
      0.0,       24.666667, 53.444444, 59.777778, 10.0,      38.777778, 67.555556, 62.666667,
      20.0,      42.75,     67.416667, 62.527778, 43.611111, 52.75,     22.611111, 34.555556,
      54.916667, 62.75,     31.333333, 56.0,      66.074074, 58.37963,  41.333333, 37.37963,
      56.805556, 65.944444, 51.333333, 36.75,     33.361111, 48.111111, 63.796296, 46.75,
      42.796296, 62.222222, 71.361111, 56.75,     59.0,      33.166667, 36.694444, 59.861111,
      69.0,      38.861111, 36.777778, 54.333333, 79.0,      26.0,      50.666667, 79.444444,
      85.777778, 36.0,      64.777778, 37.444444, 21.333333, 46.0};
  expect_near(Resize({6, 9})(image()), {1, 6, 9}, larger);
  expect_near(Resize({6, 9}, {.antialias = false})(image()), {1, 6, 9}, larger);
  expect_near(Resize({3, 4})(image(kUInt8)), {1, 3, 4},
              {42, 51, 37, 53, 43, 56, 47, 63, 44, 62, 46, 48});
  expect_near(Resize(3)(image()), {1, 3, 4}, smaller);
  EXPECT_EQ(Resize(3)(image()[0].t()).shape(), (Shape{4, 3}));
  EXPECT_EQ(Resize({3, 4})(image(kUInt8)).dtype(), kUInt8);
  expect_near(Resize({5, 7})(image()), {1, 5, 7}, image().to_vector<double>());
}

TEST(CenterCrop, IsTorchvisions) {
  expect_near(CenterCrop({3, 4})(image()), {1, 3, 4},
              {30, 67, 3, 40, 87, 23, 60, 97, 43, 80, 16, 53});
  expect_near(CenterCrop({2, 5})(image()), {1, 2, 5}, {50, 87, 23, 60, 97, 6, 43, 80, 16, 53});
  expect_near(
      CenterCrop({6, 4})(image()), {1, 6, 4},
      {74, 10, 47, 84, 30, 67, 3, 40, 87, 23, 60, 97, 43, 80, 16, 53, 100, 36, 73, 9, 0, 0, 0, 0});
}

TEST(AffineImage, IsTorchvisions) {
  const AffineMap map = {
      .angle = 30, .translate_x = 1, .translate_y = -1, .scale = 1.2, .shear_x = 10, .shear_y = 5};
  expect_near(affine_image(image(), map), {1, 5, 7},
              {70, 13, 50, 87, 30, 67, 3,  70, 6,  43, 87, 23, 60, 3, 63, 100, 43, 80,
               16, 60, 97, 0,  0,  36, 36, 73, 53, 53, 0,  0,  0,  0, 9,  9,   46});
  expect_near(affine_image(image(), map, Interpolation::kBilinear), {1, 5, 7},
              {40.929217, 33.282567, 56.417296, 64.747691, 49.439098, 54.888038, 27.410098,
               43.738684, 10.265133, 44.097602, 61.806578, 23.0,      39.408235, 31.489911,
               49.481929, 73.842051, 67.203241, 72.282838, 44.435555, 49.955831, 89.907031,
               5.57854,   38.992373, 38.796257, 52.254759, 43.903143, 40.9049,   68.830741,
               0.0,       0.0,       0.894517,  27.045159, 22.734671, 23.965096, 63.916295});
  // torchvision turns the other way where it only turns.
  expect_near(affine_image(image(), {.angle = -25}), {1, 5, 7},
              {0,  0,  10, 47, 40, 77, 0,  37, 74, 67, 67, 60, 97, 33,  57, 94, 87, 23,
               60, 53, 90, 13, 50, 87, 80, 80, 73, 9,  0,  70, 6,  100, 36, 0,  0});
  expect_near(affine_image(image(), {.angle = 40}, Interpolation::kBilinear), {1, 5, 7},
              {14.81482,  30.593029, 87.219329, 56.341634, 35.686567, 3.486446,  0.0,
               60.045483, 29.846441, 69.9371,   48.111571, 40.897661, 40.68945,  21.772807,
               50.042848, 39.590499, 58.932947, 23.0,      29.893508, 35.252598, 63.924532,
               23.149324, 88.119026, 62.540413, 40.714883, 69.703485, 65.370876, 66.530478,
               0.0,       9.440783,  45.565497, 41.548258, 59.203534, 54.180999, 20.996098});
  expect_near(affine_image(image(), {}), {1, 5, 7}, image().to_vector<double>());
}

TEST(RotateImage, IsTorchvisions) {
  expect_near(rotate_image(image(), 25), {1, 5, 7},
              {0,  0,  10, 47, 40, 77, 0,  37, 74, 67, 67, 60, 97, 33,  57, 94, 87, 23,
               60, 53, 90, 13, 50, 87, 80, 80, 73, 9,  0,  70, 6,  100, 36, 0,  0});
  expect_near(rotate_image(image(), 25, {.expand = true}), {1, 9, 9},
              {0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  84, 20, 0,   0,  0,  0,  0,
               10, 47, 40, 77, 0,  0,  0,  37, 74, 67, 67, 60, 97, 33, 0,  0,  57,  94, 87, 23, 60,
               53, 90, 0,  0,  13, 50, 87, 80, 80, 73, 9,  0,  0,  0,  70, 6,  100, 36, 0,  0,  0,
               0,  0,  26, 63, 0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,   0});
  expect_near(rotate_image(image(), 90, {.expand = true}), {1, 7, 5},
              {20, 77, 33, 90, 46, 84, 40,  97, 53, 9,  47, 3,  60, 16, 73, 10, 67, 23,
               80, 36, 74, 30, 87, 43, 100, 37, 94, 50, 6,  63, 0,  57, 13, 70, 26});
  expect_near(rotate_image(image(), 180, {.expand = true}), {1, 5, 7},
              {46, 9,  73, 36, 100, 63, 26, 90, 53, 16, 80, 43, 6,  70, 33, 97, 60, 23,
               87, 50, 13, 77, 40,  3,  67, 30, 94, 57, 20, 84, 47, 10, 74, 37, 0});
  expect_near(rotate_image(image(), 30, {.center = std::array<double, 2>{1, 2.5}}), {1, 5, 7},
              {37, 30, 67, 60, 97, 53, 90,  94, 94, 87, 23, 16, 53, 46, 13, 50, 43, 80,
               73, 73, 0,  70, 70, 63, 100, 0,  0,  0,  0,  26, 63, 0,  0,  0,  0});
  expect_near(rotate_image(image(), 37, {.expand = true, .center = std::array<double, 2>{1, 2.5}}),
              {1, 10, 10},
              {0, 0,  0,  0,  84, 20, 77, 0,  0, 0, 0, 0,  0,  10, 47,  40, 33, 0, 0,  0,
               0, 0,  74, 67, 3,  60, 97, 90, 0, 0, 0, 37, 94, 30, 23,  16, 53, 9, 46, 0,
               0, 57, 50, 87, 43, 80, 73, 0,  0, 0, 0, 0,  13, 6,  100, 36, 0,  0, 0,  0,
               0, 0,  70, 26, 63, 0,  0,  0,  0, 0, 0, 0,  0,  0,  0,   0,  0,  0, 0,  0,
               0, 0,  0,  0,  0,  0,  0,  0,  0, 0, 0, 0,  0,  0,  0,   0,  0,  0, 0,  0});
  // torchvision's weights at the edge differ (see affine_image); inside, they agree.
  const Tensor smooth =
      rotate_image(image(), -40, {.interpolation = Interpolation::kBilinear, .expand = true});
  EXPECT_EQ(smooth.shape(), (Shape{1, 9, 9}));
  const Doubles inside = smooth[0][4].to_vector<double>();
  const Doubles expected = {50.042848, 39.590499, 58.932947, 23, 29.893508, 35.252598, 63.924532};
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(inside[i + 1], expected[i], 1e-6) << i;
  const Tensor corner = image().narrow(1, 0, 2).narrow(2, 0, 3);
  expect_near(rotate_image(cat({corner, corner.add(1)}, 0), 225, {.fill = {7, 9}}), {2, 2, 3},
              {7, 94, 0, 30, 37, 7, 9, 95, 1, 31, 38, 9});
  EXPECT_EQ(error_of([] {
              rotate_image(image(), 1, {.fill = {1, 2}});
            }),
            "rotate_image: 2 values to fill with, for 1 channels");
  EXPECT_EQ(error_of([] { rotate_image(image(), std::numeric_limits<double>::infinity()); }),
            "rotate_image: angle and center must be finite, one is inf");
}

TEST(RandomRotation, TurnsBetweenItsAngles) {
  EXPECT_EQ(RandomRotation({90, 90}, {.expand = true})(image(), {}).to_vector<double>(),
            rotate_image(image(), 90, {.expand = true}).to_vector<double>());
  // The second pixel right of the centre: where it goes tells the angle.
  Tensor dot = zeros({1, 41, 41});
  dot.mutable_data<float>()[20 * 41 + 40] = 1;
  std::set<int64_t> rows;
  for (int64_t i = 0; i < 300; ++i) {
    const Tensor turned =
        RandomRotation({30, 60}, {.interpolation = Interpolation::kBilinear})(dot, {.index = i});
    rows.insert(turned.argmax().item<int64_t>() / 41);
  }
  EXPECT_NEAR(static_cast<double>(*rows.begin()), 20 - 20 * std::sin(std::numbers::pi / 3), 1);
  EXPECT_NEAR(static_cast<double>(*rows.rbegin()), 20 - 20 * std::sin(std::numbers::pi / 6), 1);
  const RandomRotation shifted(0, {.center = std::array<double, 2>{0, 0}, .fill = 5});
  EXPECT_EQ(shifted(image(), {}).to_vector<double>(), image().to_vector<double>());
  EXPECT_EQ(
      RandomRotation({180, 180}, {.center = std::array<double, 2>{0, 0}, .fill = 5})(image(), {})
          .to_vector<double>(),
      Doubles(35, 5));
  EXPECT_EQ(error_of([] { RandomRotation(-3); }),
            "RandomRotation: degrees is -3, it must be finite and not negative");
  EXPECT_EQ(error_of([] {
              RandomRotation({4, 3});
            }),
            "RandomRotation: degrees are 4 to 3, they must be finite and ascend");
}

TEST(AffineImage, WhatLiesOutsideIsTheFill) {
  const Tensor ones = full({1, 3}, 1.0);
  EXPECT_EQ(affine_image(ones, {.translate_x = 2}, Interpolation::kNearest, 7).to_vector<double>(),
            (Doubles{7, 7, 1}));
  EXPECT_EQ(
      affine_image(ones, {.translate_x = 0.5}, Interpolation::kBilinear, 7).to_vector<double>(),
      (Doubles{4, 1, 1}));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(affine_image(ones, {.angle = nan}, Interpolation::kBilinear, 7), Error);
}

TEST(CropImage, Paddings) {
  const Tensor row = arange(1, 4).view({1, 3}).to(kUInt8);
  const auto crop = [&](int64_t left, int64_t width, PaddingMode mode) {
    return crop_image(row, 0, left, 1, width, {.mode = mode, .fill = 9}).to_vector<int64_t>();
  };
  EXPECT_EQ(crop(-2, 7, PaddingMode::kConstant), (Ints{9, 9, 1, 2, 3, 9, 9}));
  EXPECT_EQ(crop(-2, 7, PaddingMode::kEdge), (Ints{1, 1, 1, 2, 3, 3, 3}));
  EXPECT_EQ(crop(-2, 7, PaddingMode::kReflect), (Ints{3, 2, 1, 2, 3, 2, 1}));
  EXPECT_EQ(error_of([&] { crop(-3, 7, PaddingMode::kReflect); }),
            "crop_image: a reflection reaches pixel -3, of 3");
  const Tensor tall = crop_image(image(), -1, 5, 3, 4);
  EXPECT_EQ(tall.to_vector<int64_t>(), (Ints{0, 0, 0, 0, 84, 20, 0, 0, 40, 77, 0, 0}));
}

TEST(RandomCrop, EveryPlaceComesAndNoOther) {
  const RandomCrop crop({2, 2});
  const Tensor x = arange(0, 12).view({1, 3, 4}).to(kUInt8);
  std::set<int64_t> corners;
  for (int64_t i = 0; i < 200; ++i) {
    const Ints found = crop(x, {.index = i}).to_vector<int64_t>();
    EXPECT_EQ(found, (Ints{found[0], found[0] + 1, found[0] + 4, found[0] + 5}));
    corners.insert(found[0]);
  }
  EXPECT_EQ(corners, (std::set<int64_t>{0, 1, 2, 4, 5, 6}));
  EXPECT_EQ(error_of([&] {
              RandomCrop({4, 2})(x, {});
            }),
            "RandomCrop: the crop is 4 x 2, the image with its padding 3 x 4");
  EXPECT_EQ(RandomCrop({7, 4}, {.pad_if_needed = true})(x, {}).shape(), (Shape{1, 7, 4}));
  EXPECT_EQ(RandomCrop({3, 4}, {.padding = 1})(x, {}).shape(), (Shape{1, 3, 4}));
}

TEST(RandomFlips, MirrorWithTheirProbability) {
  const Tensor x = arange(0, 6).view({1, 2, 3}).to(kFloat32);
  const Ints as_is = {0, 1, 2, 3, 4, 5}, across = {2, 1, 0, 5, 4, 3}, down = {3, 4, 5, 0, 1, 2};
  int flipped[2] = {};
  for (int64_t i = 0; i < 1000; ++i) {
    const Ints h = RandomHorizontalFlip(0.3)(x, {.index = i}).to_vector<int64_t>();
    const Ints v = RandomVerticalFlip()(x, {.index = i, .stream = 1}).to_vector<int64_t>();
    ASSERT_TRUE(h == as_is || h == across);
    ASSERT_TRUE(v == as_is || v == down);
    flipped[0] += h == across;
    flipped[1] += v == down;
  }
  EXPECT_NEAR(flipped[0], 300, 73);  // five standard deviations
  EXPECT_NEAR(flipped[1], 500, 79);
  EXPECT_EQ(RandomHorizontalFlip(1)(x, {}).to_vector<int64_t>(), across);
  EXPECT_EQ(RandomHorizontalFlip(0)(x, {}).to_vector<int64_t>(), as_is);
  EXPECT_EQ(error_of([] { RandomVerticalFlip(1.5); }),
            "RandomVerticalFlip: p is 1.5, it must be in [0, 1]");
}

TEST(RandomAffine, StaysWithinItsLimits) {
  Tensor dot = zeros({1, 21, 21});
  dot.mutable_data<float>()[10 * 21 + 10] = 1;
  const RandomAffine move(0, {.translate = std::array<double, 2>{0.2, 0.1}});
  std::set<std::pair<int64_t, int64_t>> places;
  for (int64_t i = 0; i < 2000; ++i) {
    const int64_t place = move(dot, {.index = i}).argmax().item<int64_t>();
    places.emplace(place % 21 - 10, place / 21 - 10);
  }
  EXPECT_EQ(places.size(), 9 * 5) << "4 pixels across, 2 down, either way";
  for (const auto& [x, y] : places) {
    EXPECT_LE(std::abs(x), 4);
    EXPECT_LE(std::abs(y), 2);
  }
  // In a wide image: fractions of its own width and height.
  Tensor wide = zeros({1, 11, 41});
  wide.mutable_data<float>()[5 * 41 + 20] = 1;
  const RandomAffine wide_move(0, {.translate = std::array<double, 2>{0.1, 0.2}});
  int64_t most_across = 0, most_down = 0;
  for (int64_t i = 0; i < 500; ++i) {
    const Tensor moved = wide_move(wide, {.index = i});
    ASSERT_EQ(moved.sum().item<int64_t>(), 1) << "nothing leaves the image";
    const int64_t place = moved.argmax().item<int64_t>();
    most_across = std::max(most_across, std::abs(place % 41 - 20));
    most_down = std::max(most_down, std::abs(place / 41 - 5));
  }
  EXPECT_EQ(most_across, 4);
  EXPECT_EQ(most_down, 2);
  const Tensor turned = RandomRotation(90)(image(), {.index = 3});
  EXPECT_EQ(turned.shape(), (Shape{1, 5, 7}));
  EXPECT_NE(turned.to_vector<double>(), image().to_vector<double>());
  const Tensor scaled = RandomAffine(0, {.scale = std::array<double, 2>{2, 2}})(dot, {});
  EXPECT_EQ(scaled.sum().item<int64_t>(), 9) << "what lies halfway goes to the even pixel";
}

// Of a cross whose arms end 10 pixels from the middle: how far apart the places are that the ends
// of one arm come to.
TEST(RandomAffine, ScalesAndShearsBetweenItsLimits) {
  const auto spread = [](const RandomAffineOptions& options, int64_t end_y, int64_t end_x) {
    Tensor dot = zeros({1, 61, 61});
    dot.mutable_data<float>()[(30 + end_y) * 61 + 30 + end_x] = 1;
    std::array<double, 4> range = {1e9, -1e9, 1e9, -1e9};  // least and most x, of y
    for (int64_t i = 0; i < 400; ++i) {
      const int64_t place = RandomAffine(0, options)(dot, {.index = i}).argmax().item<int64_t>();
      const double x = static_cast<double>(place % 61 - 30);
      const double y = static_cast<double>(place / 61 - 30);
      range = {std::min(range[0], x), std::max(range[1], x), std::min(range[2], y),
               std::max(range[3], y)};
    }
    return range;
  };
  const auto near = [](std::array<double, 4> found, std::array<double, 4> expected) {
    for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(found[i], expected[i], 1) << i;
  };
  const Interpolation smooth = Interpolation::kBilinear;
  near(spread({.scale = std::array<double, 2>{0.5, 2}, .interpolation = smooth}, 0, 10),
       {5, 20, 0, 0});
  // x moves by y tan(45 degrees), y by x tan(30 degrees).
  near(spread({.shear_x = 45, .interpolation = smooth}, 10, 0), {-10, 10, 10, 10});
  near(spread({.shear_x = 45, .interpolation = smooth}, 0, 10), {10, 10, 0, 0});
  near(spread({.shear_y = 30, .interpolation = smooth}, 0, 10), {10, 10, -5.8, 5.8});
  near(spread({.shear_y = 30, .interpolation = smooth}, 10, 0), {0, 0, 10, 10});
}

// What a sample becomes depends on (seed, epoch, index, place in Compose) alone.
TEST(RandomTransforms, DoNotDependOnTheWorkers) {
  const Tensor xs = arange(0, 40 * 36).view({40, 1, 6, 6}).to(kFloat32);
  const auto epochs = [&](int workers, uint64_t seed) {
    const MapDataset data(
        TensorDataset(xs, zeros({40})),
        Compose(RandomCrop({4, 4}, {.seed = seed}), RandomHorizontalFlip(0.5, seed),
                [](const Tensor& x) { return x.add(1); }));
    DataLoader loader(data, {.batch_size = 7, .num_workers = workers});
    std::vector<Doubles> all(2);
    for (Doubles& epoch : all) {
      for (auto& [x, y] : loader) {
        const Doubles values = x.to_vector<double>();
        epoch.insert(epoch.end(), values.begin(), values.end());
      }
    }
    return all;
  };
  const std::vector<Doubles> alone = epochs(0, 1);
  EXPECT_EQ(alone[0].size(), 40 * 16);
  EXPECT_NE(alone[0], alone[1]) << "another epoch, other crops";
  EXPECT_EQ(epochs(3, 1), alone);
  EXPECT_NE(epochs(0, 2), alone);
}

TEST(RandomTransforms, TwoOfAKindInAComposeDrawForThemselves) {
  const Compose both{RandomHorizontalFlip(), RandomHorizontalFlip()};
  const Tensor x = arange(0, 2).view({1, 2}).to(kFloat32);
  int flipped = 0;
  for (int64_t i = 0; i < 400; ++i) flipped += both(x, {.index = i})[0][0].item<int>();
  EXPECT_NEAR(flipped, 200, 50) << "never, if both did the same";
  static_assert(RandomTransform<decltype(both)>);
  static_assert(!Transform<decltype(both)>);
  static_assert(BatchedTransform<Compose<ToTensor, Normalize>>);
}

TEST(ImageTransforms, RefuseWhatIsNoImage) {
  EXPECT_EQ(
      error_of([] {
        Resize({2, 2})(zeros({8, 8, 3}));
      }),
      "resize_image: shape [8, 8, 3] looks like (H, W, C), expected (C, H, W); ToTensor has to "
      "come first");
  EXPECT_EQ(error_of([] {
              Resize({2, 2})(zeros({8}));
            }),
            "resize_image: expected (H, W) or (C, H, W) with pixels, got shape [8]");
  EXPECT_EQ(error_of([] {
              CenterCrop({2, 2})(zeros({3, 8, 8}, {.dtype = kInt64}));
            }),
            "CenterCrop: pixels are int64, expected uint8, float32 or float64");
  EXPECT_EQ(error_of([] {
              Resize({0, 2})(zeros({3, 8, 8}));
            }),
            "resize_image: size 0 x 2, expected at least 1 x 1");
}

TEST(OneHot, OfTargets) {
  const OneHot one_hot(3);
  const Tensor targets = arange(0, 3);
  const Tensor hot = one_hot(targets);
  EXPECT_EQ(hot.dtype(), kFloat32);
  EXPECT_EQ(hot.to_vector<int64_t>(), (Ints{1, 0, 0, 0, 1, 0, 0, 0, 1}));
  EXPECT_EQ(one_hot(targets[2]).to_vector<int64_t>(), (Ints{0, 0, 1}));
  const MapDataset data(TensorDataset(zeros({3, 2}), targets), OnTarget(one_hot));
  EXPECT_EQ(get_all(data).y.to_vector<int64_t>(), hot.to_vector<int64_t>());
  EXPECT_EQ(error_of([&] { one_hot(arange(2, 4)); }), "OneHot: class 3 is not in [0, 3)");
  EXPECT_EQ(error_of([&] { one_hot(zeros({1})); }),
            "OneHot: classes are float32, expected an integer dtype");
  EXPECT_EQ(error_of([] { OneHot(0); }), "OneHot: classes is 0, it must be at least 1");
}

}  // namespace
}  // namespace tessera::data
