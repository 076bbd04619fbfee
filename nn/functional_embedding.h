// SPDX-License-Identifier: Apache-2.0
//
// Rows of a table by their numbers, as functions (torch.nn.functional). nn/embedding.h has the
// layers.
#ifndef TESSERA_NN_FUNCTIONAL_EMBEDDING_H_
#define TESSERA_NN_FUNCTIONAL_EMBEDDING_H_

#include <cstdint>
#include <optional>

#include "tessera/tensor/tensor.h"

namespace tessera::nn {

enum class EmbeddingBagMode { kSum, kMean, kMax };

namespace functional {

struct EmbeddingOptions {
  std::optional<int64_t> padding_idx = std::nullopt;  // a row whose gradient is 0; may be negative
  std::optional<double> max_norm = std::nullopt;      // rows that are read are first shrunk to it
  double norm_type = 2;                               // by this norm
  bool scale_grad_by_freq = false;  // a row's gradient is divided by how often it was read
};

// weight[indices]
//   shape:  indices (S..), weight (V, D) -> (S.., D)
//   dtype:  indices int64 or int32, weight floating point
//   errors: throws kOutOfRange for an index outside [0, V) or a padding_idx outside [-V, V);
//           kInvalidArgument for other dtypes or ranks
// Differentiable in weight. With max_norm it changes weight in place.
Tensor embedding(const Tensor& indices, const Tensor& weight, const EmbeddingOptions& options = {});

struct EmbeddingBagOptions {
  EmbeddingBagMode mode = EmbeddingBagMode::kMean;
  Tensor per_sample_weights = {};    // indices' shape; rows are multiplied by it; only with kSum
  bool include_last_offset = false;  // offsets end with the number of indices
  std::optional<int64_t> padding_idx = std::nullopt;  // indices that count as not there
  std::optional<double> max_norm = std::nullopt;
  double norm_type = 2;
  bool scale_grad_by_freq = false;  // not with kMax
};

// The sum, mean or maximum of rows of weight, bag by bag. A bag without rows gives zeros.
//   shape:  indices (B, N) without offsets: a bag of N each; or (T) with offsets (B): bag b is
//           indices[offsets[b]] to before indices[offsets[b + 1]], the last to the end;
//           weight (V, D) -> (B, D)
//   dtype:  indices and offsets int64 or int32, weight floating point
//   errors: throws kInvalidArgument for shapes or options that do not fit, for offsets that do not
//           start with 0, decrease, exceed T or, with include_last_offset, do not end with T;
//           kOutOfRange for indices as embedding
// Differentiable in weight and per_sample_weights. Reads offsets on the host.
Tensor embedding_bag(const Tensor& indices, const Tensor& weight, const Tensor& offsets = {},
                     const EmbeddingBagOptions& options = {});

}  // namespace functional
}  // namespace tessera::nn

#endif  // TESSERA_NN_FUNCTIONAL_EMBEDDING_H_
