// SPDX-License-Identifier: Apache-2.0
//
// Passes: what makes a recorded graph smaller, without changing a bit of what it computes.
#ifndef TESSERA_TENSOR_CAPTURE_PASSES_H_
#define TESSERA_TENSOR_CAPTURE_PASSES_H_

#include "tessera/tensor/capture/graph.h"

namespace tessera::capture {

// Gives every write that replaces all of a temporary memory a memory of its own, so that nodes
// depend on each other only through values. The other passes find more after it.
void separate_versions(Graph& graph);

// Each returns how many nodes it took out of Graph::nodes.
//
// Nodes whose results nobody reads.
int remove_dead_nodes(Graph& graph);
// Nodes that compute what an earlier one has computed.
int merge_common_nodes(Graph& graph);
// Nodes that compute the same in every run, from numbers alone: moved to Graph::constants.
int fold_constants(Graph& graph);

}  // namespace tessera::capture

#endif  // TESSERA_TENSOR_CAPTURE_PASSES_H_
