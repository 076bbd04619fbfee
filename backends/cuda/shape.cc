// SPDX-License-Identifier: Apache-2.0
//
// Ops that move elements and are copies of views.
#include "tessera/backends/cuda/shape.h"

#include "tessera/backends/cuda/copy.h"
#include "tessera/backends/plugin/moves.h"

namespace tessera::cuda {
namespace {

void run_cat(Launcher& launcher, const TsrNode& node) {
  plugin::copies_of_cat(
      node, [&](const TsrTensor& from, const TsrTensor& to) { copy_elements(launcher, from, to); });
}

void run_pad(Launcher& launcher, const TsrNode& node) {
  plugin::copies_of_pad(
      node, [&](const TsrTensor& from, const TsrTensor& to) { copy_elements(launcher, from, to); });
}

void run_flip(Launcher& launcher, const TsrNode& node) {
  plugin::copies_of_flip(
      node, [&](const TsrTensor& from, const TsrTensor& to) { copy_elements(launcher, from, to); });
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

}  // namespace tessera::cuda
