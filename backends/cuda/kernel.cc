// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/kernel.h"

#include <new>

#include "tessera/backends/cuda/strided.h"

namespace tessera::cuda {
namespace {

bool is_known(const TsrTensor& t) {
  if (t.rank > kMaxRank) return false;
  for (uint32_t k = 0; k < t.rank; ++k) {
    if (t.strides[k] < 0) return false;
  }
  return true;
}

}  // namespace

TsrStatus check_ranks(const TsrNode& node, TsrMessage* message) {
  for (uint32_t i = 0; i < node.n_inputs; ++i) {
    if (!is_known(*node.inputs[i])) return unsupported(node, "rank or layout", message);
  }
  for (uint32_t i = 0; i < node.n_outputs; ++i) {
    if (!is_known(*node.outputs[i])) return unsupported(node, "rank or layout", message);
  }
  return TSR_OK;
}

TsrStatus launch_node(CheckFunction check, RunFunction run, TsrStream* stream, const TsrNode& node,
                      TsrMessage* message) {
  TESSERA_PLUGIN_RETURN_IF_ERROR(check_ranks(node, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(check(node, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(unwrap(stream)->device->enter(message));
  try {
    Launcher launcher(unwrap(stream), node, message);
    run(launcher, node);
    return TSR_OK;
  } catch (const KernelFailure& failure) {
    return failure.status;
  } catch (const std::bad_alloc&) {
    return fail(message, TSR_RESOURCE_EXHAUSTED, "%s: out of memory of the host", node.op);
  }
}

}  // namespace tessera::cuda
