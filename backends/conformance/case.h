// SPDX-License-Identifier: Apache-2.0
//
// Case: one op on one sample, in one dtype and one layout. What the exam is made of.
#ifndef TESSERA_BACKENDS_CONFORMANCE_CASE_H_
#define TESSERA_BACKENDS_CONFORMANCE_CASE_H_

#include <memory>
#include <string>
#include <vector>

#include "tessera/backends/conformance/host_tensor.h"
#include "tessera/backends/conformance/layout.h"
#include "tessera/tensor/op_def.h"

namespace tessera::conformance {

struct Case {
  const OpDef* op = nullptr;
  std::shared_ptr<const Sample> sample;
  DType dtype = kFloat32;  // in place of the sample's float32
  Layout layout = Layout::kDense;
  bool large = false;  // enough elements that a backend splits the work

  bool expects_error() const { return sample->expected != absl::StatusCode::kOk; }
  std::string name() const;  // "add/Matrix/float32/transposed"
};

// Every case of every op, the large ones too: float32 samples in each floating dtype, densely;
// float32 and samples of fixed dtypes in every layout that applies; error samples once.
std::vector<Case> all_cases();

// Cases that a backend splits over threads and tiles, of the ops that are worth splitting: float32
// in every layout that applies. Too large for gradients and decompositions.
std::vector<Case> large_cases();

// The cases of one op.
std::vector<Case> cases_of(const OpDef& op);

// Whether a sample can be examined in a layout.
bool applies(const OpDef& op, const Sample& sample, Layout layout);

// The values of the inputs; of an optional input that is not given, `defined` is false.
struct HostInput {
  bool defined = true;
  bool immediate = false;
  HostTensor values;
};
std::vector<HostInput> host_inputs(const Case& c);

// The inputs on a device. `dense` ignores the case's layout (the values stay those of the layout).
std::vector<Tensor> device_inputs(const Case& c, const std::vector<HostInput>& inputs,
                                  const Device& device, bool dense = false);

}  // namespace tessera::conformance

#endif  // TESSERA_BACKENDS_CONFORMANCE_CASE_H_
