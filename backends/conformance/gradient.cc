// SPDX-License-Identifier: Apache-2.0
//
// An op's vjp by itself, without a tape: on the subject against on the reference, and on the
// reference against finite differences.
#include <cmath>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tessera/backends/conformance/examine.h"
#include "tessera/backends/conformance/tolerance.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::conformance {
namespace {

// Gradients pass through several ops.
constexpr double kGradientFactor = 4;

// A distance along a direction of unit size per element, and what its differences may be off by:
// h^2 from the third derivative, 1e-16 / h from rounding.
constexpr double kStep = 1e-5;
constexpr double kDifferenceTolerance = 1e-6;

class ExamVjpContext final : public VjpContext {
 public:
  ExamVjpContext(const Case& c, std::vector<Tensor> inputs, std::vector<Tensor> outputs,
                 std::vector<Tensor> grads)
      : c_(c),
        inputs_(std::move(inputs)),
        outputs_(std::move(outputs)),
        grads_(std::move(grads)),
        results_(inputs_.size()) {
    for (const Tensor& t : inputs_) {
      input_specs_.push_back(t.defined() ? TensorSpec{t.dtype(), t.shape()} : TensorSpec{});
    }
    for (const Tensor& t : outputs_) output_specs_.push_back({t.dtype(), t.shape()});
  }

  const Attributes& attributes() const override { return c_.sample->attributes; }
  int num_inputs() const override { return static_cast<int>(inputs_.size()); }
  const Tensor& input(int i) const override {
    check_saved("input", i, c_.op->saved_inputs);
    return inputs_[i];
  }
  const Tensor& output(int i) const override {
    check_saved("output", i, c_.op->saved_outputs);
    return outputs_[i];
  }
  const TensorSpec& input_spec(int i) const override { return input_specs_[i]; }
  Tensor grad(int i) override { return grads_[i].defined() ? grads_[i] : zeros_like(outputs_[i]); }
  bool has_grad(int i) const override { return grads_[i].defined(); }
  bool needs(int i) const override {
    return i < num_inputs() && inputs_[i].defined() && is_floating_point(inputs_[i].dtype());
  }
  void set(int i, Tensor gradient) override { results_[i] = std::move(gradient); }

  const std::vector<Tensor>& results() const { return results_; }

 private:
  // A tape keeps only what the op says that its vjp reads.
  void check_saved(const char* what, int i, uint32_t saved) const {
    if (saved != kSaveAll && (i >= 32 || (saved >> i & 1) == 0)) {
      raise(absl::InternalError(absl::StrCat(c_.op->name, ": the vjp reads ", what, " ", i,
                                             ", which the op does not save")));
    }
  }

  const Case& c_;
  std::vector<Tensor> inputs_, outputs_, grads_, results_;
  std::vector<TensorSpec> input_specs_, output_specs_;
};

// Whether gradients flow back through output k.
bool has_gradient(const Case& c, const Tensor& output, size_t k) {
  return is_floating_point(output.dtype()) && (c.op->auxiliary_outputs >> k & 1) == 0;
}

std::vector<Tensor> forward(const Case& c, const std::vector<Tensor>& inputs,
                            const Device& device) {
  return dispatch_all(*c.op, refs(inputs), c.sample->attributes, device);
}

// Values in [-1, 1), another for every element and tensor.
HostTensor arbitrary(const Case& c, DType dtype, const Shape& shape, int salt) {
  return make_values({.shape = shape, .low = -1, .high = 1}, dtype,
                     seed_of(c.op->name, c.sample->name, 1000 + salt));
}

// The gradients of the inputs for given gradients of the outputs; empty where not floating.
std::vector<std::optional<HostTensor>> run_vjp(const Case& c, const std::vector<HostInput>& inputs,
                                               const Device& device) {
  NoGradGuard no_grad;
  std::vector<Tensor> tensors = device_inputs(c, inputs, device);
  std::vector<Tensor> outputs = forward(c, tensors, device), grads;
  for (size_t k = 0; k < outputs.size(); ++k) {
    grads.push_back(
        has_gradient(c, outputs[k], k)
            ? to_device(arbitrary(c, outputs[k].dtype(), outputs[k].shape(), static_cast<int>(k)),
                        device, Layout::kDense)
            : Tensor());
  }
  ExamVjpContext context(c, tensors, outputs, grads);
  c.op->vjp(context);
  std::vector<std::optional<HostTensor>> results;
  for (int i = 0; i < context.num_inputs(); ++i) {
    if (!context.needs(i)) {
      results.push_back(std::nullopt);
    } else if (context.results()[i].defined()) {
      results.push_back(read(context.results()[i]));
    } else {
      results.push_back(HostTensor(tensors[i].dtype(), tensors[i].shape()));
    }
  }
  return results;
}

// The sum of the outputs' values times their given gradients.
double weighted_output(const Case& c, const std::vector<HostInput>& inputs, const Device& device) {
  NoGradGuard no_grad;
  double sum = 0;
  std::vector<Tensor> outputs = forward(c, device_inputs(c, inputs, device), device);
  for (size_t k = 0; k < outputs.size(); ++k) {
    if (!has_gradient(c, outputs[k], k)) continue;
    const HostTensor y = read(outputs[k]);
    const HostTensor g = arbitrary(c, y.dtype, y.shape, static_cast<int>(k));
    for (int64_t i = 0; i < y.numel(); ++i) sum += g.real(i) * y.real(i);
  }
  return sum;
}

}  // namespace

