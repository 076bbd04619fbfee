// SPDX-License-Identifier: Apache-2.0
//
// What the files of kernels share: the table entry that each offers, and checks of a node's form.
//
//   std::span<const KernelEntry> flip_kernels() {
//     static constexpr KernelEntry kKernels[] = {{"flip", make_kernel<check_flip, run_flip>()}};
//     return kKernels;
//   }
#ifndef TESSERA_BACKENDS_VULKAN_KERNEL_H_
#define TESSERA_BACKENDS_VULKAN_KERNEL_H_

#include <span>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/plugin/kernel.h"
#include "tessera/backends/vulkan/recorder.h"

namespace tessera::vulkan {

using plugin::check_counts;
using plugin::check_tensors;
using plugin::CheckFunction;
using plugin::element_count;
using plugin::fail;
using plugin::is_dense;
using plugin::is_immediate;
using plugin::KernelEntry;
using plugin::kMaxRank;
using plugin::Lines;
using plugin::unsupported;

// Records the work of a node that passed the check. Throws KernelFailure.
using RunFunction = void (*)(Recorder& recorder, const TsrNode& node);

// What no kernel takes: a float64 where the device has none, tensors of 2^31 elements or more, or
// of more than kMaxRank dims.
TsrStatus check_device(const PhysicalDevice& device, const TsrNode& node, TsrMessage* message);

TsrStatus launch(CheckFunction check, RunFunction run, TsrStream* stream, const TsrNode& node,
                 TsrMessage* message);
TsrStatus supports(CheckFunction check, TsrDevice* device, const TsrNode& node,
                   TsrMessage* message);

template <CheckFunction check, RunFunction run>
constexpr TsrKernel make_kernel() {
  return {sizeof(TsrKernel),
          [](TsrStream* stream, const TsrNode* node, TsrMessage* message) {
            return launch(check, run, stream, *node, message);
          },
          [](TsrDevice* device, const TsrNode* node, TsrMessage* message) {
            return supports(check, device, *node, message);
          }};
}

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_KERNEL_H_
