// SPDX-License-Identifier: Apache-2.0
//
// gradcheck: compares the gradients of a function with finite differences, in float64.
//
//   EXPECT_OK(gradcheck([](const Tensor& x) { return x.sigmoid() * x; }, randn({3, 5})));
//   // INVALID_ARGUMENT: gradcheck: 2 of 15 gradients of input 0 ([3, 5]) are wrong, most so that
//   of
//   // element [1, 4]: analytic 0.25, numeric 0.75
#ifndef TESSERA_AUTOGRAD_GRADCHECK_H_
#define TESSERA_AUTOGRAD_GRADCHECK_H_

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "tessera/tensor/tensor.h"

namespace tessera {

struct GradcheckOptions {
  double eps = 1e-6;   // step of the central differences
  double atol = 1e-5;  // a gradient may differ from the numeric one by atol + rtol * |numeric|
  double rtol = 1e-3;
};

using TensorFunction = std::function<std::vector<Tensor>(const std::vector<Tensor>&)>;

// OK if the gradients of `function` at `inputs` agree with central differences. What is compared,
// for each element of each floating point input, is the derivative of one fixed weighted sum of all
// elements of all outputs, with weights between 0.5 and 1.5.
// Floating point inputs are copied to float64; others are given to the function as they are. The
// function must be deterministic and, within eps of the inputs, smooth. It is called twice per
// element.
//   errors: kInvalidArgument with input, element, analytic and numeric value; also if no input or
//   no
//           output is floating point. What the function throws passes through.
absl::Status gradcheck(const TensorFunction& function, absl::Span<const Tensor> inputs,
                       const GradcheckOptions& options = {});
absl::Status gradcheck(const std::function<Tensor(const Tensor&)>& function, const Tensor& input,
                       const GradcheckOptions& options = {});

// The same for the gradient's gradient: gradcheck of the function that maps inputs and gradients of
// the outputs to the gradients of the inputs.
absl::Status gradgradcheck(const TensorFunction& function, absl::Span<const Tensor> inputs,
                           const GradcheckOptions& options = {});
absl::Status gradgradcheck(const std::function<Tensor(const Tensor&)>& function,
                           const Tensor& input, const GradcheckOptions& options = {});

}  // namespace tessera

#endif  // TESSERA_AUTOGRAD_GRADCHECK_H_
