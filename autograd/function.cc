// SPDX-License-Identifier: Apache-2.0
#include "tessera/autograd/function.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "tessera/autograd/no_grad.h"
#include "tessera/autograd/tape.h"
#include "tessera/autograd/vjp_context.h"

namespace tessera::autograd {
namespace {

// The engine's is the only VjpContext that reaches the vjp of a node.
void call_vjp(VjpContext& context) {
  static_cast<TapeVjpContext&>(context).node().extras()->vjp(context);
}

}  // namespace

std::vector<Tensor> custom_function(const char* name, absl::Span<const Tensor> inputs,
                                    absl::FunctionRef<std::vector<Tensor>()> forward,
                                    std::function<void(VjpContext&)> vjp,
                                    const SavedValues& saved) {
  std::vector<Tensor> outputs;
  {
    NoGradGuard no_grad;
    outputs = forward();
  }
  auto wants_gradient = [](const Tensor& t) { return t.defined() && t.requires_grad(); };
  if (!is_grad_enabled() || std::none_of(inputs.begin(), inputs.end(), wants_gradient)) {
    return outputs;
  }
  auto op = std::make_unique<OpDef>();
  op->name = name;
  op->vjp = call_vjp;
  op->saved_inputs = saved.inputs;
  op->saved_outputs = saved.outputs;
  if (RefPtr<GradNode> node = record(*op, refs(inputs), {}, absl::MakeSpan(outputs))) {
    node->mutable_extras().op = std::move(op);
    node->mutable_extras().vjp = std::move(vjp);
  }
  return outputs;
}

}  // namespace tessera::autograd
