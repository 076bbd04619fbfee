// SPDX-License-Identifier: Apache-2.0
//
// Convolutions, pooling, padding and images of another size against PyTorch.
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tessera/nn/nn.h"
#include "tessera/tests/goldens/golden_file.h"

namespace tessera::goldens {
namespace {

// Only interpolation and sums round: a few ulps of float64. pow of LPPool is right to some more.
constexpr double kTolerance = 1e-11;

int64_t make_extent(const std::vector<int64_t>& v, int64_t) { return v[0]; }
Pair make_extent(const std::vector<int64_t>& v, Pair) {
  return v.size() == 1 ? Pair(v[0]) : Pair(v[0], v[1]);
}
Triple make_extent(const std::vector<int64_t>& v, Triple) {
  return v.size() == 1 ? Triple(v[0]) : Triple(v[0], v[1], v[2]);
}

template <class Extent>
Extent extent(const GoldenCase& g, const std::string& key, int64_t fallback) {
  if (!g.has_option(key)) return fallback;
  return make_extent(g.integers(key), Extent(0));
}

template <class Extent>
std::optional<Extent> optional_extent(const GoldenCase& g, const std::string& key) {
  if (!g.has_option(key)) return std::nullopt;
  return extent<Extent>(g, key, 0);
}

nn::PaddingMode padding_mode(const GoldenCase& g) {
  static const std::map<std::string, nn::PaddingMode> kModes = {
      {"zeros", nn::PaddingMode::kZeros},
      {"reflect", nn::PaddingMode::kReflect},
      {"replicate", nn::PaddingMode::kReplicate},
      {"circular", nn::PaddingMode::kCircular}};
  return kModes.at(g.text("padding_mode", "zeros"));
}

template <class Extent>
ConvPadding<Extent> conv_padding(const GoldenCase& g) {
  if (g.text("padding") == "same") return kSame;
  if (g.text("padding") == "valid") return kValid;
  if constexpr (std::is_same_v<Extent, int64_t>) {
    return g.integer("padding", 0);
  } else {
    return ConvPadding<Extent>(extent<Extent>(g, "padding", 0));
  }
}

using Maker = std::function<std::unique_ptr<nn::Module>(const GoldenCase&)>;

template <class Layer, class Extent>
Maker conv_maker() {
  return [](const GoldenCase& g) -> std::unique_ptr<nn::Module> {
    const nn::ConvLayerOptions<Extent> options = {
        .kernel_size = extent<Extent>(g, "kernel_size", 0),
        .stride = extent<Extent>(g, "stride", 1),
        .padding = conv_padding<Extent>(g),
        .dilation = extent<Extent>(g, "dilation", 1),
        .groups = g.integer("groups", 1),
        .bias = g.flag("bias", true),
        .padding_mode = padding_mode(g),
        .dtype = kFloat64};
    return std::make_unique<Layer>(g.integer("i", 0), g.integer("o", 0), options);
  };
}

template <class Layer, class Extent>
Maker transpose_maker() {
  return [](const GoldenCase& g) -> std::unique_ptr<nn::Module> {
    const nn::ConvTransposeLayerOptions<Extent> options = {
        .kernel_size = extent<Extent>(g, "kernel_size", 0),
        .stride = extent<Extent>(g, "stride", 1),
        .padding = extent<Extent>(g, "padding", 0),
        .output_padding = extent<Extent>(g, "output_padding", 0),
        .groups = g.integer("groups", 1),
        .bias = g.flag("bias", true),
        .dilation = extent<Extent>(g, "dilation", 1),
        .dtype = kFloat64};
    return std::make_unique<Layer>(g.integer("i", 0), g.integer("o", 0), options);
  };
}

template <size_t n>
nn::Sides<n> sides(const GoldenCase& g) {
  const std::vector<int64_t> v = g.integers("padding");
  if (v.size() == 1) return v[0];
  if constexpr (n == 1) {
    return {v[0], v[1]};
  } else if constexpr (n == 2) {
    return {v[0], v[1], v[2], v[3]};
  } else {
    return {v[0], v[1], v[2], v[3], v[4], v[5]};
  }
}

template <class Layer, size_t n>
Maker pad_maker() {
  return [](const GoldenCase& g) -> std::unique_ptr<nn::Module> {
    return std::make_unique<Layer>(sides<n>(g));
  };
}

template <class Layer, size_t n>
Maker constant_pad_maker() {
  return [](const GoldenCase& g) -> std::unique_ptr<nn::Module> {
    return std::make_unique<Layer>(sides<n>(g), g.number("value", 0));
  };
}

template <class Layer, class Extent>
Maker max_maker() {
  return [](const GoldenCase& g) -> std::unique_ptr<nn::Module> {
    return std::make_unique<Layer>(
        extent<Extent>(g, "kernel_size", 0),
        MaxPoolOptions<Extent>{.stride = optional_extent<Extent>(g, "stride"),
                               .padding = extent<Extent>(g, "padding", 0),
                               .dilation = extent<Extent>(g, "dilation", 1),
                               .ceil_mode = g.flag("ceil_mode")});
  };
}

template <class Layer, class Extent>
Maker avg_maker() {
  return [](const GoldenCase& g) -> std::unique_ptr<nn::Module> {
    return std::make_unique<Layer>(
        extent<Extent>(g, "kernel_size", 0),
        AvgPoolOptions<Extent>{.stride = optional_extent<Extent>(g, "stride"),
                               .padding = extent<Extent>(g, "padding", 0),
                               .ceil_mode = g.flag("ceil_mode"),
                               .count_include_pad = g.flag("count_include_pad", true),
                               .divisor_override = g.integer("divisor_override", 0)});
  };
}

std::unique_ptr<nn::Module> make_avg_pool1d(const GoldenCase& g) {
  return std::make_unique<nn::AvgPool1d>(
      g.integer("kernel_size", 0),
      AvgPool1dOptions{.stride = optional_extent<int64_t>(g, "stride"),
                       .padding = g.integer("padding", 0),
                       .ceil_mode = g.flag("ceil_mode"),
                       .count_include_pad = g.flag("count_include_pad", true)});
}

template <class Layer, class Extent>
Maker lp_maker() {
  return [](const GoldenCase& g) -> std::unique_ptr<nn::Module> {
    return std::make_unique<Layer>(
        g.number("norm_type", 0), extent<Extent>(g, "kernel_size", 0),
        LPPoolOptions<Extent>{.stride = optional_extent<Extent>(g, "stride"),
                              .ceil_mode = g.flag("ceil_mode")});
  };
}

template <size_t n>
AdaptiveSize<n> adaptive_size(const GoldenCase& g) {
  std::vector<std::optional<int64_t>> v;
  for (absl::string_view part : absl::StrSplit(g.text("output_size"), ',')) {
    int64_t value = 0;
    if (absl::SimpleAtoi(part, &value)) {
      v.push_back(value);
    } else {
      EXPECT_EQ(part, "None");
      v.push_back(std::nullopt);
    }
  }
  if (v.size() == 1) return *v[0];
  if constexpr (n == 2) return AdaptiveSize<2>(v[0], v[1]);
  if constexpr (n == 3) return AdaptiveSize<3>(v[0], v[1], v[2]);
  return 0;
}

template <class Layer, size_t n>
Maker adaptive_maker() {
  return [](const GoldenCase& g) -> std::unique_ptr<nn::Module> {
    return std::make_unique<Layer>(adaptive_size<n>(g));
  };
}

FoldOptions fold_options(const GoldenCase& g) {
  return {.dilation = extent<Pair>(g, "dilation", 1),
          .padding = extent<Pair>(g, "padding", 0),
          .stride = extent<Pair>(g, "stride", 1)};
}

std::unique_ptr<nn::Module> make_unfold(const GoldenCase& g) {
  return std::make_unique<nn::Unfold>(extent<Pair>(g, "kernel_size", 0), fold_options(g));
}
std::unique_ptr<nn::Module> make_fold(const GoldenCase& g) {
  return std::make_unique<nn::Fold>(extent<Pair>(g, "output_size", 0),
                                    extent<Pair>(g, "kernel_size", 0), fold_options(g));
}

std::unique_ptr<nn::Module> make_upsample(const GoldenCase& g) {
  nn::InterpolateOptions options = {.size = g.integers("size"),
                                    .align_corners = g.flag("align_corners"),
                                    .recompute_scale_factor = g.flag("recompute_scale_factor")};
  for (absl::string_view part : absl::StrSplit(g.text("scale_factor"), ',', absl::SkipEmpty())) {
    double factor = 0;
    EXPECT_TRUE(absl::SimpleAtod(part, &factor));
    options.scale_factor.push_back(factor);
  }
  for (InterpolateMode mode :
       {InterpolateMode::kNearest, InterpolateMode::kNearestExact, InterpolateMode::kLinear,
        InterpolateMode::kBilinear, InterpolateMode::kTrilinear, InterpolateMode::kBicubic,
        InterpolateMode::kArea}) {
    if (interpolate_mode_name(mode) == g.text("mode")) options.mode = mode;
  }
  return std::make_unique<nn::Upsample>(options);
}

#define TESSERA_PAD_MAKERS(n)                                                       \
  {"ReflectionPad" #n "d", pad_maker<nn::ReflectionPad##n##d, n>()},                \
      {"ReplicationPad" #n "d", pad_maker<nn::ReplicationPad##n##d, n>()},          \
      {"CircularPad" #n "d", pad_maker<nn::CircularPad##n##d, n>()},                \
      {"ZeroPad" #n "d", pad_maker<nn::ZeroPad##n##d, n>()},                        \
      {"ConstantPad" #n "d", constant_pad_maker<nn::ConstantPad##n##d, n>()},       \
      {"AdaptiveAvgPool" #n "d", adaptive_maker<nn::AdaptiveAvgPool##n##d, n>()}, { \
    "AdaptiveMaxPool" #n "d", adaptive_maker<nn::AdaptiveMaxPool##n##d, n>()        \
  }
#define TESSERA_EXTENT_MAKERS(n, Extent)                                            \
  {"Conv" #n "d", conv_maker<nn::Conv##n##d, Extent>()},                            \
      {"ConvTranspose" #n "d", transpose_maker<nn::ConvTranspose##n##d, Extent>()}, \
      {"MaxPool" #n "d", max_maker<nn::MaxPool##n##d, Extent>()}, {                 \
    "LPPool" #n "d", lp_maker<nn::LPPool##n##d, Extent>()                           \
  }

const std::map<std::string, Maker>& makers() {
  static const auto* table =
      new std::map<std::string, Maker>{TESSERA_PAD_MAKERS(1),
                                       TESSERA_PAD_MAKERS(2),
                                       TESSERA_PAD_MAKERS(3),
                                       TESSERA_EXTENT_MAKERS(1, int64_t),
                                       TESSERA_EXTENT_MAKERS(2, Pair),
                                       TESSERA_EXTENT_MAKERS(3, Triple),
                                       {"AvgPool1d", make_avg_pool1d},
                                       {"AvgPool2d", avg_maker<nn::AvgPool2d, Pair>()},
                                       {"AvgPool3d", avg_maker<nn::AvgPool3d, Triple>()},
                                       {"Unfold", make_unfold},
                                       {"Fold", make_fold},
                                       {"Upsample", make_upsample}};
  return *table;
}

class WindowGoldens : public testing::TestWithParam<std::string> {};

TEST_P(WindowGoldens, OutputGradientsAndRepresentation) {
  for (const GoldenCase& golden : load_goldens("windows", GetParam() + "/")) {
    SCOPED_TRACE(golden.name);
    std::unique_ptr<nn::Module> module = makers().at(GetParam())(golden);
    nn::StateDict parameters;
    for (const auto& [name, p] : module->named_parameters()) {
      parameters.set(name, golden.tensor(name));
    }
    ASSERT_TRUE(module->load_state_dict(parameters).ok());
    Tensor input = golden.tensor("input").clone().requires_grad_();
    Tensor output = (*module)(input);
    expect_close(output, golden.tensor("output"), kTolerance);
    output.backward(golden.tensor("grad_output"));
    expect_close(input.grad(), golden.tensor("grad_input"), kTolerance);
    for (const auto& [name, p] : module->named_parameters()) {
      SCOPED_TRACE(name);
      expect_close(p.grad(), golden.tensor("grad_" + name), kTolerance);
    }
    // Spaces are the separator of options.
    EXPECT_EQ(absl::StrReplaceAll(module->to_string(), {{" ", "_"}}), golden.text("repr"));
  }
}

std::vector<std::string> layer_names() {
  std::vector<std::string> names;
  for (const auto& [name, maker] : makers()) names.push_back(name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, WindowGoldens, testing::ValuesIn(layer_names()),
                         [](const auto& info) { return info.param; });

template <class Extent>
MaxPoolOptions<Extent> max_options(const GoldenCase& g) {
  return {.stride = optional_extent<Extent>(g, "stride"),
          .padding = extent<Extent>(g, "padding", 0),
          .dilation = extent<Extent>(g, "dilation", 1),
          .ceil_mode = g.flag("ceil_mode")};
}

std::pair<Tensor, Tensor> max_with_indices(const GoldenCase& g) {
  const Tensor& x = g.tensor("input");
  const int64_t kernel = g.integer("kernel_size", 0);
  switch (g.integer("n", 0)) {
    case 1:
      return max_pool1d_with_indices(x, kernel, max_options<int64_t>(g));
    case 2:
      return max_pool2d_with_indices(x, kernel, max_options<Pair>(g));
    default:
      return max_pool3d_with_indices(x, kernel, max_options<Triple>(g));
  }
}

TEST(WindowGoldens, IndicesOfMaxima) {
  for (const GoldenCase& golden : load_goldens("windows", "max_pool")) {
    SCOPED_TRACE(golden.name);
    auto [values, indices] = max_with_indices(golden);
    expect_close(values, golden.tensor("output"), 0);
    expect_close(indices, golden.tensor("indices"), 0);
    EXPECT_EQ(indices.dtype(), kInt64);
  }
}

TEST(WindowGoldens, IndicesOfAdaptiveMaxima) {
  for (const GoldenCase& golden : load_goldens("windows", "adaptive_max_pool")) {
    SCOPED_TRACE(golden.name);
    const Tensor& x = golden.tensor("input");
    const int64_t n = golden.integer("n", 0);
    auto [values, indices] = n == 1   ? adaptive_max_pool1d_with_indices(x, 3)
                             : n == 2 ? adaptive_max_pool2d_with_indices(x, 3)
                                      : adaptive_max_pool3d_with_indices(x, 3);
    expect_close(values, golden.tensor("output"), 0);
    expect_close(indices, golden.tensor("indices"), 0);
  }
}

}  // namespace
}  // namespace tessera::goldens
