// SPDX-License-Identifier: Apache-2.0
//
// torch.nn: modules, layers, losses, initial values, metrics and files of weights, with all
// tensor ops.
#ifndef TESSERA_NN_NN_H_
#define TESSERA_NN_NN_H_

// IWYU pragma: begin_exports
#include "tessera/nn/activation.h"
#include "tessera/nn/attention.h"
#include "tessera/nn/batchnorm.h"
#include "tessera/nn/bilinear.h"
#include "tessera/nn/containers.h"
#include "tessera/nn/conv.h"
#include "tessera/nn/conv_transpose.h"
#include "tessera/nn/distance.h"
#include "tessera/nn/dropout.h"
#include "tessera/nn/early_stopping.h"
#include "tessera/nn/embedding.h"
#include "tessera/nn/flatten.h"
#include "tessera/nn/fold.h"
#include "tessera/nn/functional.h"
#include "tessera/nn/functional_activation.h"
#include "tessera/nn/functional_distance.h"
#include "tessera/nn/functional_dropout.h"
#include "tessera/nn/functional_embedding.h"
#include "tessera/nn/functional_loss.h"
#include "tessera/nn/functional_norm.h"
#include "tessera/nn/hooks.h"
#include "tessera/nn/init.h"
#include "tessera/nn/lazy.h"
#include "tessera/nn/linear.h"
#include "tessera/nn/loss.h"
#include "tessera/nn/metrics/metrics.h"
#include "tessera/nn/module.h"
#include "tessera/nn/normalization.h"
#include "tessera/nn/packed_sequence.h"
#include "tessera/nn/padding.h"
#include "tessera/nn/pixel_shuffle.h"
#include "tessera/nn/pooling.h"
#include "tessera/nn/rnn.h"
#include "tessera/nn/rnn_cell.h"
#include "tessera/nn/safetensors.h"
#include "tessera/nn/sequential.h"
#include "tessera/nn/state_dict.h"
#include "tessera/nn/summary.h"
#include "tessera/nn/transformer.h"
#include "tessera/nn/transformer_layer.h"
#include "tessera/nn/unpooling.h"
#include "tessera/nn/upsample.h"
#include "tessera/nn/utils/averaged_model.h"
#include "tessera/nn/utils/functional_call.h"
#include "tessera/nn/utils/parameters.h"
#include "tessera/nn/utils/spectral_norm.h"
#include "tessera/nn/utils/weight_norm.h"
#include "tessera/tensor/ops/ops.h"
// IWYU pragma: end_exports

#endif  // TESSERA_NN_NN_H_
