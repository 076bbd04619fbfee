// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/shape.h"

#include "tessera/backends/plugin/moves.h"
#include "tessera/backends/vulkan/move.h"

namespace tessera::vulkan {
namespace {

void run_cat(Recorder& r, const TsrNode& node) {
  plugin::copies_of_cat(
      node, [&](const TsrTensor& from, const TsrTensor& to) { move_elements(r, from, to); });
}

void run_pad(Recorder& r, const TsrNode& node) {
  plugin::copies_of_pad(node, [&](const TsrTensor& from, const TsrTensor& to) {
    r.barrier();  // the second writes over the first
    move_elements(r, from, to);
  });
}

void run_flip(Recorder& r, const TsrNode& node) {
  plugin::copies_of_flip(
      node, [&](const TsrTensor& from, const TsrTensor& to) { move_elements(r, from, to); });
}

}  // namespace

std::span<const KernelEntry> shape_kernels() {
  static constexpr KernelEntry kKernels[] = {
      {"cat", make_kernel<plugin::check_cat, run_cat>()},
      {"pad", make_kernel<plugin::check_pad, run_pad>()},
      {"flip", make_kernel<plugin::check_flip, run_flip>()},
  };
  return kKernels;
}

}  // namespace tessera::vulkan
