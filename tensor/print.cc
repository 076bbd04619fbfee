// SPDX-License-Identifier: Apache-2.0
//
// Prints tensors as PyTorch does: tensor([[1.0000, 2.5000], ...], dtype=float64).
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/tensor.h"

namespace tessera {
namespace {

constexpr int kPrecision = 4;
constexpr int64_t kThreshold = 1000;  // more elements than this are summarised ...
constexpr int64_t kEdge = 3;          // ... to so many at each end
constexpr int kLineWidth = 80;

// One way of writing every element of a tensor, in columns of equal width.
class Format {
 public:
  Format(DType dtype, const std::vector<double>& shown) : dtype_(dtype) {
    std::vector<double> finite;
    for (double v : shown) {
      if (std::isfinite(v) && v != 0) finite.push_back(std::abs(v));
    }
    if (is_floating_point(dtype)) {
      whole_ = std::all_of(shown.begin(), shown.end(),
                           [](double v) { return !std::isfinite(v) || v == std::ceil(v); });
      if (!finite.empty()) {
        auto [low, high] = std::minmax_element(finite.begin(), finite.end());
        scientific_ = *high / *low > 1000 || *high > 1e8 || (!whole_ && *low < 1e-4);
      }
    }
    for (double v : shown) width_ = std::max(width_, text(v).size());
  }

  std::string operator()(double v) const {
    std::string s = text(v);
    return std::string(width_ - s.size(), ' ') + s;
  }
  size_t width() const { return width_; }

 private:
  std::string text(double v) const {
    if (dtype_ == kBool) return v != 0 ? "True" : "False";
    char buffer[64];
    if (!is_floating_point(dtype_)) {
      std::snprintf(buffer, sizeof(buffer), "%.0f", v);
      return buffer;
    }
    if (std::isnan(v)) return "nan";
    if (std::isinf(v)) return v > 0 ? "inf" : "-inf";
    if (scientific_) {
      std::snprintf(buffer, sizeof(buffer), "%.*e", kPrecision, v);
    } else if (whole_) {
      std::snprintf(buffer, sizeof(buffer), "%.0f.", v);
    } else {
      std::snprintf(buffer, sizeof(buffer), "%.*f", kPrecision, v);
    }
    return buffer;
  }

  DType dtype_;
  bool whole_ = true;
  bool scientific_ = false;
  size_t width_ = 1;
};

class Printer {
 public:
  explicit Printer(const Tensor& tensor)
      : shape_(tensor.shape()),
        values_(tensor.to_vector<double>()),
        summarise_(tensor.numel() > kThreshold),
        format_(tensor.dtype(), shown()) {}

  std::string run(int indent) const {
    return shape_.rank() == 0 ? format_(values_[0]) : block(0, 0, indent);
  }

 private:
  // Indices along a dimension that are written; -1 stands for "...".
  std::vector<int64_t> picks(int dim) const {
    std::vector<int64_t> result;
    const int64_t n = shape_[dim];
    if (!summarise_ || n <= 2 * kEdge) {
      for (int64_t i = 0; i < n; ++i) result.push_back(i);
      return result;
    }
    for (int64_t i = 0; i < kEdge; ++i) result.push_back(i);
    result.push_back(-1);
    for (int64_t i = n - kEdge; i < n; ++i) result.push_back(i);
    return result;
  }

  std::vector<double> shown() const {
    if (!summarise_) return values_;
    std::vector<double> result;
    collect(0, 0, &result);
    return result;
  }

  void collect(int dim, int64_t base, std::vector<double>* out) const {
    if (dim == shape_.rank()) {
      out->push_back(values_[static_cast<size_t>(base)]);
      return;
    }
    for (int64_t i : picks(dim)) {
      if (i >= 0) collect(dim + 1, base * shape_[dim] + i, out);
    }
  }

  std::string row(int64_t base, int indent) const {
    const int64_t per_line =
        std::max<int64_t>(1, (kLineWidth - indent) / static_cast<int64_t>(format_.width() + 2));
    std::vector<std::string> lines, line;
    for (int64_t i : picks(shape_.rank() - 1)) {
      line.push_back(i < 0 ? " ..." : format_(values_[static_cast<size_t>(base * shape_[-1] + i)]));
      if (static_cast<int64_t>(line.size()) == per_line) {
        lines.push_back(absl::StrJoin(line, ", "));
        line.clear();
      }
    }
    if (!line.empty()) lines.push_back(absl::StrJoin(line, ", "));
    return absl::StrCat("[", absl::StrJoin(lines, ",\n" + std::string(indent + 1, ' ')), "]");
  }

  std::string block(int dim, int64_t base, int indent) const {
    if (dim == shape_.rank() - 1) return row(base, indent);
    std::vector<std::string> parts;
    for (int64_t i : picks(dim)) {
      parts.push_back(i < 0 ? "..." : block(dim + 1, base * shape_[dim] + i, indent + 1));
    }
    std::string gap =
        "," + std::string(shape_.rank() - 1 - dim, '\n') + std::string(indent + 1, ' ');
    return absl::StrCat("[", absl::StrJoin(parts, gap), "]");
  }

  const Shape& shape_;
  std::vector<double> values_;
  bool summarise_;
  Format format_;
};

}  // namespace

std::string Tensor::to_string() const {
  if (!defined()) return "tensor(undefined)";
  constexpr std::string_view kPrefix = "tensor(";
  NoGradGuard no_grad;
  std::string body;
  std::vector<std::string> notes;
  if (numel() == 0) {
    body = "[]";
    if (shape() != Shape{0}) notes.push_back(absl::StrCat("size=", shape().to_string()));
  } else {
    body = Printer(*this).run(static_cast<int>(kPrefix.size()));
  }
  if (device() != Device()) notes.push_back(absl::StrCat("device='", device().name(), "'"));
  bool is_default = dtype() == kFloat32 || (numel() > 0 && (dtype() == kInt64 || dtype() == kBool));
  if (!is_default) notes.push_back(absl::StrCat("dtype=", std::string(dtype_name(dtype()))));
  if (requires_grad()) notes.push_back("requires_grad=True");
  std::string result = absl::StrCat(std::string(kPrefix), body);
  for (const std::string& note : notes) absl::StrAppend(&result, ", ", note);
  return result + ")";
}

std::ostream& operator<<(std::ostream& out, const Tensor& tensor) {
  return out << tensor.to_string();
}

}  // namespace tessera
