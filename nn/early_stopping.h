// SPDX-License-Identifier: Apache-2.0
//
// EarlyStopping: ends training when a loss on held-out data no longer falls, and brings back the
// weights that were best.
//
//   nn::EarlyStopping stopping({.patience = 10});
//   while (!stopping.should_stop()) {
//     train_one_epoch(model);
//     stopping.update(validation_loss(model), model);
//   }
//   stopping.restore_best(model);
#ifndef TESSERA_NN_EARLY_STOPPING_H_
#define TESSERA_NN_EARLY_STOPPING_H_

#include <cstdint>
#include <limits>

#include "tessera/nn/module.h"
#include "tessera/nn/state_dict.h"

namespace tessera::nn {

struct EarlyStoppingOptions {
  int64_t patience = 10;  // updates without a better value after which to stop
  double min_delta = 0;   // a better value is smaller by more than this
};

class EarlyStopping {
 public:
  //   errors: throws kInvalidArgument if patience is not positive or min_delta is negative
  explicit EarlyStopping(const EarlyStoppingOptions& options = {});

  // Takes the value after an epoch. True if it is the best so far: then the module's parameters and
  // buffers are copied. nan is never better.
  bool update(double value, const Module& module);
  bool should_stop() const { return updates_ - best_update_ >= options_.patience; }
  // Gives `module` the values that it had at the best update; nothing if there was none.
  void restore_best(Module& module) const;

  double best() const { return best_; }                 // infinity before the first better value
  int64_t best_update() const { return best_update_; }  // from 1; 0: none
  int64_t updates() const { return updates_; }

 private:
  EarlyStoppingOptions options_;
  double best_ = std::numeric_limits<double>::infinity();
  int64_t best_update_ = 0;
  int64_t updates_ = 0;
  StateDict best_state_;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_EARLY_STOPPING_H_
