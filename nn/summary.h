// SPDX-License-Identifier: Apache-2.0
//
// summary: a table of a model's layers with output shapes and numbers of parameters.
//
//   std::cout << nn::summary(model, {64, 1, 28, 28});
//
//   layer (type)             output shape         parameters
//   ---------------------------------------------------------
//   SmallCnn                 [64, 10]                 20,490
//     features (Sequential)  [64, 32, 7, 7]            4,800
//     ...
#ifndef TESSERA_NN_SUMMARY_H_
#define TESSERA_NN_SUMMARY_H_

#include <string>

#include "tessera/nn/module.h"

namespace tessera::nn {

// Runs the model once on zeros of this shape (with the batch dimension), in evaluation mode and
// without gradients; modes are as before afterwards. Layers that did not run, or give no single
// tensor, show "-". Parameter numbers include those of the layers below.
std::string summary(Module& model, const Shape& input_shape);

}  // namespace tessera::nn

#endif  // TESSERA_NN_SUMMARY_H_
