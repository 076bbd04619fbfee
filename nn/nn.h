// SPDX-License-Identifier: Apache-2.0
//
// torch.nn: modules, layers, losses, initial values, metrics and files of weights, with all
// tensor ops.
#ifndef TESSERA_NN_NN_H_
#define TESSERA_NN_NN_H_

#include "tessera/nn/activation.h"            // IWYU pragma: export
#include "tessera/nn/batchnorm.h"             // IWYU pragma: export
#include "tessera/nn/conv.h"                  // IWYU pragma: export
#include "tessera/nn/dropout.h"               // IWYU pragma: export
#include "tessera/nn/early_stopping.h"        // IWYU pragma: export
#include "tessera/nn/embedding.h"             // IWYU pragma: export
#include "tessera/nn/flatten.h"               // IWYU pragma: export
#include "tessera/nn/functional.h"            // IWYU pragma: export
#include "tessera/nn/functional_embedding.h"  // IWYU pragma: export
#include "tessera/nn/functional_loss.h"       // IWYU pragma: export
#include "tessera/nn/functional_norm.h"       // IWYU pragma: export
#include "tessera/nn/hooks.h"                 // IWYU pragma: export
#include "tessera/nn/init.h"                  // IWYU pragma: export
#include "tessera/nn/linear.h"                // IWYU pragma: export
#include "tessera/nn/loss.h"                  // IWYU pragma: export
#include "tessera/nn/metrics/metrics.h"       // IWYU pragma: export
#include "tessera/nn/module.h"                // IWYU pragma: export
#include "tessera/nn/normalization.h"         // IWYU pragma: export
#include "tessera/nn/pooling.h"               // IWYU pragma: export
#include "tessera/nn/safetensors.h"           // IWYU pragma: export
#include "tessera/nn/sequential.h"            // IWYU pragma: export
#include "tessera/nn/state_dict.h"            // IWYU pragma: export
#include "tessera/nn/summary.h"               // IWYU pragma: export
#include "tessera/tensor/ops/ops.h"           // IWYU pragma: export

#endif  // TESSERA_NN_NN_H_
