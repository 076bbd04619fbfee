# SPDX-License-Identifier: Apache-2.0
"""How tests run on Vulkan."""

# The environment of tests: under the Khronos validation layer, synchronization validation included,
# any message of which fails them. lavapipe's threads only cost time where work is small.
VALIDATED = {
    "LP_NUM_THREADS": "0",
    "TESSERA_VULKAN_VALIDATION": "1",
}
