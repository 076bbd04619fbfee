// SPDX-License-Identifier: Apache-2.0
//
// math64.glsl and math64_trig.glsl, in float64.
#include <cmath>
#include <initializer_list>
#include <limits>
#include <string>

#include "gtest/gtest.h"
#include "tessera/backends/vulkan/glsl.h"
#include "tessera/backends/vulkan/math_checks.h"

namespace tessera::vulkan::glsl {
namespace {

#include "backends/vulkan/math64_trig.glsl"

using Number = double;
constexpr double kTurns = 2e6, kSinBound = 2.8, kTanBound = 4.2, kPowerBound = 22;

#include "backends/vulkan/math_cases.inc"

}  // namespace
}  // namespace tessera::vulkan::glsl
