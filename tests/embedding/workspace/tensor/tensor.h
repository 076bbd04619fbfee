// SPDX-License-Identifier: Apache-2.0
//
// A header whose path Tessera has too, in a host project that had it first.
#ifndef EMBEDDER_TENSOR_TENSOR_H_
#define EMBEDDER_TENSOR_TENSOR_H_

namespace host {

struct Tensor {
  int stress[6];
};

}  // namespace host

#endif  // EMBEDDER_TENSOR_TENSOR_H_
