# SPDX-License-Identifier: Apache-2.0
"""Compiles GLSL to SPIR-V and embeds it."""

load("//tools/build_defs:tessera.bzl", "tessera_cc_library")
load("//tools/build_defs:toolkits.bzl", "GLSLC_PATH", "NEEDS_VULKAN")

def _vulkan_shader_header_impl(ctx):
    header = ctx.actions.declare_file(ctx.attr.stem + ".spv.h")
    folders = {file.dirname: None for file in ctx.files.includes}
    arguments = [ctx.attr.stem, ctx.file.src.path, header.path, ctx.attr.glslc]
    arguments.append(" ".join(folders.keys()))
    arguments += ["%s=%s" % (mode, " ".join(defines)) for mode, defines in ctx.attr.modes.items()]
    arguments.append("--")
    arguments += ctx.attr.types
    ctx.actions.run(
        outputs = [header],
        inputs = [ctx.file.src] + ctx.files.includes,
        tools = [ctx.executable._compile],
        executable = ctx.executable._compile,
        arguments = arguments,
        mnemonic = "CompileShader",
        progress_message = "Compiling shader %s" % ctx.attr.stem,
    )
    return [DefaultInfo(files = depset([header]))]

_vulkan_shader_header = rule(
    implementation = _vulkan_shader_header_impl,
    attrs = {
        "stem": attr.string(mandatory = True),
        "src": attr.label(allow_single_file = [".comp"], mandatory = True),
        "includes": attr.label_list(allow_files = [".glsl", ".inc", ".h"]),
        "modes": attr.string_list_dict(mandatory = True),
        "types": attr.string_list(mandatory = True),
        "glslc": attr.string(mandatory = True),
        "_compile": attr.label(
            default = Label("//backends/vulkan:compile_shaders"),
            executable = True,
            cfg = "exec",
        ),
    },
)

def vulkan_shader(name, src, types, modes = {"": []}, includes = []):
    """A header <name>.spv.h with the shader in all its variants.

    Every combination of a mode and a type is compiled by itself, with TYPE_<type> and the mode's
    macros defined. The header defines, in namespace tessera::vulkan::shaders,

        const Shader& <name>(uint32_t dtype)          for the mode ""
        const Shader& <name>_<mode>(uint32_t dtype)   for the others

    where a Shader without words stands for a dtype that is not in `types`.

    Args:
      name: of the target, and the stem of the header
      src: the .comp file
      types: f32 f64 f16 bf16 i32 i64 u8 bool
      modes: the macros of each mode, as "NAME" or "NAME=value"
      includes: what it includes beside common.glsl, types.glsl (half.glsl) and strided.glsl
    """
    _vulkan_shader_header(
        name = name + "_spirv",
        stem = name,
        src = src,
        glslc = GLSLC_PATH or "",
        includes = includes + [
            "//backends/vulkan:common.glsl",
            "//backends/vulkan:half.glsl",
            "//backends/vulkan:strided.glsl",
            "//backends/vulkan:types.glsl",
        ],
        modes = modes,
        target_compatible_with = NEEDS_VULKAN,
        types = types,
        visibility = ["//visibility:private"],
    )
    tessera_cc_library(
        name = name,
        hdrs = [":" + name + "_spirv"],
        target_compatible_with = NEEDS_VULKAN,
        deps = ["//backends/vulkan:shader"],
    )
