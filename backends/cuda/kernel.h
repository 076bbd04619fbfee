// SPDX-License-Identifier: Apache-2.0
//
// What the files of kernels share: the table entry that each offers, and checks of a node's form.
//
//   std::span<const KernelEntry> flip_kernels() {
//     static constexpr KernelEntry kKernels[] = {{"flip", make_kernel<check_flip, run_flip>()}};
//     return kKernels;
//   }
#ifndef TESSERA_BACKENDS_CUDA_KERNEL_H_
#define TESSERA_BACKENDS_CUDA_KERNEL_H_

#include <span>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/cuda/launcher.h"
#include "tessera/backends/plugin/kernel.h"

namespace tessera::cuda {

using plugin::check_counts;
using plugin::check_tensors;
using plugin::CheckFunction;
using plugin::data_of;
using plugin::element_count;
using plugin::fail;
using plugin::is_dense;
using plugin::is_immediate;
using plugin::KernelEntry;
using plugin::kMaxRank;
using plugin::Lines;
using plugin::unsupported;

// Launches the work of a node that passed the check. Throws KernelFailure.
using RunFunction = void (*)(Launcher& launcher, const TsrNode& node);

TsrStatus launch_node(CheckFunction check, RunFunction run, TsrStream* stream, const TsrNode& node,
                      TsrMessage* message);
// What no kernel takes: tensors of more than kMaxRank dims, or with strides below 0.
TsrStatus check_ranks(const TsrNode& node, TsrMessage* message);

template <CheckFunction check, RunFunction run>
constexpr TsrKernel make_kernel() {
  return {sizeof(TsrKernel),
          [](TsrStream* stream, const TsrNode* node, TsrMessage* message) {
            return launch_node(check, run, stream, *node, message);
          },
          [](TsrDevice*, const TsrNode* node, TsrMessage* message) {
            TESSERA_PLUGIN_RETURN_IF_ERROR(check_ranks(*node, message));
            return check(*node, message);
          }};
}

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_KERNEL_H_
