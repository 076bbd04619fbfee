// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/metrics/classification_report.h"

#include <algorithm>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tessera/nn/metrics/precision_recall.h"
#include "tessera/nn/python_text.h"
#include "tessera/tensor/dispatch.h"

namespace tessera::nn {
namespace {

// Unicode characters of UTF-8 text.
size_t width_of(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string right_aligned(std::string_view text, size_t width) {
  return std::string(width - std::min(width, width_of(text)), ' ') + std::string(text);
}

}  // namespace

std::string classification_report(const ConfusionMatrix& confusion,
                                  const ClassificationReportOptions& options) {
  if (options.digits < 0) {
    raise_op_error("classification_report",
                   absl::InvalidArgumentError(absl::StrCat(options.digits, " digits")));
  }
  const AverageScoresOptions rest = {.labels = options.labels,
                                     .zero_division = options.zero_division};
  const std::vector<ClassScores> scores = precision_recall_fscore_support(confusion, rest);
  const std::vector<int64_t> seen = classes_seen(confusion);
  const std::vector<int64_t>& labels = options.labels.empty() ? seen : options.labels;
  std::vector<int64_t> ascending = labels;
  std::sort(ascending.begin(), ascending.end());

  size_t width =
      std::max(std::string_view("weighted avg").size(), static_cast<size_t>(options.digits));
  for (int64_t c : labels) width = std::max(width, width_of(confusion.name(c)));
  const auto number = [&](double value) {
    return absl::StrFormat(" %9.*f", options.digits, value);
  };
  // Counts, or, if there are weights, sums of them.
  const auto support = [&](double value) {
    return absl::StrFormat(
        " %9s\n", confusion.has_weights() ? python_text(value) : absl::StrFormat("%.0f", value));
  };
  const auto row = [&](std::string_view name, const ClassScores& s) {
    return right_aligned(name, width) + " " + number(s.precision) + number(s.recall) +
           number(s.fbeta) + support(s.support);
  };

  std::string text = right_aligned("", width) + " ";
  for (const char* heading : {"precision", "recall", "f1-score", "support"}) {
    text += absl::StrFormat(" %9s", heading);
  }
  text += "\n\n";
  for (size_t i = 0; i < labels.size(); ++i) text += row(confusion.name(labels[i]), scores[i]);
  text += "\n";
  const ClassScores micro = average_precision_recall_fscore(confusion, Average::kMicro, rest);
  if (std::includes(ascending.begin(), ascending.end(), seen.begin(), seen.end())) {
    text += right_aligned("accuracy", width) + " " + std::string(20, ' ') + number(micro.fbeta) +
            support(micro.support);
  } else {
    text += row("micro avg", micro);
  }
  text += row("macro avg", average_precision_recall_fscore(confusion, Average::kMacro, rest));
  text += row("weighted avg", average_precision_recall_fscore(confusion, Average::kWeighted, rest));
  return text;
}

}  // namespace tessera::nn
