# SPDX-License-Identifier: Apache-2.0
"""Compiles CUDA sources with nvcc for the linker of the C++ rules."""

load("//tools/build_defs:toolkits.bzl", "CUDA_PATH")

# Machine code for A100 and H100 and their like; PTX, which the driver compiles, for what comes later.
_ARCHITECTURES = [
    "arch=compute_80,code=sm_80",
    "arch=compute_90,code=[sm_90,compute_90]",
]

# Without optimisation, PTX alone, which every driver compiles: nvcc takes a third of the time.
_ARCHITECTURES_UNOPTIMISED = ["arch=compute_80,code=compute_80"]

# Bazel 4 has no file to load CcInfo and cc_common from.
# buildifier: disable=native-cc-common
# buildifier: disable=native-cc-info
def _cuda_objects_impl(ctx):
    context = cc_common.merge_cc_infos(
        cc_infos = [dep[CcInfo] for dep in ctx.attr.deps],
    ).compilation_context
    root = ctx.label.workspace_root
    prefix = root + "/" if root else ""

    flags = ["-std=c++20", "-c", "--compiler-options=-fPIC,-fvisibility=hidden"]

    # Functions that the host and the device share call constexpr functions of the standard library.
    flags.append("--expt-relaxed-constexpr")

    # Templates compare unsigned integers with zero.
    flags.append("--diag-suppress=186")
    optimised = ctx.var["COMPILATION_MODE"] == "opt"
    if optimised:
        flags.append("-DNDEBUG")
    for architecture in (_ARCHITECTURES if optimised else _ARCHITECTURES_UNOPTIMISED):
        flags.append("-gencode=" + architecture)
    for define in context.defines.to_list():
        flags.append("-D" + define)

    # Directories of headers; the workspace's own is where generated headers are, too.
    directories = [prefix or ".", ctx.bin_dir.path + "/" + prefix]
    for directory in depset(transitive = [
        context.includes,
        context.quote_includes,
        context.system_includes,
    ]).to_list():
        directories.append(directory)
    flags += ["-I" + directory for directory in directories]

    objects = []
    for src in ctx.files.srcs:
        stem = src.basename[:-len(src.extension) - 1]
        object = ctx.actions.declare_file("%s/%s.pic.o" % (ctx.label.name, stem))
        ctx.actions.run(
            outputs = [object],
            inputs = depset(
                [src] + ctx.files._stamp,
                transitive = [context.headers],
            ),
            executable = ctx.attr.toolkit + "/bin/nvcc",
            arguments = flags + [src.path, "-o", object.path],
            mnemonic = "CudaCompile",
            progress_message = "Compiling %s with nvcc" % src.short_path,
            use_default_shell_env = True,
        )
        objects.append(object)
    return [DefaultInfo(files = depset(objects))]

# buildifier: disable=native-cc-info
_cuda_objects = rule(
    implementation = _cuda_objects_impl,
    attrs = {
        "srcs": attr.label_list(allow_files = [".cu"]),
        "deps": attr.label_list(providers = [CcInfo]),
        "toolkit": attr.string(),
        # nvcc lies outside of the build; another version is another input.
        "_stamp": attr.label(default = Label("@tessera_toolkits//:cuda_version")),
    },
)

def cuda_objects(name, srcs, deps = [], **kwargs):
    """Position-independent objects of .cu files, to be `srcs` of a cc_library.

    Args:
      name: name of the target
      srcs: .cu files
      deps: C++ libraries whose headers they include
      **kwargs: as in any rule; `target_compatible_with = NEEDS_CUDA` belongs there
    """
    _cuda_objects(
        name = name,
        srcs = srcs,
        deps = deps,
        toolkit = CUDA_PATH or "",
        **kwargs
    )
