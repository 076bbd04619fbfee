# SPDX-License-Identifier: Apache-2.0
"""A repository rule that looks for the toolkits that some backends are built with."""

def _first_line(text):
    return text.strip().split("\n")[0]

# What is used of the toolkit.
_CUDA_PARTS = [
    "bin/nvcc",
    "include/cublasLt.h",
    "include/cuda_runtime.h",
    "lib64/libcudart_static.a",
]

def _toolkit_of(ctx, nvcc):
    """The toolkit's folder, or None. The nvcc on PATH may be a link to it or a script that runs it."""
    for line in ctx.execute([nvcc, "--dryrun", "-c", "none.cu"]).stderr.split("\n"):
        if line.startswith("#$ TOP="):
            return str(ctx.path(line[len("#$ TOP="):].strip()).realpath)
    return None

def _find_cuda(ctx):
    """Returns (path of the toolkit or None, why)."""
    wish = ctx.os.environ.get("CUDA_PATH", "")
    if wish == "none":
        return None, "CUDA_PATH is none"
    if wish:
        nvcc = ctx.path(wish).get_child("bin").get_child("nvcc")
    else:
        nvcc = ctx.which("nvcc") or ctx.path("/usr/local/cuda/bin/nvcc")
    if not nvcc.exists:
        return None, "%s is not there; CUDA_PATH names another place" % nvcc
    home = _toolkit_of(ctx, nvcc)
    if not home:
        return None, "%s --dryrun does not say where its toolkit is" % nvcc
    for part in _CUDA_PARTS:
        if not ctx.path("%s/%s" % (home, part)).exists:
            return None, "%s/%s is not there" % (home, part)
    ctx.file("probe.cu", "__global__ void fill(float* x) { x[threadIdx.x] = 1; }\n")
    result = ctx.execute([nvcc, "-c", "probe.cu", "-o", "probe.o"])
    ctx.delete("probe.cu")
    ctx.delete("probe.o")
    if result.return_code != 0:
        return None, "%s does not compile a probe: %s" % (nvcc, _first_line(result.stderr))
    return home, "%s compiles a probe" % nvcc

_NO_CUDA = """
package(default_visibility = ["//visibility:public"])

cc_library(name = "cuda")

filegroup(name = "cuda_version")
"""

_CUDA = """
package(default_visibility = ["//visibility:public"])

# The headers of the runtime, and the runtime as a static library, which opens the driver when it is
# called first.
cc_library(
    name = "cuda",
    srcs = ["cuda/lib/libcudart_static.a"],
    hdrs = glob([
        "cuda/include/*.h",
        "cuda/include/*.hpp",
        "cuda/include/cccl/nv/**",
        "cuda/include/crt/**",
        "cuda/include/nv/**",
    ]),
    includes = ["cuda/include", "cuda/include/cccl"],
)

filegroup(
    name = "cuda_version",
    srcs = ["cuda_version.txt"],
)
"""

def _write_cuda(ctx, home):
    """Brings the toolkit's libraries here and returns the BUILD file for them."""
    if not home:
        return _NO_CUDA
    home = ctx.path(home)
    ctx.symlink(home.get_child("include"), "cuda/include")
    ctx.symlink(home.get_child("lib64").get_child("libcudart_static.a"), "cuda/lib/libcudart_static.a")
    ctx.file("cuda_version.txt", ctx.execute([home.get_child("bin").get_child("nvcc"), "--version"]).stdout)
    return _CUDA

def _find_vulkan(ctx):
    """Returns (path of glslc or None, why)."""
    if ctx.os.environ.get("VULKAN_SDK", "") == "none":
        return None, "VULKAN_SDK is none"
    glslc = ctx.which("glslc")
    if not glslc:
        return None, "there is no glslc on PATH (Debian: glslc)"
    compiler = ctx.which(ctx.os.environ.get("CC") or "gcc")
    if not compiler:
        return None, "there is no C compiler"
    ctx.file("probe.c", "#include <vulkan/vulkan.h>\nint version = VK_API_VERSION_1_2;\n")
    result = ctx.execute([compiler, "-c", "probe.c", "-o", "probe.o"])
    ctx.delete("probe.c")
    ctx.delete("probe.o")
    if result.return_code != 0:
        return None, "vulkan/vulkan.h of Vulkan 1.2 does not compile (Debian: libvulkan-dev)"
    return str(glslc), "%s and vulkan/vulkan.h are there" % glslc

_COOPERATIVE = """#version 460
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
layout(local_size_x = 32) in;
void main() {}
"""

def _knows_cooperative_matrices(ctx, glslc):
    """Whether glslc (None: no) knows GL_KHR_cooperative_matrix; versions before 2023.5 do not."""
    if not glslc:
        return False
    ctx.file("probe.comp", _COOPERATIVE)
    result = ctx.execute([glslc, "--target-env=vulkan1.2", "-c", "probe.comp", "-o", "probe.spv"])
    ctx.delete("probe.comp")
    ctx.delete("probe.spv")
    return result.return_code == 0

def _system_toolkits_impl(ctx):
    cuda, cuda_why = _find_cuda(ctx)
    vulkan, vulkan_why = _find_vulkan(ctx)
    ctx.file("WORKSPACE", "workspace(name = \"%s\")\n" % ctx.name)
    ctx.file("BUILD.bazel", _write_cuda(ctx, cuda))
    ctx.file("found.bzl", "".join([
        "CUDA = %r\n" % cuda,
        "CUDA_WHY = %r\n" % cuda_why,
        "GLSLC = %r\n" % vulkan,
        "GLSLC_COOPERATIVE = %r\n" % _knows_cooperative_matrices(ctx, vulkan),
        "VULKAN_WHY = %r\n" % vulkan_why,
    ]))

system_toolkits = repository_rule(
    doc = """@<name>//:found.bzl says where the CUDA toolkit and Vulkan's shader compiler are, or
    None, and why. --repo_env=CUDA_PATH=none and --repo_env=VULKAN_SDK=none play a machine without.""",
    implementation = _system_toolkits_impl,
    environ = ["CC", "CUDA_PATH", "PATH", "VULKAN_SDK"],
    configure = True,
)
