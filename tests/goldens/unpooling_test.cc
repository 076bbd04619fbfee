// SPDX-License-Identifier: Apache-2.0
//
// Max pooling undone, and upsampling layers of a fixed mode, against PyTorch.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/nn.h"
#include "tessera/tensor/ops/ops.h"
#include "tessera/tests/goldens/module_golden.h"

namespace tessera::goldens {
namespace {

template <class Extent>
Extent extent(const std::vector<int64_t>& sizes);
template <>
int64_t extent<int64_t>(const std::vector<int64_t>& s) {
  return s[0];
}
template <>
Pair extent<Pair>(const std::vector<int64_t>& s) {
  return s.size() == 1 ? Pair(s[0]) : Pair(s[0], s[1]);
}
template <>
Triple extent<Triple>(const std::vector<int64_t>& s) {
  return s.size() == 1 ? Triple(s[0]) : Triple(s[0], s[1], s[2]);
}

template <class Layer, class Extent>
void check_unpool(const std::string& name) {
  for (const GoldenCase& golden : load_goldens("unpooling", name + "/")) {
    SCOPED_TRACE(golden.name);
    nn::MaxUnpoolLayerOptions<Extent> options = {.padding = golden.integer("padding", 0)};
    if (golden.has_option("stride")) options.stride = Extent(golden.integer("stride", 0));
    Layer layer(extent<Extent>(golden.integers("kernel_size")), options);
    const std::vector<int64_t> given = golden.integers("output_size");
    const Shape output_size(given);
    check_module(golden, layer, [&](const std::vector<Tensor>& in) {
      return std::vector<Tensor>{given.empty() ? layer(in[0], in[1])
                                               : layer(in[0], in[1], output_size)};
    });
  }
}

TEST(UnpoolingGoldens, MaxUnpool) {
  check_unpool<nn::MaxUnpool1d, int64_t>("MaxUnpool1d");
  check_unpool<nn::MaxUnpool2d, Pair>("MaxUnpool2d");
  check_unpool<nn::MaxUnpool3d, Triple>("MaxUnpool3d");
}

std::vector<double> numbers(const GoldenCase& golden, const std::string& key) {
  std::vector<double> result;
  for (absl::string_view part : absl::StrSplit(golden.text(key), ',', absl::SkipEmpty())) {
    EXPECT_TRUE(absl::SimpleAtod(part, &result.emplace_back())) << part;
  }
  return result;
}

TEST(UnpoolingGoldens, UpsamplingOfAMode) {
  for (const GoldenCase& golden : load_goldens("unpooling", "Upsampling")) {
    SCOPED_TRACE(golden.name);
    const nn::UpsamplingOptions options = {.size = golden.integers("size"),
                                           .scale_factor = numbers(golden, "scale_factor")};
    std::unique_ptr<nn::Module> layer;
    if (golden.name.find("Nearest") != std::string::npos) {
      layer = std::make_unique<nn::UpsamplingNearest2d>(options);
    } else {
      layer = std::make_unique<nn::UpsamplingBilinear2d>(options);
    }
    check_module(golden, *layer);
  }
}

TEST(Unpooling, PrintsAsPyTorch) {
  EXPECT_EQ(nn::UpsamplingNearest2d({.scale_factor = {2}}).to_string(),
            "UpsamplingNearest2d(scale_factor=2.0, mode='nearest')");
  EXPECT_EQ(nn::UpsamplingBilinear2d({.size = {3, 4}}).to_string(),
            "UpsamplingBilinear2d(size=(3, 4), mode='bilinear')");
}

// What layers with return_indices give, and the way back.
TEST(Unpooling, TakesWhatPoolingLayersGive) {
  const Tensor x = rand({2, 3, 6, 4});
  nn::MaxPool2d pool(2);
  auto [values, indices] = pool.forward_with_indices(x);
  EXPECT_TRUE(equal(values, pool(x)));
  const Tensor back = nn::MaxUnpool2d(2)(values, indices);
  EXPECT_EQ(back.shape(), x.shape());
  EXPECT_TRUE(equal(pool(back), values));
  EXPECT_TRUE(equal(back, where(back != 0, x, 0)));

  const Tensor signal = rand({2, 7}), volume = rand({1, 2, 5, 4, 5});
  EXPECT_TRUE(equal(nn::MaxPool1d(3).forward_with_indices(signal).second,
                    max_pool1d_with_indices(signal, 3).second));
  EXPECT_TRUE(equal(nn::MaxPool3d(2).forward_with_indices(volume).second,
                    max_pool3d_with_indices(volume, 2).second));
  EXPECT_TRUE(equal(nn::AdaptiveMaxPool1d(3).forward_with_indices(signal).second,
                    adaptive_max_pool1d_with_indices(signal, 3).second));
  EXPECT_TRUE(equal(nn::AdaptiveMaxPool2d(3).forward_with_indices(x).second,
                    adaptive_max_pool2d_with_indices(x, 3).second));
  EXPECT_TRUE(equal(nn::AdaptiveMaxPool3d(3).forward_with_indices(volume).first,
                    adaptive_max_pool3d(volume, 3)));
}

template <class F>
absl::StatusCode code_of(F f) {
  try {
    f();
    raise_if_error(Device().synchronize());  // a device that works on its own says so only now
  } catch (const Error& error) {
    return error.code();
  }
  return absl::StatusCode::kOk;
}

TEST(Unpooling, RefusesWhatDoesNotFit) {
  const Tensor x = ones({1, 1, 3}), at = tensor<int64_t>({0, 2, 5}, {1, 1, 3});
  const auto kInvalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(code_of([&] { max_unpool1d(x, at, 2); }), absl::StatusCode::kOk);
  EXPECT_EQ(code_of([&] { max_unpool1d(x, at + 1, 2); }), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(code_of([&] { max_unpool1d(x, at - 1, 2); }), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(code_of([&] { max_unpool1d(x, at.to(kInt32), 2); }), kInvalid);
  EXPECT_EQ(code_of([&] { max_unpool1d(at, at, 2); }), kInvalid);
  EXPECT_EQ(code_of([&] { max_unpool1d(x, at[0], 2); }), kInvalid);
  EXPECT_EQ(code_of([&] { max_unpool1d(x, at, 0); }), kInvalid);
  EXPECT_EQ(code_of([&] { max_unpool1d(x, at, 2, {.output_size = {7}}); }), absl::StatusCode::kOk);
  EXPECT_EQ(code_of([&] { max_unpool1d(x, at, 2, {.output_size = {8}}); }), kInvalid);
  EXPECT_EQ(code_of([&] { max_unpool1d(x, at, 2, {.output_size = {4}}); }), kInvalid);
  EXPECT_EQ(code_of([&] { max_unpool1d(x, at, 2, {.output_size = {1, 6}}); }), kInvalid);
  EXPECT_EQ(max_unpool1d(ones({0, 2, 3}), zeros({0, 2, 3}, {.dtype = kInt64}), 2).shape(),
            (Shape{0, 2, 6}));
}

}  // namespace
}  // namespace tessera::goldens
