// SPDX-License-Identifier: Apache-2.0
#include "tessera/autograd/autograd.h"

#include "absl/strings/str_cat.h"
#include "tessera/autograd/engine.h"
#include "tessera/autograd/meta.h"
#include "tessera/backends/runtime/error.h"

namespace tessera::autograd {
namespace {

void add_roots(BackwardPass& pass, absl::Span<const Tensor> outputs,
               absl::Span<const Tensor> gradients) {
  if (!gradients.empty() && gradients.size() != outputs.size()) {
    raise(absl::InvalidArgumentError(absl::StrCat("backward: ", gradients.size(), " gradients for ",
                                                  outputs.size(), " outputs")));
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    pass.add_root(outputs[i], gradients.empty() ? Tensor() : gradients[i]);
  }
}

}  // namespace

void backward(absl::Span<const Tensor> outputs, absl::Span<const Tensor> gradients,
              const BackwardOptions& options) {
  BackwardPass pass({.retain_graph = options.retain_graph.value_or(options.create_graph),
                     .create_graph = options.create_graph});
  add_roots(pass, outputs, gradients);
  pass.run();
}

std::vector<Tensor> grad(absl::Span<const Tensor> outputs, absl::Span<const Tensor> inputs,
                         absl::Span<const Tensor> gradients, const GradOptions& options) {
  if (inputs.empty()) return {};
  BackwardPass pass({.retain_graph = options.retain_graph.value_or(options.create_graph),
                     .create_graph = options.create_graph});
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].requires_grad()) {
      raise(absl::InvalidArgumentError(absl::StrCat(
          "grad: input ", i, " ", inputs[i].shape().to_string(), " does not require a gradient")));
    }
    pass.capture(inputs[i]);
  }
  add_roots(pass, outputs, gradients);
  pass.run();
  std::vector<Tensor> results(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    results[i] = pass.captured(i);
    if (!results[i].defined() && !options.allow_unused) {
      raise(absl::InvalidArgumentError(absl::StrCat("grad: no output depends on input ", i, " ",
                                                    inputs[i].shape().to_string(),
                                                    "; set allow_unused if that is meant")));
    }
  }
  return results;
}

std::string_view grad_fn_name(const Tensor& tensor) {
  const GradNode* node = node_of(tensor.impl());
  return node == nullptr ? std::string_view() : node->name();
}

}  // namespace tessera::autograd
