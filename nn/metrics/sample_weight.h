// SPDX-License-Identifier: Apache-2.0
//
// Weights of samples. For nn/metrics.
#ifndef TESSERA_NN_METRICS_SAMPLE_WEIGHT_H_
#define TESSERA_NN_METRICS_SAMPLE_WEIGHT_H_

#include <cstdint>

#include "tessera/nn/metrics/device_sum.h"
#include "tessera/tensor/capture_hooks.h"
#include "tessera/tensor/launch.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn::internal {

// `weight` in float64, if it is that, else in float32. Undefined stays undefined: all weigh 1.
//   errors: throws kInvalidArgument naming `metric` unless its shape is `expected`
Tensor sample_weight(const char* metric, const Tensor& weight, const Shape& expected);

// For a metric's update() while a step is being recorded (tensor/capture/compile.h): updates
// `metric` now and in every run, with the values of that run.
template <class Metric>
void update_each_time(Metric* metric, const Tensor& predictions, const Tensor& targets,
                      const Tensor& weight) {
  each_time([metric, p = alias(predictions), t = alias(targets),
             w = weight.defined() ? alias(weight) : weight] {
    NoGradGuard no_grad;
    // Copies, since metrics may keep what they are given.
    metric->update(p.clone(), t.clone(), w.defined() ? w.clone() : w);
  });
}

// The total of weights.
class WeightTotal {
 public:
  // `count` samples, of these weights, or, if that is undefined, of weight 1.
  void add(int64_t count, const Tensor& weight);
  void merge(const WeightTotal& other);
  double value() const;                     // waits for the device if there were weights
  int64_t count() const { return count_; }  // samples

 private:
  int64_t count_ = 0;
  int64_t plain_count_ = 0;  // those without weights
  DeviceSum weights_;
};

}  // namespace tessera::nn::internal

#endif  // TESSERA_NN_METRICS_SAMPLE_WEIGHT_H_
