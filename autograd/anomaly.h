// SPDX-License-Identifier: Apache-2.0
//
// Anomaly mode: stops at the op that makes the first nan or infinity, forward or backward
// (torch.autograd.detect_anomaly).
//
//   DetectAnomalyGuard detect;
//   train_step();
//   // Error: features.3 (Conv2d): log: output 0 ([2, 3] float32) has 1 nan, the first at [0, 1];
//   //        operand 0 is [2, 3] float32 from -1 to 2
//   // Error: gradient of sqrt in head (Linear): div: output 0 ...
#ifndef TESSERA_AUTOGRAD_ANOMALY_H_
#define TESSERA_AUTOGRAD_ANOMALY_H_

#include <memory>

namespace tessera {

struct AnomalyOptions {
  bool nan = true;
  // Infinities that an op makes from finite operands: overflow, division by zero, log(0). Those
  // that were there (a mask of -inf) are nobody's mistake.
  bool inf = true;
};

// While it lives, every op of this thread is followed by a look at its floating point outputs, and
// throws Error (kInvalidArgument) where one has what the options name. A nan that an operand brings
// along from outside is reported at the first op that reads it, by the operand's number.
// Slow: each op waits for the device. Guards nest; the outer one looks too.
// Messages about gradients name the module of ops that were recorded under a guard.
class DetectAnomalyGuard {
 public:
  explicit DetectAnomalyGuard(const AnomalyOptions& options = {});
  ~DetectAnomalyGuard();
  DetectAnomalyGuard(const DetectAnomalyGuard&) = delete;

 private:
  class Observer;
  std::unique_ptr<Observer> observer_;
  bool kept_module_paths_;
};

}  // namespace tessera

#endif  // TESSERA_AUTOGRAD_ANOMALY_H_
