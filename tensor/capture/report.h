// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TENSOR_CAPTURE_REPORT_H_
#define TESSERA_TENSOR_CAPTURE_REPORT_H_

#include <string>
#include <string_view>

#include "tessera/tensor/capture/compile.h"
#include "tessera/tensor/capture/cost.h"
#include "tessera/tensor/capture/program.h"

namespace tessera::capture {

// A recording of a step with `inputs` ("[64, 1, 28, 28] float32, ..."), for people.
std::string report_text(std::string_view inputs, const ReportData& data, const Program& program);

}  // namespace tessera::capture

#endif  // TESSERA_TENSOR_CAPTURE_REPORT_H_
