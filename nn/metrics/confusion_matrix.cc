// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/metrics/confusion_matrix.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tessera/nn/metrics/class_pairs.h"
#include "tessera/nn/metrics/sample_weight.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::nn {
namespace {

// Both may be undefined, which is nothing.
void add_to(Tensor& sum, const Tensor& x) {
  if (!x.defined()) return;
  sum = sum.defined() ? sum + x.to(sum.device()) : x;
}

}  // namespace

ConfusionMatrix::ConfusionMatrix(int64_t num_classes, std::vector<std::string> names)
    : num_classes_(num_classes), names_(std::move(names)) {
  if (num_classes < 1 || (!names_.empty() && names_.size() != static_cast<size_t>(num_classes))) {
    raise_op_error("ConfusionMatrix", absl::InvalidArgumentError(absl::StrCat(
                                          num_classes, " classes, ", names_.size(), " names")));
  }
  for (int64_t c = static_cast<int64_t>(names_.size()); c < num_classes; ++c) {
    names_.push_back(absl::StrCat(c));
  }
}

void ConfusionMatrix::update(const Tensor& predictions, const Tensor& targets,
                             const Tensor& sample_weight) {
  if (step_recorder() != nullptr) {
    return internal::update_each_time(this, predictions, targets, sample_weight);
  }
  NoGradGuard no_grad;
  const auto [predicted, target] = internal::class_pairs("ConfusionMatrix", predictions, targets);
  const Tensor weight = internal::sample_weight("ConfusionMatrix", sample_weight, targets.shape());
  const auto is_class = [&](const Tensor& x) { return logical_and(x >= 0, x < num_classes_); };
  const int64_t outside = num_classes_ * num_classes_;
  const Tensor pair = where(logical_and(is_class(predicted), is_class(target)),
                            target * num_classes_ + predicted, outside);
  const auto sums_of = [&](const Tensor& x) {
    return zeros({outside + 1}, {.dtype = x.dtype(), .device = x.device()}).scatter_add(0, pair, x);
  };
  const Tensor counts = sums_of(ones_like(pair));
  add_to(device_counts_, counts);
  if (weight.defined()) {
    add_to(weighted_counts_, counts);
    device_weights_.add(sums_of(weight.flatten()));
  }
  host_ = {};
}

void ConfusionMatrix::merge(const ConfusionMatrix& other) {
  if (other.num_classes_ != num_classes_) {
    raise_op_error("ConfusionMatrix",
                   absl::InvalidArgumentError(absl::StrCat("merge: ", num_classes_,
                                                           " classes with ", other.num_classes_)));
  }
  NoGradGuard no_grad;
  add_to(device_counts_, other.device_counts_);
  add_to(weighted_counts_, other.weighted_counts_);
  device_weights_.merge(other.device_weights_);
  host_ = {};
}

void ConfusionMatrix::reset() {
  device_counts_ = weighted_counts_ = Tensor();
  device_weights_ = {};
  host_ = {};
}

const ConfusionMatrix::OnHost& ConfusionMatrix::host() const {
  if (!host_.counts.empty()) return host_;
  const auto read = [&](const Tensor& counts) {
    return counts.defined()
               ? counts.to_vector<int64_t>()
               : std::vector<int64_t>(static_cast<size_t>(num_classes_ * num_classes_ + 1));
  };
  std::vector<int64_t> counts = read(device_counts_);
  if (counts.back() != 0) {
    raise_op_error(
        "ConfusionMatrix",
        absl::OutOfRangeError(absl::StrCat(
            counts.back(), " of ", std::accumulate(counts.begin(), counts.end(), int64_t{0}),
            " samples have a target or prediction outside [0, ", num_classes_, ")")));
  }
  const std::vector<int64_t> weighted = read(weighted_counts_);
  std::vector<double> weights = device_weights_.values();
  weights.resize(counts.size());
  for (size_t i = 0; i < weights.size(); ++i) {
    weights[i] += static_cast<double>(counts[i] - weighted[i]);
  }
  counts.pop_back();
  weights.pop_back();
  host_ = {std::move(counts), std::move(weights)};
  return host_;
}

int64_t ConfusionMatrix::total() const {
  return std::accumulate(counts().begin(), counts().end(), int64_t{0});
}

int64_t ConfusionMatrix::targets_of(int64_t c) const {
  int64_t sum = 0;
  for (int64_t p = 0; p < num_classes_; ++p) sum += count(c, p);
  return sum;
}

int64_t ConfusionMatrix::predictions_of(int64_t c) const {
  int64_t sum = 0;
  for (int64_t t = 0; t < num_classes_; ++t) sum += count(t, c);
  return sum;
}

double ConfusionMatrix::target_weight(int64_t c) const {
  double sum = 0;
  for (int64_t p = 0; p < num_classes_; ++p) sum += weight(c, p);
  return sum;
}

double ConfusionMatrix::prediction_weight(int64_t c) const {
  double sum = 0;
  for (int64_t t = 0; t < num_classes_; ++t) sum += weight(t, c);
  return sum;
}

double ConfusionMatrix::accuracy() const {
  const double all = std::accumulate(weights().begin(), weights().end(), 0.0);
  if (all == 0) return std::numeric_limits<double>::quiet_NaN();
  double correct = 0;
  for (int64_t c = 0; c < num_classes_; ++c) correct += weight(c, c);
  return correct / all;
}

std::string ConfusionMatrix::to_string() const {
  constexpr std::string_view kTarget = "target";
  size_t label_width = kTarget.size();
  std::vector<std::string> cells;
  for (size_t i = 0; i < counts().size(); ++i) {
    cells.push_back(has_weights() ? absl::StrCat(weights()[i]) : absl::StrCat(counts()[i]));
  }
  size_t width = 1;
  for (const std::string& cell : cells) width = std::max(width, cell.size());
  for (const std::string& name : names_) {
    label_width = std::max(label_width, name.size());
    width = std::max(width, name.size());
  }
  const int label = static_cast<int>(label_width), column = static_cast<int>(width) + 1;
  std::string text = absl::StrFormat("%*s  predicted\n%*s ", label, "", label, kTarget);
  for (const std::string& name : names_) text += absl::StrFormat("%*s", column, name);
  text += "\n";
  for (int64_t t = 0; t < num_classes_; ++t) {
    text += absl::StrFormat("%*s ", label, name(t));
    for (int64_t p = 0; p < num_classes_; ++p) {
      text += absl::StrFormat("%*s", column, cells[static_cast<size_t>(t * num_classes_ + p)]);
    }
    text += "\n";
  }
  return text;
}

}  // namespace tessera::nn
