// SPDX-License-Identifier: Apache-2.0
//
// The exam of one case on one device.
//
//   kernel         a primitive has a kernel that takes this case
//   forward        its outputs equal the reference's
//   fallback       without a kernel, dispatch runs the decomposition, and that equals the reference
//   written        every element of the outputs was written
//   guard          no byte around the outputs was
//   inputs         nor any input
//   repeats        a second run gives the same bits
//   replay         and so does the node as a graph, where the backend has graphs (dense cases)
//   threads        and so does a run on 1, 2 or 3 threads (large cases)
//   decomposition  the op's decomposition, run on the device, equals the reference
//   gradient       the op's vjp, run on the device, equals the vjp on the reference
//   finite_difference   the reference's vjp equals differences of its forward, in float64
//   error          a sample that must fail does so with the right code
#ifndef TESSERA_BACKENDS_CONFORMANCE_EXAMINE_H_
#define TESSERA_BACKENDS_CONFORMANCE_EXAMINE_H_

#include <string>
#include <vector>

#include "tessera/backends/conformance/case.h"
#include "tessera/backends/runtime/device.h"

namespace tessera::conformance {

struct Finding {
  std::string check;    // a name from the list above
  std::string message;  // what, where, both values
};

struct Examiner {
  Device subject;
  Device oracle;                    // the reference
  bool finite_differences = false;  // of the oracle: no need to repeat it for every subject
};

// What is wrong; empty if nothing. `skipped`, if not null, receives why nothing was examined: the
// device says that it has not got the dtype.
std::vector<Finding> examine(const Examiner& examiner, const Case& c, std::string* skipped);

// The parts of it. Each adds its findings.
void examine_forward(const Examiner& examiner, const Case& c, std::vector<Finding>& findings);
void examine_replay(const Examiner& examiner, const Case& c, std::vector<Finding>& findings);
void examine_threads(const Examiner& examiner, const Case& c, std::vector<Finding>& findings);
void examine_decomposition(const Examiner& examiner, const Case& c, std::vector<Finding>& findings);
void examine_gradient(const Examiner& examiner, const Case& c, std::vector<Finding>& findings);
void examine_finite_differences(const Examiner& examiner, const Case& c,
                                std::vector<Finding>& findings);
void examine_error(const Examiner& examiner, const Case& c, std::vector<Finding>& findings);

}  // namespace tessera::conformance

#endif  // TESSERA_BACKENDS_CONFORMANCE_EXAMINE_H_
