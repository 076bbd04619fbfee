// SPDX-License-Identifier: Apache-2.0
//
// A sum of tensors that stays on the device and loses nothing to rounding. For nn/metrics.
#ifndef TESSERA_NN_METRICS_DEVICE_SUM_H_
#define TESSERA_NN_METRICS_DEVICE_SUM_H_

#include <vector>

#include "tessera/tensor/tensor.h"

namespace tessera::nn::internal {

// Adds up tensors of one shape and floating dtype with an error term beside the sum, so that a
// float32 sum of many is right to about twice float32's digits.
//   source: Knuth, The Art of Computer Programming 2, 4.2.2, theorem B
class DeviceSum {
 public:
  void add(const Tensor& x);
  // The sum's elements; empty before the first add(). Waits for the device. inf and nan as plain
  // sums have them.
  std::vector<double> values() const;
  // What `other` has summed, on whatever device.
  void merge(const DeviceSum& other);

  const Tensor& sum() const { return sum_; }  // undefined before the first add()

 private:
  Tensor sum_;
  Tensor error_;
};

}  // namespace tessera::nn::internal

#endif  // TESSERA_NN_METRICS_DEVICE_SUM_H_
