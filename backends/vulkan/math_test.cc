// SPDX-License-Identifier: Apache-2.0
//
// math.glsl and math_trig.glsl, in float32.
#include <cmath>
#include <initializer_list>
#include <limits>
#include <string>

#include "gtest/gtest.h"
#include "tessera/backends/vulkan/glsl.h"
#include "tessera/backends/vulkan/math_checks.h"

namespace tessera::vulkan::glsl {
namespace {

#include "backends/vulkan/math_trig.glsl"

using Number = float;
constexpr double kTurns = 2e4, kSinBound = 2.6, kTanBound = 3.5, kPowerBound = 3;

#include "backends/vulkan/math_cases.inc"

}  // namespace
}  // namespace tessera::vulkan::glsl