void examine_gradient(const Examiner& examiner, const Case& c, std::vector<Finding>& findings) {
  try {
    const std::vector<HostInput> inputs = host_inputs(c);
    const auto want = run_vjp(c, inputs, examiner.oracle);
    const auto got = run_vjp(c, inputs, examiner.subject);
    for (size_t k = 0; k < want.size(); ++k) {
      if (!want[k].has_value()) continue;
      Tolerance t = tolerance_for(*c.op, *c.sample, want[k]->dtype).times(kGradientFactor);
      t.scaled = true;
      const std::string d = difference(*want[k], *got[k], t);
      if (!d.empty()) {
        findings.push_back({"gradient", absl::StrCat("of input ", k, ": ", d)});
      } else if (want[k]->shape != c.sample->inputs[k].shape) {
        findings.push_back(
            {"gradient", absl::StrCat("of input ", k, " has shape ", want[k]->shape.to_string())});
      }
    }
  } catch (const Error& error) {
    findings.push_back({"gradient", error.status().ToString()});
  }
}

void examine_finite_differences(const Examiner& examiner, const Case& c,
                                std::vector<Finding>& findings) {
  try {
    const std::vector<HostInput> inputs = host_inputs(c);
    const auto gradients = run_vjp(c, inputs, examiner.oracle);
    for (size_t k = 0; k < inputs.size(); ++k) {
      if (!gradients[k].has_value() || inputs[k].values.numel() == 0) continue;
      // Along two directions, so that what one happens to be orthogonal to shows in the other.
      for (int trial = 0; trial < 2; ++trial) {
        const HostTensor& x = inputs[k].values;
        const HostTensor v = arbitrary(c, x.dtype, x.shape, 100 + 2 * static_cast<int>(k) + trial);
        std::vector<HostInput> up = inputs, down = inputs;
        double expected = 0, scale = 1;
        for (int64_t i = 0; i < x.numel(); ++i) {
          up[k].values.set(i, x.real(i) + kStep * v.real(i));
          down[k].values.set(i, x.real(i) - kStep * v.real(i));
          expected += gradients[k]->real(i) * v.real(i);
          scale += std::fabs(gradients[k]->real(i) * v.real(i));
        }
        const double slope =
            (weighted_output(c, up, examiner.oracle) - weighted_output(c, down, examiner.oracle)) /
            (2 * kStep);
        if (!(std::fabs(slope - expected) <= kDifferenceTolerance * scale)) {
          findings.push_back(
              {"finite_difference",
               absl::StrFormat("of input %d along direction %d: the vjp says %.12g, differences "
                               "say %.12g",
                               k, trial, expected, slope)});
          break;
        }
      }
    }
  } catch (const Error& error) {
    findings.push_back({"finite_difference", error.status().ToString()});
  }
}

}  // namespace tessera::conformance
