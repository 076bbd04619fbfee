// SPDX-License-Identifier: Apache-2.0
//
// CosineSimilarity and PairwiseDistance, as torch.nn's. The functions, with shapes and errors, are
// in nn/functional_distance.h.
#ifndef TESSERA_NN_DISTANCE_H_
#define TESSERA_NN_DISTANCE_H_

#include <cstdint>

#include "tessera/nn/module.h"

namespace tessera::nn {

struct CosineSimilarityOptions {
  int64_t dim = 1;
  double eps = 1e-8;
};

class CosineSimilarity : public ModuleOf<Tensor(const Tensor& x1, const Tensor& x2)> {
 public:
  explicit CosineSimilarity(const CosineSimilarityOptions& options = {}) : options_(options) {}
  Tensor forward(const Tensor& x1, const Tensor& x2) override;

 private:
  CosineSimilarityOptions options_;
};

struct PairwiseDistanceOptions {
  double p = 2;
  double eps = 1e-6;
  bool keepdim = false;
};

class PairwiseDistance : public ModuleOf<Tensor(const Tensor& x1, const Tensor& x2)> {
 public:
  explicit PairwiseDistance(const PairwiseDistanceOptions& options = {}) : options_(options) {}
  Tensor forward(const Tensor& x1, const Tensor& x2) override;

 private:
  PairwiseDistanceOptions options_;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_DISTANCE_H_
