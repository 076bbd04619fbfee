# SPDX-License-Identifier: Apache-2.0
"""The rules that Tessera's BUILD files use.

Headers are included as "tessera/<package>/<file>.h", in this repository and in one that embeds it.
"""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")

_WARNINGS = [
    "-Wall",
    "-Wextra",
    # Options are aggregates with designated initializers, which leave most members out.
    "-Wno-missing-field-initializers",
    "-Wno-unused-parameter",
    "-Wno-sign-compare",
    # gcc 12 takes the unused part of an absl::InlinedVector that is moved for an uninitialised value.
    "-Wno-unknown-warning-option",
    "-Wno-maybe-uninitialized",
]

# Labels of this repository, wherever it is used from.
_BACKEND = str(Label("//:backend"))
_CHOSEN_PLUGIN = str(Label("//backends:chosen_plugin"))
_CPU_PLUGIN = str(Label("//backends:cpu_beside_chosen"))
_EXPORTS = str(Label("//tools/build_defs:plugin_exports.lds"))
_SANITIZED = str(Label("//tools/build_defs:sanitized"))

_HEADER_ENDINGS = (".h", ".hpp", ".inc")

def _split(srcs):
    """Splits `srcs` into (headers, others)."""
    headers = [src for src in srcs if src.endswith(_HEADER_ENDINGS)]
    return headers, [src for src in srcs if src not in headers]

def _with_header_library(name, srcs, deps, **kwargs):
    """Moves the headers in `srcs` to a library, which gives them the prefix."""
    headers, others = _split(srcs)
    if not headers:
        return srcs, deps
    tessera_cc_library(
        name = name + "_headers",
        hdrs = headers,
        deps = deps,
        visibility = ["//visibility:private"],
        **kwargs
    )
    return others, deps + [":" + name + "_headers"]

def tessera_cc_library(name, srcs = [], hdrs = [], textual_hdrs = [], copts = [], **kwargs):
    """A cc_library with Tessera's warnings and header prefix.

    Headers in `srcs` get the prefix too. Use them for what only this library includes; Bazel does
    not stop others from including them.

    Args:
      name: name of the library
      srcs: sources
      hdrs: headers for other libraries
      textual_hdrs: headers that do not compile by themselves
      copts: further compiler flags
      **kwargs: as in cc_library
    """
    headers, others = _split(srcs)
    all_headers = hdrs + headers
    kwargs.setdefault("linkstatic", True)
    if all_headers or textual_hdrs:
        kwargs["include_prefix"] = kwargs.get("include_prefix", "tessera")
        kwargs["strip_include_prefix"] = kwargs.get("strip_include_prefix", "/")
    cc_library(
        name = name,
        srcs = others,
        hdrs = all_headers,
        textual_hdrs = textual_hdrs,
        copts = _WARNINGS + copts,
        **kwargs
    )

def tessera_cc_binary(name, srcs = [], deps = [], copts = [], **kwargs):
    """A cc_binary with Tessera's warnings."""
    srcs, deps = _with_header_library(
        name,
        srcs,
        deps,
        tags = kwargs.get("tags", []),
        testonly = kwargs.get("testonly", False),
        target_compatible_with = kwargs.get("target_compatible_with", []),
    )
    cc_binary(name = name, srcs = srcs, deps = deps, copts = _WARNINGS + copts, **kwargs)

def tessera_cc_test(
        name,
        srcs = [],
        deps = [],
        copts = [],
        data = [],
        env = {},
        toolchains = [],
        size = "small",
        on_backend = False,
        main = True,
        **kwargs):
    """A cc_test with GoogleTest and its main().

    Args:
      name: name of the test
      srcs: sources; headers get the prefix
      deps: libraries
      copts: further compiler flags
      data: files that the test reads
      env: environment variables of the test
      toolchains: further sources of Make variables
      size: as in cc_test, but small if not given
      on_backend: the test runs on the backend that --//:backend names. It finds the name in the
        environment variable TESSERA_BACKEND and the plugin in its runfiles, beside that of the CPU,
        which does what others leave to it.
      main: False for a test that brings its own main(); GoogleTest is still there
      **kwargs: as in cc_test
    """
    srcs, deps = _with_header_library(
        name,
        srcs,
        deps,
        tags = kwargs.get("tags", []),
        testonly = True,
        target_compatible_with = kwargs.get("target_compatible_with", []),
    )
    if on_backend:
        env = dict(env, TESSERA_BACKEND = "$(TESSERA_BACKEND)")
        toolchains = toolchains + [_BACKEND]
        data = data + [_CHOSEN_PLUGIN, _CPU_PLUGIN]
    cc_test(
        name = name,
        size = size,
        srcs = srcs,
        copts = _WARNINGS + copts,
        data = data,
        env = env,
        toolchains = toolchains,
        deps = deps + [
            "@com_google_googletest//:gtest_main" if main else "@com_google_googletest//:gtest",
        ],
        **kwargs
    )

def tessera_plugin(
        name,
        backend,
        srcs = [],
        deps = [],
        copts = [],
        linkopts = [],
        tags = [],
        visibility = None,
        testonly = False,
        target_compatible_with = [],
        **kwargs):
    """A backend plugin, tessera_<backend>.so, that exports the symbol `tessera_plugin` only.

    The symbol may be defined in `srcs` or in any library of `deps`; nothing needs alwayslink.
    Everything else stays inside, Abseil and the C++ code of `deps` included.

    Args:
      name: what programs and tests name in `data`
      backend: name of the backend; the file is tessera_<backend>.so in this package
      srcs: sources; headers get the prefix
      deps: libraries, linked in
      copts: further compiler flags
      linkopts: further linker flags
      tags: as in cc_binary
      visibility: as in cc_binary
      testonly: as in cc_binary
      target_compatible_with: as in cc_binary; where the plugin is skipped, so is what names it
      **kwargs: as in cc_binary
    """
    file = "tessera_" + backend + ".so"
    srcs, deps = _with_header_library(
        name,
        srcs,
        deps,
        tags = tags,
        testonly = testonly,
        target_compatible_with = target_compatible_with,
    )
    cc_binary(
        name = file,
        srcs = srcs,
        additional_linker_inputs = [_EXPORTS],
        copts = _WARNINGS + ["-fvisibility=hidden"] + copts,
        # Take from `deps` what is used, not all there is.
        features = ["force_no_whole_archive"],
        linkopts = [
            "-Wl,--undefined=tessera_plugin",
            "-Wl,--version-script=$(location %s)" % _EXPORTS,
            "-Wl,--gc-sections",
            "-Wl,--build-id=sha1",
        ] + select({
            # A sanitizer's runtime comes with the program that loads the plugin.
            _SANITIZED: [],
            "//conditions:default": ["-Wl,-z,defs"],
        }) + linkopts,
        linkshared = True,
        linkstatic = True,
        tags = tags,
        target_compatible_with = target_compatible_with,
        testonly = testonly,
        visibility = visibility,
        deps = deps,
        **kwargs
    )
    native.filegroup(
        name = name,
        srcs = [":" + file],
        tags = tags,
        testonly = testonly,
        visibility = visibility,
    )
