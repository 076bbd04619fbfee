// SPDX-License-Identifier: Apache-2.0
//
// Learning rate schedules, as torch.optim.lr_scheduler.
//
//   optim::SGD optimizer(model.parameters(), {.lr = 0.1});
//   optim::LinearLR warmup(optimizer, {.start_factor = 0.1, .total_iters = 5});
//   optim::CosineAnnealingLR cosine(optimizer, {.T_max = 95});
//   optim::SequentialLR scheduler(optimizer, {&warmup, &cosine}, {5});
//   for (int epoch = 0; epoch < 100; ++epoch) {
//     train(...);
//     scheduler.step();
//   }
#ifndef TESSERA_OPTIM_LR_SCHEDULER_H_
#define TESSERA_OPTIM_LR_SCHEDULER_H_

#include "tessera/optim/composed_lr.h"  // IWYU pragma: export
#include "tessera/optim/cosine_lr.h"    // IWYU pragma: export
#include "tessera/optim/cyclic_lr.h"    // IWYU pragma: export
#include "tessera/optim/decay_lr.h"     // IWYU pragma: export
#include "tessera/optim/lambda_lr.h"    // IWYU pragma: export
#include "tessera/optim/plateau_lr.h"   // IWYU pragma: export
#include "tessera/optim/schedule.h"     // IWYU pragma: export

#endif  // TESSERA_OPTIM_LR_SCHEDULER_H_
