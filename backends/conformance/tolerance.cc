// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/conformance/tolerance.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace tessera::conformance {
namespace {

std::string index_of(const Shape& shape, int64_t i) {
  Shape index = shape;
  for (int k = shape.rank() - 1; k >= 0; --k) {
    index[k] = i % shape[k];
    i /= shape[k];
  }
  return index.to_string();
}

std::string value_at(const HostTensor& x, int64_t i) {
  return is_floating_point(x.dtype) ? absl::StrFormat("%.9g", x.real(i)) : absl::StrCat(x.whole(i));
}

}  // namespace

Tolerance tolerance_for(const OpDef& op, const Sample& sample, DType dtype) {
  if (op.has(kRandom)) return {};
  const bool elementwise = op.has(kElementwise);
  Tolerance t;
  switch (dtype) {
    case kFloat64:
      t = {1e-12, 1e-13};
      break;
    case kFloat16:
      t = elementwise ? Tolerance{1e-3, 2e-6} : Tolerance{2e-3, 1e-3};
      break;
    case kBFloat16:
      t = elementwise ? Tolerance{8e-3, 2e-6} : Tolerance{1.6e-2, 8e-3};
      break;
    default:
      t = elementwise ? Tolerance{2e-6, 1e-6} : Tolerance{1e-5, 2e-6};
  }
  t.scaled = !elementwise;
  return t.times(sample.tolerance);
}

std::string difference(const HostTensor& want, const HostTensor& got, const Tolerance& tolerance) {
  if (want.dtype != got.dtype || want.shape != got.shape) {
    return absl::StrCat("is ", got.shape.to_string(), " ", dtype_name(got.dtype), ", should be ",
                        want.shape.to_string(), " ", dtype_name(want.dtype));
  }
  const bool floating = is_floating_point(want.dtype);
  double scale = 1;
  if (floating && tolerance.scaled) {
    for (int64_t i = 0; i < want.numel(); ++i) {
      if (std::isfinite(want.real(i))) scale = std::max(scale, std::fabs(want.real(i)));
    }
  }
  int64_t count = 0, worst = -1;
  double worst_excess = 0;
  for (int64_t i = 0; i < want.numel(); ++i) {
    double excess = 0;  // how many times what is allowed
    if (!floating) {
      if (want.whole(i) != got.whole(i)) excess = std::numeric_limits<double>::infinity();
    } else {
      const double w = want.real(i), g = got.real(i);
      const double error = std::fabs(g - w);
      const double allowed = tolerance.relative * std::fabs(w) + tolerance.absolute * scale;
      if (std::isnan(w) || std::isnan(g)) {
        if (std::isnan(w) != std::isnan(g)) excess = std::numeric_limits<double>::infinity();
      } else if (w != g && !(error <= allowed && std::isfinite(w))) {
        excess = allowed > 0 ? error / allowed : std::numeric_limits<double>::infinity();
      }
    }
    if (excess > 0) ++count;
    if (excess > worst_excess) {
      worst_excess = excess;
      worst = i;
    }
  }
  if (count == 0) return "";
  return absl::StrFormat(
      "%d of %d elements differ, the worst at %s: %s, should be %s (%.3g times "
      "the tolerance %.2g relative + %.2g)",
      count, want.numel(), index_of(want.shape, worst), value_at(got, worst), value_at(want, worst),
      worst_excess, tolerance.relative, tolerance.absolute * scale);
}

}  // namespace tessera::conformance
