// SPDX-License-Identifier: Apache-2.0
//
// How a metric of one class against the rest becomes one number for all classes.
#ifndef TESSERA_NN_METRICS_AVERAGE_H_
#define TESSERA_NN_METRICS_AVERAGE_H_

namespace tessera::nn {

enum class Average {
  kBinary,    // of one class alone
  kMicro,     // of all (sample, class) pairs together
  kMacro,     // the plain mean of the classes
  kWeighted,  // their mean weighted by how many targets each has
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_METRICS_AVERAGE_H_
