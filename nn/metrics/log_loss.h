// SPDX-License-Identifier: Apache-2.0
//
// LogLoss: the mean cross entropy of probabilities, as sklearn.metrics.log_loss.
//
//   nn::LogLoss loss;
//   loss.update(model(x).softmax(1), y);
#ifndef TESSERA_NN_METRICS_LOG_LOSS_H_
#define TESSERA_NN_METRICS_LOG_LOSS_H_

#include <cstdint>

#include "tessera/nn/metrics/device_sum.h"
#include "tessera/nn/metrics/sample_weight.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn {

// Natural logarithm. Probabilities are first kept within [e, 1 - e], e the distance from 1 to the
// next number of their dtype. Rows are taken as they are: that they sum to 1 is not checked.
class LogLoss {
 public:
  //   shape:  predictions (N) or (N, 1): the probability of class 1, with targets of the same shape
  //           or (N); or (N, C) with targets (N). sample_weight (N)
  //   dtype:  predictions: floating point (the half types are computed in float32); targets:
  //           integers or bool
  //   errors: throws kInvalidArgument for others; kOutOfRange for a target that is no class
  void update(const Tensor& predictions, const Tensor& targets, const Tensor& sample_weight = {});
  double compute() const;  // nan if nothing was seen, or if the weights sum to 0
  int64_t count() const { return total_.count(); }  // samples seen
  void merge(const LogLoss& other);
  void reset() { *this = LogLoss(); }

 private:
  internal::DeviceSum sum_;
  internal::WeightTotal total_;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_METRICS_LOG_LOSS_H_
