// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/lbfgs_history.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/matmul.h"

namespace tessera::optim {
namespace {

// Pairs with a smaller product would make the approximation indefinite.
constexpr double kSmallestCurvature = 1e-10;

}  // namespace

LbfgsHistory::LbfgsHistory(int64_t capacity)
    : capacity_(capacity),
      sy_(static_cast<size_t>((capacity + 1) * (capacity + 1))),
      yy_(static_cast<size_t>((capacity + 1) * (capacity + 1))) {}

int64_t LbfgsHistory::free_row() const {
  int64_t row = 0;
  while (std::find(rows_.begin(), rows_.end(), row) != rows_.end()) ++row;
  return row;
}

void LbfgsHistory::reserve_rows(int64_t rows, const Tensor& like) {
  const int64_t present = pairs_.defined() ? pairs_.size(1) : 0;
  if (rows <= present) return;
  Tensor grown = zeros({2, rows, like.numel()}, {.dtype = like.dtype(), .device = like.device()});
  if (present > 0) grown.narrow(1, 0, present).copy_(pairs_);
  pairs_ = grown;
}

Tensor LbfgsHistory::update(const Tensor& step, const Tensor& y, const Tensor& gradient) {
  const int64_t row = free_row();
  const int64_t present = pairs_.defined() ? pairs_.size(1) : 0;
  if (row >= present) {
    reserve_rows(std::min(std::max<int64_t>(2 * present, 8), capacity_ + 1), gradient);
  }
  pairs_[0][row].copy_(step);
  pairs_[1][row].copy_(y);

  // Every pair times the gradient and times y, in one product and one wait.
  const int64_t rows = pairs_.size(1);
  const Tensor matrix = pairs_.view({2 * rows, gradient.numel()});
  const std::vector<double> products =
      linear(stack({gradient, y}), matrix).to_vector<double>();  // (2, 2 rows)
  auto step_gradient = [&](int64_t r) { return products[r]; };
  auto y_gradient = [&](int64_t r) { return products[rows + r]; };
  const double* with_y = products.data() + 2 * rows;

  const double curvature = with_y[row];
  if (curvature > kSmallestCurvature) {
    if (size() == capacity_) rows_.erase(rows_.begin());
    rows_.push_back(row);
    for (int64_t r : rows_) {
      sy(r, row) = with_y[r];
      yy(r, row) = yy(row, r) = with_y[rows + r];
    }
    scale_ = curvature / yy(row, row);
  }

  // The two-loop recursion (Nocedal and Wright, algorithm 7.4) on q = -gradient, in coefficients:
  //   q = -gradient - sum a_j y_j;  r = scale q + sum c_j step_j
  const size_t k = rows_.size();
  std::vector<double> a(k), c(k);
  for (size_t i = k; i-- > 0;) {
    double dot = -step_gradient(rows_[i]);
    for (size_t j = i + 1; j < k; ++j) dot -= a[j] * sy(rows_[i], rows_[j]);
    a[i] = dot / sy(rows_[i], rows_[i]);
  }
  for (size_t i = 0; i < k; ++i) {
    double dot = -y_gradient(rows_[i]);
    for (size_t j = 0; j < k; ++j) dot -= a[j] * yy(rows_[i], rows_[j]);
    dot *= scale_;
    for (size_t j = 0; j < i; ++j) dot += c[j] * sy(rows_[j], rows_[i]);
    c[i] = a[i] - dot / sy(rows_[i], rows_[i]);
  }

  std::vector<double> coefficients(static_cast<size_t>(2 * rows), 0.0);
  for (size_t i = 0; i < k; ++i) {
    coefficients[rows_[i]] = c[i];
    coefficients[rows + rows_[i]] = -scale_ * a[i];
  }
  const Tensor weights = tensor<double>(coefficients, {1, 2 * rows},
                                        {.dtype = gradient.dtype(), .device = gradient.device()});
  return matmul(weights, matrix).view({gradient.numel()}) - gradient * scale_;
}

void LbfgsHistory::save(nn::StateDict& out) const {
  out.set("H_diag", tensor<double>({scale_}, Shape{}));
  if (rows_.empty()) return;
  const int64_t k = size();
  std::vector<Tensor> steps, changes;
  std::vector<double> inner(static_cast<size_t>(2 * k * k));
  for (int64_t i = 0; i < k; ++i) {
    steps.push_back(pairs_[0][rows_[i]]);
    changes.push_back(pairs_[1][rows_[i]]);
    for (int64_t j = 0; j < k; ++j) {
      const auto place = static_cast<size_t>(rows_[i] * (capacity_ + 1) + rows_[j]);
      inner[i * k + j] = j >= i ? sy_[place] : 0;
      inner[(k + i) * k + j] = yy_[place];
    }
  }
  out.set("old_stps", stack(steps));
  out.set("old_dirs", stack(changes));
  out.set("inner", tensor<double>(inner, {2, k, k}));
  std::vector<int64_t> rows = rows_;
  rows.push_back(pairs_.size(1));  // how many there are
  out.set("rows", tensor<int64_t>(rows));
}

absl::Status LbfgsHistory::load(const nn::StateDict& state, const Tensor& like) {
  const Tensor* scale = state.find("H_diag");
  if (scale == nullptr || scale->numel() != 1) {
    return absl::InvalidArgumentError("LBFGS: the state has no number 'H_diag'");
  }
  LbfgsHistory loaded(capacity_);
  loaded.scale_ = scale->item<double>();
  const Tensor* steps = state.find("old_stps");
  if (steps != nullptr) {
    const Tensor* changes = state.find("old_dirs");
    const Tensor* inner = state.find("inner");
    const Tensor* rows = state.find("rows");
    const int64_t k = steps->dim() == 2 ? steps->size(0) : -1;
    if (k < 1 || k > capacity_ || steps->shape() != Shape{k, like.numel()} || changes == nullptr ||
        changes->shape() != steps->shape() || inner == nullptr ||
        inner->shape() != Shape{2, k, k} || rows == nullptr || rows->shape() != Shape{k + 1}) {
      return absl::InvalidArgumentError(absl::StrCat(
          "LBFGS: 'old_stps' ", steps->shape().to_string(), " with 'old_dirs', 'inner' and 'rows' ",
          "is no history of at most ", capacity_, " pairs of ", like.numel(), " elements"));
    }
    loaded.rows_ = rows->to_vector<int64_t>();
    const int64_t present = loaded.rows_.back();
    loaded.rows_.pop_back();
    for (int64_t i = 0; i < k; ++i) {
      const int64_t row = loaded.rows_[i];
      const auto same = std::count(loaded.rows_.begin(), loaded.rows_.end(), row);
      if (row < 0 || row >= present || present > capacity_ + 1 || same != 1) {
        return absl::InvalidArgumentError("LBFGS: 'rows' of the state are no rows of a history");
      }
    }
    loaded.reserve_rows(present, like);
    const std::vector<double> products = inner->to_vector<double>();
    for (int64_t i = 0; i < k; ++i) {
      const int64_t row = loaded.rows_[i];
      loaded.pairs_[0][row].copy_((*steps)[i].to(like.device()).to(like.dtype()));
      loaded.pairs_[1][row].copy_((*changes)[i].to(like.device()).to(like.dtype()));
      for (int64_t j = 0; j < k; ++j) {
        loaded.sy(row, loaded.rows_[j]) = products[i * k + j];
        loaded.yy(row, loaded.rows_[j]) = products[(k + i) * k + j];
      }
    }
  }
  *this = std::move(loaded);
  return absl::OkStatus();
}

}  // namespace tessera::optim
