# SPDX-License-Identifier: Apache-2.0
"""Libraries of the CUDA plugin: each once for a GPU and once for the emulation on the host."""

load("//tools/build_defs:cuda.bzl", "cuda_objects")
load("//tools/build_defs:tessera.bzl", "tessera_cc_library")
load("//tools/build_defs:toolkits.bzl", "NEEDS_CUDA")

def cuda_library(name, srcs = [], hdrs = [], deps = [], copts = [], emulated_deps = [], visibility = None):
    """A library <name> for the plugin and <name>_emulated for its tests, of the same sources.

    Args:
      name: name of the library
      srcs: .cc files, and .cu files, which nvcc compiles
      hdrs: headers
      deps: libraries; those of this package (":x") are taken in their emulated form by the other
      copts: further flags of the host's compiler
      emulated_deps: further libraries of the emulated form
      visibility: as in cc_library
    """
    kernels = [src for src in srcs if src.endswith(".cu")]
    others = [src for src in srcs if src not in kernels]
    library_deps = deps + ["@tessera_toolkits//:cuda"]
    objects = []
    if kernels:
        tessera_cc_library(
            name = name + "_headers",
            hdrs = hdrs,
            target_compatible_with = NEEDS_CUDA,
            visibility = ["//visibility:private"],
            deps = library_deps,
        )
        library_deps = [":" + name + "_headers"]
        cuda_objects(
            name = name + "_objects",
            srcs = kernels,
            target_compatible_with = NEEDS_CUDA,
            visibility = ["//visibility:private"],
            deps = library_deps,
        )
        objects = [":" + name + "_objects"]
    tessera_cc_library(
        name = name,
        srcs = others + objects,
        hdrs = hdrs if not kernels else [],
        copts = copts,
        target_compatible_with = NEEDS_CUDA,
        visibility = visibility,
        deps = library_deps,
    )
    for kernel in kernels:
        native.genrule(
            name = kernel + "_for_host",
            srcs = [kernel],
            outs = [kernel[:-3] + "_emulated.cc"],
            cmd = "{ echo '#line 1 \"$<\"'; cat $<; } > $@",
            visibility = ["//visibility:private"],
        )
    tessera_cc_library(
        name = name + "_emulated",
        testonly = True,
        srcs = others + [kernel[:-3] + "_emulated.cc" for kernel in kernels],
        hdrs = hdrs,
        # Kernels run so many times that it pays, however the rest is compiled.
        copts = ["-O2"] + copts,
        visibility = visibility or ["//backends/cuda:__subpackages__"],
        deps = [dep + "_emulated" if dep.startswith(":") else dep for dep in deps] +
               emulated_deps + ["//backends/cuda/emulation:runtime"],
    )
