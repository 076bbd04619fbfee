// SPDX-License-Identifier: Apache-2.0
//
// Tables of vectors, as torch.nn.Embedding and EmbeddingBag.
//
//   nn::Embedding words(vocabulary, 128, {.padding_idx = 0});
//   Tensor x = words(tokens);                       // (B, T) int64 -> (B, T, 128)
//   nn::EmbeddingBag bags(vocabulary, 64);          // means
//   Tensor y = bags(all_tokens, first_token_of_each_bag);
#ifndef TESSERA_NN_EMBEDDING_H_
#define TESSERA_NN_EMBEDDING_H_

#include <cstdint>
#include <optional>
#include <string>

#include "tessera/nn/functional_embedding.h"
#include "tessera/nn/module.h"

namespace tessera::nn {

struct EmbeddingOptions {
  std::optional<int64_t> padding_idx = std::nullopt;  // a row that starts as zeros and stays
  std::optional<double> max_norm = std::nullopt;      // rows that are read are first shrunk to it
  double norm_type = 2;                               // by this norm
  bool scale_grad_by_freq = false;  // a row's gradient is divided by how often it was read
  bool sparse = false;              // refused: gradients are dense
  DType dtype = kFloat32;
  std::optional<Device> device = std::nullopt;  // the default device
};

// weight[indices], F::embedding of nn/functional_embedding.h.
//   shape:  indices (S..) int64 or int32 -> (S.., embedding_dim); weight (num_embeddings,
//           embedding_dim)
//   errors: throws kInvalidArgument for negative sizes, kOutOfRange for a padding_idx outside the
//           table, kUnimplemented for sparse; forward as F::embedding
// Rows start from N(0, 1), the padding row as zeros.
class Embedding : public Module {
 public:
  Embedding(int64_t num_embeddings, int64_t embedding_dim, const EmbeddingOptions& options = {});

  // With `table` (V, D) as its weight, which it shares, and which is trained unless `freeze`.
  static Embedding from_pretrained(Tensor table, bool freeze = true,
                                   const EmbeddingOptions& options = {});

  Tensor forward(const Tensor& indices) override;
  void reset_parameters();
  std::string extra_repr() const override;

  Tensor weight;

 private:
  Embedding(Tensor table, const EmbeddingOptions& options);
  EmbeddingOptions options_;  // padding_idx not negative
};

struct EmbeddingBagModuleOptions {
  EmbeddingBagMode mode = EmbeddingBagMode::kMean;
  bool include_last_offset = false;                   // offsets end with the number of indices
  std::optional<int64_t> padding_idx = std::nullopt;  // indices that count as not there
  std::optional<double> max_norm = std::nullopt;
  double norm_type = 2;
  bool scale_grad_by_freq = false;  // not with kMax
  bool sparse = false;              // refused
  DType dtype = kFloat32;
  std::optional<Device> device = std::nullopt;
};

// Sums, means or maxima of rows, F::embedding_bag of nn/functional_embedding.h.
//   shape:  as F::embedding_bag; offsets and per_sample_weights may be undefined
//   errors: as Embedding; forward as F::embedding_bag
class EmbeddingBag : public ModuleOf<Tensor(const Tensor& indices, const Tensor& offsets,
                                            const Tensor& per_sample_weights)> {
 public:
  EmbeddingBag(int64_t num_embeddings, int64_t embedding_dim,
               const EmbeddingBagModuleOptions& options = {});
  static EmbeddingBag from_pretrained(Tensor table, bool freeze = true,
                                      const EmbeddingBagModuleOptions& options = {});

  using ModuleOf::operator();
  Tensor operator()(const Tensor& indices, const Tensor& offsets = {}) {
    return (*this)(indices, offsets, Tensor());
  }
  Tensor forward(const Tensor& indices, const Tensor& offsets,
                 const Tensor& per_sample_weights) override;
  void reset_parameters();
  std::string extra_repr() const override;

  Tensor weight;

 private:
  EmbeddingBag(Tensor table, const EmbeddingBagModuleOptions& options);
  EmbeddingBagModuleOptions options_;  // padding_idx not negative
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_EMBEDDING_H_
