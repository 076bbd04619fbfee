// SPDX-License-Identifier: Apache-2.0
//
// How many threads a backend gets if nobody says otherwise.
#ifndef TESSERA_BACKENDS_RUNTIME_THREAD_BUDGET_H_
#define TESSERA_BACKENDS_RUNTIME_THREAD_BUDGET_H_

namespace tessera {

// The environment variable TESSERA_NUM_THREADS if it is set to a number from 1 to kMaxThreads (if
// it is set to something else, a line on stderr says that it is not used), or else the number of
// processors in this process's affinity mask. At least 1.
int default_thread_budget();

inline constexpr int kMaxThreads = 4096;

}  // namespace tessera

#endif  // TESSERA_BACKENDS_RUNTIME_THREAD_BUDGET_H_
