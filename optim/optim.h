// SPDX-License-Identifier: Apache-2.0
//
// torch.optim: optimizers, learning rate schedules and limits on gradients.
#ifndef TESSERA_OPTIM_OPTIM_H_
#define TESSERA_OPTIM_OPTIM_H_

#include "tessera/optim/adadelta.h"      // IWYU pragma: export
#include "tessera/optim/adafactor.h"     // IWYU pragma: export
#include "tessera/optim/adagrad.h"       // IWYU pragma: export
#include "tessera/optim/adam.h"          // IWYU pragma: export
#include "tessera/optim/adamax.h"        // IWYU pragma: export
#include "tessera/optim/clip_grad.h"     // IWYU pragma: export
#include "tessera/optim/lbfgs.h"         // IWYU pragma: export
#include "tessera/optim/lion.h"          // IWYU pragma: export
#include "tessera/optim/lr_scheduler.h"  // IWYU pragma: export
#include "tessera/optim/muon.h"          // IWYU pragma: export
#include "tessera/optim/nadam.h"         // IWYU pragma: export
#include "tessera/optim/optimizer.h"     // IWYU pragma: export
#include "tessera/optim/radam.h"         // IWYU pragma: export
#include "tessera/optim/rmsprop.h"       // IWYU pragma: export
#include "tessera/optim/sgd.h"           // IWYU pragma: export

#endif  // TESSERA_OPTIM_OPTIM_H_
