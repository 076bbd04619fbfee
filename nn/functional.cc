// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/functional.h"

#include <initializer_list>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/view.h"

namespace tessera::nn::functional {
namespace {

template <class... Parts>
[[noreturn]] void refuse(std::string_view function, const Parts&... parts) {
  raise_op_error(function, absl::InvalidArgumentError(absl::StrCat(parts...)));
}

void check_image(std::string_view function, const Tensor& x, int64_t factor) {
  if (factor < 1) refuse(function, "the factor is ", factor, ", which is below 1");
  if (x.dim() < 3) {
    refuse(function, "wants at least 3 dimensions, got ", x.shape().to_string());
  }
}

// x's leading dimensions, then `last`.
Shape with_last(const Tensor& x, int leading, std::initializer_list<int64_t> last) {
  std::vector<int64_t> sizes(x.shape().begin(), x.shape().begin() + leading);
  sizes.insert(sizes.end(), last.begin(), last.end());
  return Shape(sizes);
}

// 0, 1, ... leading - 1, then `last`, counted from `leading`.
std::vector<int64_t> order_with_last(int leading, std::initializer_list<int64_t> last) {
  std::vector<int64_t> order;
  for (int i = 0; i < leading; ++i) order.push_back(i);
  for (int64_t i : last) order.push_back(leading + i);
  return order;
}

}  // namespace

Tensor bilinear(const Tensor& x1, const Tensor& x2, const Tensor& weight, const Tensor& bias) {
  const bool fits = weight.dim() == 3 && x1.dim() >= 1 && x1.dim() == x2.dim() &&
                    x1.size(-1) == weight.size(1) && x2.size(-1) == weight.size(2);
  const int leading = static_cast<int>(x1.dim()) - 1;
  bool same_batch = fits;
  int64_t rows = 1;
  for (int i = 0; same_batch && i < leading; ++i) {
    rows *= x1.size(i);
    same_batch = x1.size(i) == x2.size(i);
  }
  if (!same_batch) {
    refuse("bilinear", "shapes do not fit: x1 ", x1.shape().to_string(), ", x2 ",
           x2.shape().to_string(), ", weight ", weight.shape().to_string());
  }
  const int64_t outputs = weight.size(0), n1 = weight.size(1), n2 = weight.size(2);
  // (rows, n1) x (n1, O n2), then each row's (O, n2) x (n2).
  const Tensor folded = weight.permute({1, 0, 2}).reshape({n1, outputs * n2});
  const Tensor partial = matmul(x1.reshape({rows, n1}), folded).view({rows, outputs, n2});
  const Tensor y =
      matmul(partial, x2.reshape({rows, n2, 1})).view(with_last(x1, leading, {outputs}));
  return bias.defined() ? y + bias : y;
}

Tensor pixel_shuffle(const Tensor& x, int64_t r) {
  check_image("pixel_shuffle", x, r);
  const int leading = static_cast<int>(x.dim()) - 3;
  const int64_t channels = x.size(-3), height = x.size(-2), width = x.size(-1);
  if (channels % (r * r) != 0) {
    refuse("pixel_shuffle", channels, " channels are not a multiple of the square of ", r, ": ",
           x.shape().to_string());
  }
  const int64_t c = channels / (r * r);
  return x.reshape(with_last(x, leading, {c, r, r, height, width}))
      .permute(order_with_last(leading, {0, 3, 1, 4, 2}))
      .reshape(with_last(x, leading, {c, height * r, width * r}));
}

Tensor pixel_unshuffle(const Tensor& x, int64_t r) {
  check_image("pixel_unshuffle", x, r);
  const int leading = static_cast<int>(x.dim()) - 3;
  const int64_t c = x.size(-3), height = x.size(-2), width = x.size(-1);
  if (height % r != 0 || width % r != 0) {
    refuse("pixel_unshuffle", "height or width is not a multiple of ", r, ": ",
           x.shape().to_string());
  }
  return x.reshape(with_last(x, leading, {c, height / r, r, width / r, r}))
      .permute(order_with_last(leading, {0, 2, 4, 1, 3}))
      .reshape(with_last(x, leading, {c * r * r, height / r, width / r}));
}

Tensor channel_shuffle(const Tensor& x, int64_t groups) {
  if (x.dim() < 3 || groups < 1 || x.size(1) % groups != 0) {
    refuse("channel_shuffle", "input ", x.shape().to_string(),
           " has not 3 dimensions, or channels "
           "that do not divide into ",
           groups, " groups");
  }
  return x.unflatten(1, {groups, x.size(1) / groups}).transpose(1, 2).reshape(x.shape());
}

}  // namespace tessera::nn::functional
