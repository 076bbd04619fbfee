// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_NN_METRICS_TEST_CLASSES_H_
#define TESSERA_NN_METRICS_TEST_CLASSES_H_

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::nn {

inline Tensor classes(std::vector<int64_t> values) { return tensor<int64_t>(values); }

// What `f` throws: "" if nothing.
template <class F>
std::string thrown_by(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace tessera::nn

#endif  // TESSERA_NN_METRICS_TEST_CLASSES_H_
