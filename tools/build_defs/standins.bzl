# SPDX-License-Identifier: Apache-2.0
"""Small stand-ins for the rule repositories that Bazel 4 refers to.

Debian's Bazel 4.2.3 has all rules built in, but its own BUILD files, and everyone else's, load them
through @rules_cc and its siblings, which Bazel would download. Each stand-in re-exports the native
rules. A workspace that has the real repositories defines them first, and they win.
"""

load("@bazel_tools//tools/build_defs/repo:utils.bzl", "maybe")

def _reexport(prefix, rules):
    return "".join(["{0} = native.{0}\n".format(prefix + rule) for rule in rules])

def _write_files_impl(ctx):
    ctx.file("WORKSPACE", "workspace(name = \"%s\")\n" % ctx.name)
    for path, content in ctx.attr.files.items():
        ctx.file(path, content, executable = path.endswith(".sh"))

_write_files = repository_rule(
    implementation = _write_files_impl,
    attrs = {"files": attr.string_dict(mandatory = True)},
)

_CC_RULES = [
    "binary",
    "import",
    "library",
    "proto_library",
    "test",
    "toolchain",
    "toolchain_suite",
]

_JAVA_RULES = [
    "binary",
    "import",
    "library",
    "package_configuration",
    "plugin",
    "proto_library",
    "runtime",
    "test",
    "toolchain",
]

# What every test depends on under `bazel coverage`. The tools do nothing: coverage data is left
# as gcov wrote it.
_COVERAGE_BUILD = """package(default_visibility = ["//visibility:public"])

filegroup(
    name = "coverage_report_generator",
    srcs = ["nothing.sh"],
)

filegroup(
    name = "lcov_merger",
    srcs = ["nothing.sh"],
)
"""

def tessera_standins():
    """Declares the stand-ins. Call it first in a WORKSPACE that is built with Bazel 4."""
    maybe(_write_files, name = "rules_cc", files = {
        "BUILD.bazel": "",
        "cc/BUILD.bazel": "",
        "cc/defs.bzl": _reexport("cc_", _CC_RULES) + _reexport("objc_", ["import", "library"]),
    })
    maybe(_write_files, name = "rules_java", files = {
        "BUILD.bazel": "",
        "java/BUILD.bazel": "",
        "java/defs.bzl": _reexport("java_", _JAVA_RULES),
    })
    maybe(_write_files, name = "rules_proto", files = {
        "BUILD.bazel": "",
        "proto/BUILD.bazel": "",
        "proto/defs.bzl": _reexport("proto_", ["lang_toolchain", "library"]),
    })
    maybe(_write_files, name = "remote_coverage_tools", files = {
        "BUILD.bazel": _COVERAGE_BUILD,
        "nothing.sh": "#!/bin/sh\n",
    })
