// SPDX-License-Identifier: Apache-2.0
//
// Schedules that a function gives: LambdaLR, MultiplicativeLR.
//
//   optim::LambdaLR scheduler(optimizer, [](int64_t epoch) { return std::pow(0.95, epoch); });
#ifndef TESSERA_OPTIM_LAMBDA_LR_H_
#define TESSERA_OPTIM_LAMBDA_LR_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "tessera/optim/schedule.h"

namespace tessera::optim {

using EpochFunction = std::function<double(int64_t epoch)>;

// The base rate times a function of the epoch: of all groups, or one for each.
//   errors: throws kInvalidArgument for another number of functions than groups
// Functions are no part of the state.
class LambdaLR : public LRScheduler {
 public:
  LambdaLR(Optimizer& optimizer, EpochFunction lr_lambda, int64_t last_epoch = -1)
      : LambdaLR(optimizer, std::vector<EpochFunction>{std::move(lr_lambda)}, last_epoch) {}
  LambdaLR(Optimizer& optimizer, std::vector<EpochFunction> lr_lambdas, int64_t last_epoch = -1);

 protected:
  double first_lr(size_t group, double lr, double base) const override;
  double next_lr(size_t group, double lr, double base) const override;

 private:
  std::vector<EpochFunction> lr_lambdas_;
};

// The present rate times a function of the epoch, from epoch 1 on. As LambdaLR otherwise.
class MultiplicativeLR : public LRScheduler {
 public:
  MultiplicativeLR(Optimizer& optimizer, EpochFunction lr_lambda, int64_t last_epoch = -1)
      : MultiplicativeLR(optimizer, std::vector<EpochFunction>{std::move(lr_lambda)}, last_epoch) {}
  MultiplicativeLR(Optimizer& optimizer, std::vector<EpochFunction> lr_lambdas,
                   int64_t last_epoch = -1);

 protected:
  // When its turn comes in a SequentialLR it goes on from the present rates, as in PyTorch.
  void restart() override;
  double next_lr(size_t group, double lr, double base) const override;
  double resumed_lr(size_t /*group*/, double lr, double /*base*/) const override { return lr; }

 private:
  std::vector<EpochFunction> lr_lambdas_;
};

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_LAMBDA_LR_H_
