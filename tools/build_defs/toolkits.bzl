# SPDX-License-Identifier: Apache-2.0
"""For targets that need a toolkit: `target_compatible_with = NEEDS_CUDA`.

Where the toolkit is missing, `bazel test //...` skips them and what depends on them.
"""

load("@tessera_toolkits//:found.bzl", "CUDA", "CUDA_WHY", "GLSLC", "VULKAN_WHY", _GLSLC_COOPERATIVE = "GLSLC_COOPERATIVE")

_NEVER = [str(Label("//tools/build_defs:unavailable"))]

# The CUDA toolkit's folder, or None.
CUDA_PATH = CUDA

# The path of glslc, or None.
GLSLC_PATH = GLSLC

# Whether it knows GL_KHR_cooperative_matrix.
GLSLC_COOPERATIVE = _GLSLC_COOPERATIVE

NEEDS_CUDA = [] if CUDA else _NEVER

# Needs glslc and Vulkan's headers; the loader and a driver are looked for at run time.
NEEDS_VULKAN = [] if GLSLC else _NEVER

# The plugins of this repository whose toolkits are there: `data` of programs that take --backend.
PLUGINS = [str(Label("//backends/cpu:plugin"))] + (
    [str(Label("//backends/cuda:plugin"))] if CUDA else []
) + (
    [str(Label("//backends/vulkan:plugin"))] if GLSLC else []
)

# What was found and why not, in words.
TOOLKITS = "cuda: %s\nvulkan: %s\n" % (CUDA_WHY, VULKAN_WHY)
