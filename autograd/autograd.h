// SPDX-License-Identifier: Apache-2.0
//
// Gradients of tensors with respect to tensors.
//
//   Tensor w = randn({784, 10}, {.requires_grad = true});
//   Tensor loss = (x.matmul(w) - y).square().mean();
//   loss.backward();                                       // adds to w.grad()
//
//   auto dx = autograd::grad({f}, {x}, {}, {.create_graph = true});   // a gradient, and its graph
//   auto d2x = autograd::grad({dx[0].sum()}, {x});
//
// The graph: an op on tensors that require a gradient makes a node that keeps the values its
// gradient needs. Their memory refuses writes meanwhile. The graph belongs to its tensors: what no
// tensor leads to is freed. backward() frees the kept values node by node as it goes, unless
// `retain_graph` is set; a second backward() through them is an error then.
//
// Order: nodes run in the reverse order of their creation, one after another, on the calling
// thread; sums of gradients are formed in that order. A run repeats bit for bit.
//
// Threads: graphs that share leaves only may be walked by several threads at once. Of two threads
// (or hooks) that walk one graph at once, the second gets an error.
//
// backward() with create_graph makes a ring: the leaf holds grad(), whose graph holds the leaf.
// set_grad({}) breaks it; or use grad(), which makes none.
#ifndef TESSERA_AUTOGRAD_AUTOGRAD_H_
#define TESSERA_AUTOGRAD_AUTOGRAD_H_

#include <optional>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "tessera/tensor/tensor.h"

namespace tessera::autograd {

struct BackwardOptions {
  std::optional<bool> retain_graph = std::nullopt;  // create_graph's value
  bool create_graph = false;                        // the gradients have gradients themselves
};

// The gradient of the sum of `outputs`, each weighted by its gradient, added to grad() of every
// leaf. A gradient may be undefined for an output of one element: 1. No gradients at all: all
// undefined.
//   errors: kFailedPrecondition if an output does not require a gradient, if the graph was freed,
//           or if it is being walked already; kInvalidArgument for a gradient of another shape or
//           dtype than its output, or one that is missing
// If the gradient of an op throws, grad() of some leaves may have been added to.
void backward(absl::Span<const Tensor> outputs, absl::Span<const Tensor> gradients = {},
              const BackwardOptions& options = {});

struct GradOptions {
  std::optional<bool> retain_graph = std::nullopt;  // create_graph's value
  bool create_graph = false;
  // An input that no output depends on gets an undefined gradient instead of an error.
  bool allow_unused = false;
};

// The same gradient with respect to `inputs` (leaves or not), in their order; grad() of leaves
// stays as it is and only what leads to an input is computed and freed.
//   errors: as backward(); kInvalidArgument if an input does not require a gradient, or is unused
std::vector<Tensor> grad(absl::Span<const Tensor> outputs, absl::Span<const Tensor> inputs,
                         absl::Span<const Tensor> gradients = {}, const GradOptions& options = {});

// The op that made `tensor` if a gradient can go back through it ("mul"), else empty.
std::string_view grad_fn_name(const Tensor& tensor);

}  // namespace tessera::autograd

#endif  // TESSERA_AUTOGRAD_AUTOGRAD_H_
