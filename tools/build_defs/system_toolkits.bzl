# SPDX-License-Identifier: Apache-2.0
"""A repository rule that looks for the toolkits that some backends are built with."""

def _first_line(text):
    return text.strip().split("\n")[0]

def _find_cuda(ctx):
    """Returns (path of the toolkit or None, why)."""
    wish = ctx.os.environ.get("CUDA_PATH", "")
    if wish == "none":
        return None, "CUDA_PATH is none"
    if wish:
        home = ctx.path(wish)
    elif ctx.which("nvcc"):
        home = ctx.which("nvcc").realpath.dirname.dirname
    else:
        home = ctx.path("/usr/local/cuda")
    nvcc = home.get_child("bin").get_child("nvcc")
    if not nvcc.exists:
        return None, "%s is not there; CUDA_PATH names another place" % nvcc
    ctx.file("probe.cu", "__global__ void fill(float* x) { x[threadIdx.x] = 1; }\n")
    result = ctx.execute([nvcc, "-c", "probe.cu", "-o", "probe.o"])
    ctx.delete("probe.cu")
    ctx.delete("probe.o")
    if result.return_code != 0:
        return None, "%s does not compile a probe: %s" % (nvcc, _first_line(result.stderr))
    return str(home), "%s compiles a probe" % nvcc

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

def _system_toolkits_impl(ctx):
    cuda, cuda_why = _find_cuda(ctx)
    vulkan, vulkan_why = _find_vulkan(ctx)
    ctx.file("WORKSPACE", "workspace(name = \"%s\")\n" % ctx.name)
    ctx.file("BUILD.bazel", "")
    ctx.file("found.bzl", "".join([
        "CUDA = %r\n" % cuda,
        "CUDA_WHY = %r\n" % cuda_why,
        "GLSLC = %r\n" % vulkan,
        "VULKAN_WHY = %r\n" % vulkan_why,
    ]))

system_toolkits = repository_rule(
    doc = """@<name>//:found.bzl says where the CUDA toolkit and Vulkan's shader compiler are, or
    None, and why. --repo_env=CUDA_PATH=none and --repo_env=VULKAN_SDK=none play a machine without.""",
    implementation = _system_toolkits_impl,
    environ = ["CC", "CUDA_PATH", "PATH", "VULKAN_SDK"],
    configure = True,
)
