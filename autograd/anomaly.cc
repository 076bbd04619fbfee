// SPDX-License-Identifier: Apache-2.0
#include "tessera/autograd/anomaly.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tessera/autograd/element_index.h"
#include "tessera/autograd/no_grad.h"
#include "tessera/autograd/tape.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/module_scope.h"

namespace tessera {
namespace {

struct Contents {
  int64_t nans = 0;
  int64_t infs = 0;
  int64_t first = -1;  // the first element that is either, in row-major order
  double low = std::numeric_limits<double>::infinity();  // of the finite ones
  double high = -std::numeric_limits<double>::infinity();
};

Contents look_at(const Tensor& tensor) {
  Contents contents;
  const std::vector<double> values = tensor.to_vector<double>();
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) {
      contents.low = std::min(contents.low, values[i]);
      contents.high = std::max(contents.high, values[i]);
      continue;
    }
    ++(std::isnan(values[i]) ? contents.nans : contents.infs);
    if (contents.first < 0) contents.first = static_cast<int64_t>(i);
  }
  return contents;
}

std::string describe(const Tensor& tensor, const Contents& contents) {
  std::string text = absl::StrCat(tensor.shape().to_string(), " ", dtype_name(tensor.dtype()));
  if (contents.low <= contents.high) {
    absl::StrAppend(&text, " from ", contents.low, " to ", contents.high);
  }
  if (contents.nans != 0) absl::StrAppend(&text, " with ", contents.nans, " nan");
  if (contents.infs != 0) absl::StrAppend(&text, " with ", contents.infs, " inf");
  return text;
}

// "features.3 (Conv2d): ", "gradient of sqrt in head (Linear): ", or "".
std::string where() {
  std::string text;
  if (const autograd::GradNode* running = autograd::tape_state().running) {
    text = absl::StrCat("gradient of ", running->name());
    const autograd::NodeExtras* extras = running->extras();
    if (extras != nullptr && !extras->module_path.empty()) {
      absl::StrAppend(&text, " in ", extras->module_path);
    }
    text += ": ";
  }
  const std::string path = ModuleScope::path();
  if (!path.empty()) absl::StrAppend(&text, path, ": ");
  return text;
}

bool share_memory(const Tensor& a, const Tensor& b) {
  return a.impl().storage && a.impl().storage == b.impl().storage;
}

}  // namespace

class DetectAnomalyGuard::Observer final : public DispatchObserver {
 public:
  explicit Observer(const AnomalyOptions& options)
      : options_(options), previous_(std::exchange(dispatch_state().observer, this)) {}
  ~Observer() override { dispatch_state().observer = previous_; }

  void on_dispatch(const OpDef& op, TensorRefs inputs, const Attributes& attributes,
                   absl::Span<const Tensor> outputs) override {
    if (previous_ != nullptr) previous_->on_dispatch(op, inputs, attributes, outputs);
    if (op.has(kView)) return;
    // The ops below are not for observers.
    Unobserved unobserved;
    NoGradGuard no_grad;
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (outputs[i].is_floating_point() && is_suspect(outputs[i])) {
        judge(op, inputs, outputs, i);
      }
    }
  }

 private:
  struct Unobserved {
    Unobserved() : observer(std::exchange(dispatch_state().observer, nullptr)) {}
    ~Unobserved() { dispatch_state().observer = observer; }
    DispatchObserver* observer;
  };

  bool is_suspect(const Tensor& tensor) const {
    return options_.inf ? !tensor.isfinite().all().item<bool>() : tensor.isnan().any().item<bool>();
  }

  void judge(const OpDef& op, TensorRefs inputs, absl::Span<const Tensor> outputs, size_t i) const {
    const Contents made = look_at(outputs[i]);
    const bool is_nan = options_.nan && made.nans != 0;
    if (!is_nan && !(options_.inf && made.infs != 0)) return;
    std::string operands;
    for (size_t k = 0; k < inputs.size(); ++k) {
      const Tensor& input = *inputs[k];
      if (!input.defined() || !input.is_floating_point()) continue;
      // An op that updates its operands has overwritten what it read.
      if (std::any_of(outputs.begin(), outputs.end(),
                      [&](const Tensor& output) { return share_memory(input, output); })) {
        continue;
      }
      const Contents had = look_at(input);
      if (!is_nan && had.nans + had.infs != 0) return;
      if (is_nan && had.nans != 0) {
        raise(absl::InvalidArgumentError(
            absl::StrCat(where(), op.name, ": operand ", k, " (", describe(input, had),
                         ") brings nan along, the "
                         "first at ",
                         autograd::element_index(had.first, input.shape()),
                         "; it was not made by an op under this DetectAnomalyGuard")));
      }
      absl::StrAppend(&operands, "; operand ", k, " is ", describe(input, had));
    }
    raise(absl::InvalidArgumentError(
        absl::StrCat(where(), op.name, ": output ", i, " (", outputs[i].shape().to_string(), " ",
                     dtype_name(outputs[i].dtype()), ") has ", is_nan ? made.nans : made.infs,
                     is_nan ? " nan" : " inf", ", the first at ",
                     autograd::element_index(made.first, outputs[i].shape()), operands)));
  }

  const AnomalyOptions options_;
  DispatchObserver* const previous_;
};

DetectAnomalyGuard::DetectAnomalyGuard(const AnomalyOptions& options)
    : observer_(std::make_unique<Observer>(options)),
      kept_module_paths_(std::exchange(autograd::tape_state().keeps_module_paths, true)) {}

DetectAnomalyGuard::~DetectAnomalyGuard() {
  autograd::tape_state().keeps_module_paths = kept_module_paths_;
}

}  // namespace tessera
