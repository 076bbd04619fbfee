// SPDX-License-Identifier: Apache-2.0
//
// A kernel of the reference: a function of a Call, and what its nodes look like.
#ifndef TESSERA_BACKENDS_REFERENCE_KERNEL_H_
#define TESSERA_BACKENDS_REFERENCE_KERNEL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/reference/view.h"

namespace tessera::reference {

// TSR_OK, or a code and what went wrong.
struct Result {
  TsrStatus code = TSR_OK;
  std::string message;
};

// A node whose counts of inputs, outputs and attributes are as the kernel's table says.
class Call {
 public:
  explicit Call(const TsrNode& node) : node_(node) {}

  View in(int k) const { return View(*node_.inputs[k]); }
  View out(int k) const { return View(*node_.outputs[k]); }
  const TsrTensor& input(int k) const { return *node_.inputs[k]; }
  const TsrTensor& output(int k) const { return *node_.outputs[k]; }
  View in_1d(int k) const { return in(k).at_least_1d(); }
  View out_1d(int k) const { return out(k).at_least_1d(); }
  int n_inputs() const { return static_cast<int>(node_.n_inputs); }
  int n_outputs() const { return static_cast<int>(node_.n_outputs); }
  int64_t integer(int k) const { return node_.ints[k]; }
  int n_integers() const { return static_cast<int>(node_.n_ints); }
  double real(int k) const { return node_.doubles[k]; }
  const int64_t* integers() const { return node_.ints; }
  const double* reals() const { return node_.doubles; }

 private:
  const TsrNode& node_;
};

inline constexpr int kAny = -1;  // any number of ints, inputs or outputs; the kernel looks itself

struct Kernel {
  const char* op;
  Result (*compute)(const Call& call);
  int min_inputs;
  int max_inputs;
  int outputs;
  int ints;
  int doubles;
};

using Kernels = std::vector<Kernel>;

// One function per family, in the file of that name.
Kernels chain_kernels();
Kernels copy_kernels();
Kernels shape_kernels();
Kernels gather_kernels();
Kernels fold_kernels();
Kernels elementwise_kernels();
Kernels reduce_kernels();
Kernels scan_kernels();
Kernels sort_kernels();
Kernels matmul_kernels();
Kernels conv_kernels();
Kernels pool_kernels();
Kernels softmax_kernels();
Kernels layer_norm_kernels();
Kernels lstm_kernels();
Kernels batch_norm_kernels();
Kernels cross_entropy_kernels();
Kernels attention_kernels();
Kernels random_kernels();
Kernels optimizer_kernels();
Kernels linalg_kernels();

}  // namespace tessera::reference

#endif  // TESSERA_BACKENDS_REFERENCE_KERNEL_H_
