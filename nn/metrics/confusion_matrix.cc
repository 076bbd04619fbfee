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
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::nn {

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

void ConfusionMatrix::update(const Tensor& predictions, const Tensor& targets) {
  NoGradGuard no_grad;
  const auto [predicted, target] = internal::class_pairs("ConfusionMatrix", predictions, targets);
  const auto is_class = [&](const Tensor& x) { return logical_and(x >= 0, x < num_classes_); };
  const int64_t outside = num_classes_ * num_classes_;
  const Tensor pair = where(logical_and(is_class(predicted), is_class(target)),
                            target * num_classes_ + predicted, outside);
  if (!device_counts_.defined()) {
    device_counts_ = zeros({outside + 1}, {.dtype = kInt64, .device = pair.device()});
  }
  device_counts_ = device_counts_.scatter_add(0, pair, ones_like(pair));
  host_counts_.clear();
}

void ConfusionMatrix::merge(const ConfusionMatrix& other) {
  if (other.num_classes_ != num_classes_) {
    raise_op_error("ConfusionMatrix",
                   absl::InvalidArgumentError(absl::StrCat("merge: ", num_classes_,
                                                           " classes with ", other.num_classes_)));
  }
  if (!other.device_counts_.defined()) return;
  NoGradGuard no_grad;
  device_counts_ = device_counts_.defined()
                       ? device_counts_ + other.device_counts_.to(device_counts_.device())
                       : other.device_counts_;
  host_counts_.clear();
}

void ConfusionMatrix::reset() {
  device_counts_ = Tensor();
  host_counts_.clear();
}

const std::vector<int64_t>& ConfusionMatrix::counts() const {
  if (!host_counts_.empty()) return host_counts_;
  std::vector<int64_t> counts(static_cast<size_t>(num_classes_ * num_classes_ + 1));
  if (device_counts_.defined()) counts = device_counts_.to_vector<int64_t>();
  if (counts.back() != 0) {
    raise_op_error(
        "ConfusionMatrix",
        absl::OutOfRangeError(absl::StrCat(
            counts.back(), " of ", std::accumulate(counts.begin(), counts.end(), int64_t{0}),
            " samples have a target or prediction outside [0, ", num_classes_, ")")));
  }
  counts.pop_back();
  host_counts_ = std::move(counts);
  return host_counts_;
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

double ConfusionMatrix::accuracy() const {
  const int64_t all = total();
  if (all == 0) return std::numeric_limits<double>::quiet_NaN();
  int64_t correct = 0;
  for (int64_t c = 0; c < num_classes_; ++c) correct += count(c, c);
  return static_cast<double>(correct) / static_cast<double>(all);
}

std::string ConfusionMatrix::to_string() const {
  constexpr std::string_view kTarget = "target";
  size_t label_width = kTarget.size();
  size_t width = absl::StrCat(*std::max_element(counts().begin(), counts().end())).size();
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
    for (int64_t p = 0; p < num_classes_; ++p) text += absl::StrFormat("%*d", column, count(t, p));
    text += "\n";
  }
  return text;
}

}  // namespace tessera::nn
