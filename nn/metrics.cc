// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/metrics.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"

namespace tessera::nn {
namespace {

// (N) classes from scores or classes.
Tensor predicted_classes(const char* name, const Tensor& predictions, const Tensor& targets) {
  if (targets.dim() == 1 && !targets.is_floating_point()) {
    if (predictions.dim() == 2 && predictions.size(0) == targets.size(0)) {
      return predictions.argmax(1);
    }
    if (predictions.shape() == targets.shape() && !predictions.is_floating_point()) {
      return predictions.to(kInt64);
    }
  }
  raise_op_error(name, absl::InvalidArgumentError(absl::StrCat(
                           "predictions are ", dtype_name(predictions.dtype()), " ",
                           predictions.shape().to_string(), ", targets ",
                           dtype_name(targets.dtype()), " ", targets.shape().to_string(),
                           "; expected scores (N, C) or classes (N), and classes (N)")));
}

double ratio(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

double harmonic_mean(double a, double b) { return a + b == 0 ? 0 : 2 * a * b / (a + b); }

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

// ---- Accuracy
// ------------------------------------------------------------------------------------

void Accuracy::update(const Tensor& predictions, const Tensor& targets) {
  NoGradGuard no_grad;
  const Tensor classes = predicted_classes("Accuracy", predictions, targets);
  const Tensor correct = (classes == targets.to(kInt64)).sum();
  correct_ = correct_.defined() ? correct_ + correct : correct;
  count_ += targets.numel();
}

double Accuracy::value() const {
  if (count_ == 0) return kNan;
  return static_cast<double>(correct_.item<int64_t>()) / static_cast<double>(count_);
}

void Accuracy::reset() { *this = Accuracy(); }

// ---- ConfusionMatrix
// -----------------------------------------------------------------------------

ConfusionMatrix::ConfusionMatrix(int64_t num_classes, std::vector<std::string> names)
    : num_classes_(num_classes), names_(std::move(names)) {
  if (num_classes < 1 || (!names_.empty() && names_.size() != static_cast<size_t>(num_classes))) {
    raise_op_error("ConfusionMatrix", absl::InvalidArgumentError(absl::StrCat(
                                          num_classes, " classes, ", names_.size(), " names")));
  }
  for (int64_t c = static_cast<int64_t>(names_.size()); c < num_classes; ++c) {
    names_.push_back(absl::StrCat(c));
  }
  counts_.resize(static_cast<size_t>(num_classes * num_classes));
}

void ConfusionMatrix::update(const Tensor& predictions, const Tensor& targets) {
  NoGradGuard no_grad;
  const std::vector<int64_t> predicted =
      predicted_classes("ConfusionMatrix", predictions, targets).to_vector<int64_t>();
  const std::vector<int64_t> wanted = targets.to_vector<int64_t>();
  auto check = [&](const char* what, size_t i, int64_t value) {
    if (value >= 0 && value < num_classes_) return;
    raise_op_error("ConfusionMatrix",
                   absl::OutOfRangeError(absl::StrCat(what, " ", i, " is class ", value, ", of ",
                                                      num_classes_, " classes")));
  };
  for (size_t i = 0; i < wanted.size(); ++i) {
    check("prediction", i, predicted[i]);
    check("target", i, wanted[i]);
  }
  for (size_t i = 0; i < wanted.size(); ++i) {
    ++counts_[static_cast<size_t>(wanted[i] * num_classes_ + predicted[i])];
  }
}

int64_t ConfusionMatrix::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), int64_t{0});
}

double ConfusionMatrix::accuracy() const {
  int64_t correct = 0;
  for (int64_t c = 0; c < num_classes_; ++c) correct += count(c, c);
  return total() == 0 ? kNan : ratio(correct, total());
}

ClassMetrics ConfusionMatrix::of_class(int64_t c) const {
  int64_t predicted = 0, support = 0;
  for (int64_t other = 0; other < num_classes_; ++other) {
    predicted += count(other, c);
    support += count(c, other);
  }
  ClassMetrics m;
  m.precision = ratio(count(c, c), predicted);
  m.recall = ratio(count(c, c), support);
  m.f1 = harmonic_mean(m.precision, m.recall);
  m.support = support;
  return m;
}

ClassMetrics ConfusionMatrix::macro_average() const {
  ClassMetrics mean;
  for (int64_t c = 0; c < num_classes_; ++c) {
    const ClassMetrics m = of_class(c);
    mean.precision += m.precision / static_cast<double>(num_classes_);
    mean.recall += m.recall / static_cast<double>(num_classes_);
    mean.f1 += m.f1 / static_cast<double>(num_classes_);
    mean.support += m.support;
  }
  return mean;
}

ClassMetrics ConfusionMatrix::weighted_average() const {
  ClassMetrics mean;
  for (int64_t c = 0; c < num_classes_; ++c) {
    const ClassMetrics m = of_class(c);
    const double weight = ratio(m.support, total());
    mean.precision += m.precision * weight;
    mean.recall += m.recall * weight;
    mean.f1 += m.f1 * weight;
    mean.support += m.support;
  }
  return mean;
}

void ConfusionMatrix::reset() { std::fill(counts_.begin(), counts_.end(), 0); }

// ---- Printing
// ------------------------------------------------------------------------------------

std::string ConfusionMatrix::to_string() const {
  constexpr std::string_view kTarget = "target";
  size_t label_width = kTarget.size();
  size_t width = absl::StrCat(*std::max_element(counts_.begin(), counts_.end())).size();
  for (const std::string& name : names_) {
    label_width = std::max(label_width, name.size());
    width = std::max(width, name.size());
  }
  const int label = static_cast<int>(label_width), column = static_cast<int>(width) + 1;
  std::string text = absl::StrFormat("%*s  predicted\n%*s ", label, "", label, kTarget);
  for (const std::string& name : names_) text += absl::StrFormat("%*s", column, name);
  text += "\n";
  for (int64_t t = 0; t < num_classes_; ++t) {
    text += absl::StrFormat("%*s ", label, names_[static_cast<size_t>(t)]);
    for (int64_t p = 0; p < num_classes_; ++p) text += absl::StrFormat("%*d", column, count(t, p));
    text += "\n";
  }
  return text;
}

std::string ConfusionMatrix::report() const {
  constexpr std::string_view kAverages[] = {"accuracy", "macro avg", "weighted avg"};
  size_t width = kAverages[2].size();
  for (const std::string& name : names_) width = std::max(width, name.size());
  const int column = static_cast<int>(width);
  auto row = [&](std::string_view name, const ClassMetrics& m) {
    return absl::StrFormat("%*s %10.3f %10.3f %10.3f %10d\n", column, name, m.precision, m.recall,
                           m.f1, m.support);
  };
  std::string text = absl::StrFormat("%*s %10s %10s %10s %10s\n\n", column, "", "precision",
                                     "recall", "f1-score", "support");
  for (int64_t c = 0; c < num_classes_; ++c)
    text += row(names_[static_cast<size_t>(c)], of_class(c));
  text += absl::StrFormat("\n%*s %10s %10s %10.3f %10d\n", column, kAverages[0], "", "", accuracy(),
                          total());
  text += row(kAverages[1], macro_average());
  text += row(kAverages[2], weighted_average());
  return text;
}

}  // namespace tessera::nn
