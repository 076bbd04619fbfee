// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/pooling.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "tessera/nn/extent_text.h"
#include "tessera/nn/python_text.h"

namespace tessera::nn {
namespace {

Tensor max_pool(const Tensor& x, int64_t k, const MaxPool1dOptions& o) {
  return max_pool1d(x, k, o);
}
Tensor max_pool(const Tensor& x, Pair k, const MaxPool2dOptions& o) { return max_pool2d(x, k, o); }
Tensor max_pool(const Tensor& x, Triple k, const MaxPool3dOptions& o) {
  return max_pool3d(x, k, o);
}

std::pair<Tensor, Tensor> max_pool_with_indices(const Tensor& x, int64_t k,
                                                const MaxPool1dOptions& o) {
  return max_pool1d_with_indices(x, k, o);
}
std::pair<Tensor, Tensor> max_pool_with_indices(const Tensor& x, Pair k,
                                                const MaxPool2dOptions& o) {
  return max_pool2d_with_indices(x, k, o);
}
std::pair<Tensor, Tensor> max_pool_with_indices(const Tensor& x, Triple k,
                                                const MaxPool3dOptions& o) {
  return max_pool3d_with_indices(x, k, o);
}

Tensor lp_pool(const Tensor& x, double p, int64_t k, const LPPoolOptions<int64_t>& o) {
  return lp_pool1d(x, p, k, o);
}
Tensor lp_pool(const Tensor& x, double p, Pair k, const LPPoolOptions<Pair>& o) {
  return lp_pool2d(x, p, k, o);
}
Tensor lp_pool(const Tensor& x, double p, Triple k, const LPPoolOptions<Triple>& o) {
  return lp_pool3d(x, p, k, o);
}

Tensor adaptive_avg(const Tensor& x, AdaptiveSize<1> n) { return adaptive_avg_pool1d(x, n); }
Tensor adaptive_avg(const Tensor& x, AdaptiveSize<2> n) { return adaptive_avg_pool2d(x, n); }
Tensor adaptive_avg(const Tensor& x, AdaptiveSize<3> n) { return adaptive_avg_pool3d(x, n); }
Tensor adaptive_max(const Tensor& x, AdaptiveSize<1> n) { return adaptive_max_pool1d(x, n); }
Tensor adaptive_max(const Tensor& x, AdaptiveSize<2> n) { return adaptive_max_pool2d(x, n); }
Tensor adaptive_max(const Tensor& x, AdaptiveSize<3> n) { return adaptive_max_pool3d(x, n); }

std::pair<Tensor, Tensor> adaptive_max_with_indices(const Tensor& x, AdaptiveSize<1> n) {
  return adaptive_max_pool1d_with_indices(x, n);
}
std::pair<Tensor, Tensor> adaptive_max_with_indices(const Tensor& x, AdaptiveSize<2> n) {
  return adaptive_max_pool2d_with_indices(x, n);
}
std::pair<Tensor, Tensor> adaptive_max_with_indices(const Tensor& x, AdaptiveSize<3> n) {
  return adaptive_max_pool3d_with_indices(x, n);
}

// "output_size=5", "output_size=(5, None)"
template <size_t n>
std::string size_repr(const AdaptiveSize<n>& size) {
  auto text = [](const std::optional<int64_t>& s) {
    return s.has_value() ? absl::StrCat(*s) : std::string("None");
  };
  if (size.is_one_number()) return absl::StrCat("output_size=", text(size.sizes()[0]));
  std::vector<std::string> parts;
  for (const auto& s : size.sizes()) parts.push_back(text(s));
  return absl::StrCat("output_size=(", absl::StrJoin(parts, ", "), ")");
}

template <class Extent>
std::string stride_text(const std::optional<Extent>& stride) {
  return stride.has_value() ? short_text(*stride) : "None";
}

}  // namespace

template <class Extent>
Tensor MaxPoolOf<Extent>::forward(const Tensor& x) {
  return max_pool(x, kernel_size_, options_);
}

template <class Extent>
std::pair<Tensor, Tensor> MaxPoolOf<Extent>::forward_with_indices(const Tensor& x) {
  ModuleScope scope(scope_name(), type_name());
  return max_pool_with_indices(x, kernel_size_, options_);
}

template <class Extent>
std::string MaxPoolOf<Extent>::extra_repr() const {
  return absl::StrCat("kernel_size=", short_text(kernel_size_),
                      ", stride=", short_text(options_.stride.value_or(kernel_size_)),
                      ", padding=", short_text(options_.padding),
                      ", dilation=", short_text(options_.dilation),
                      ", ceil_mode=", python_text(options_.ceil_mode));
}

Tensor AvgPool1d::forward(const Tensor& x) { return avg_pool1d(x, kernel_size_, options_); }
Tensor AvgPool2d::forward(const Tensor& x) { return avg_pool2d(x, kernel_size_, options_); }
Tensor AvgPool3d::forward(const Tensor& x) { return avg_pool3d(x, kernel_size_, options_); }

std::string AvgPool1d::extra_repr() const {
  return absl::StrCat("kernel_size=", tuple_text(kernel_size_),
                      ", stride=", tuple_text(options_.stride.value_or(kernel_size_)),
                      ", padding=", tuple_text(options_.padding));
}
std::string AvgPool2d::extra_repr() const {
  return absl::StrCat("kernel_size=", short_text(kernel_size_),
                      ", stride=", short_text(options_.stride.value_or(kernel_size_)),
                      ", padding=", short_text(options_.padding));
}
std::string AvgPool3d::extra_repr() const {
  return absl::StrCat("kernel_size=", short_text(kernel_size_),
                      ", stride=", short_text(options_.stride.value_or(kernel_size_)),
                      ", padding=", short_text(options_.padding));
}

template <class Extent>
Tensor LPPoolOf<Extent>::forward(const Tensor& x) {
  return lp_pool(x, norm_type_, kernel_size_, options_);
}

template <class Extent>
std::string LPPoolOf<Extent>::extra_repr() const {
  return absl::StrFormat("norm_type=%g, kernel_size=%s, stride=%s, ceil_mode=%s", norm_type_,
                         short_text(kernel_size_), stride_text(options_.stride),
                         python_text(options_.ceil_mode));
}

template <size_t n>
Tensor AdaptiveAvgPoolOf<n>::forward(const Tensor& x) {
  return adaptive_avg(x, output_size_);
}
template <size_t n>
std::string AdaptiveAvgPoolOf<n>::extra_repr() const {
  return size_repr(output_size_);
}
template <size_t n>
Tensor AdaptiveMaxPoolOf<n>::forward(const Tensor& x) {
  return adaptive_max(x, output_size_);
}
template <size_t n>
std::pair<Tensor, Tensor> AdaptiveMaxPoolOf<n>::forward_with_indices(const Tensor& x) {
  ModuleScope scope(scope_name(), type_name());
  return adaptive_max_with_indices(x, output_size_);
}
template <size_t n>
std::string AdaptiveMaxPoolOf<n>::extra_repr() const {
  return size_repr(output_size_);
}

template class MaxPoolOf<int64_t>;
template class MaxPoolOf<Pair>;
template class MaxPoolOf<Triple>;
template class LPPoolOf<int64_t>;
template class LPPoolOf<Pair>;
template class LPPoolOf<Triple>;
template class AdaptiveAvgPoolOf<1>;
template class AdaptiveAvgPoolOf<2>;
template class AdaptiveAvgPoolOf<3>;
template class AdaptiveMaxPoolOf<1>;
template class AdaptiveMaxPoolOf<2>;
template class AdaptiveMaxPoolOf<3>;

}  // namespace tessera::nn
