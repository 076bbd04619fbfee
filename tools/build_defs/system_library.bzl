# SPDX-License-Identifier: Apache-2.0
"""A repository rule that finds a library of the system by compiling and linking a probe."""

def _find_header(ctx, compiler, header):
    """Returns the path at which the compiler finds `header`, or None."""
    ctx.file("find_header.c", "#include <%s>\n" % header)
    result = ctx.execute([compiler, "-M"] + ctx.attr.compile_flags + ["find_header.c"])
    ctx.delete("find_header.c")
    if result.return_code != 0:
        return None
    for word in result.stdout.replace("\\\n", " ").split(" "):
        if word.strip().endswith("/" + header):
            return word.strip()
    return None

def _system_library_impl(ctx):
    compiler = ctx.os.environ.get("CC") or "gcc"
    if "/" not in compiler:
        found = ctx.which(compiler)
        if not found:
            fail("\n\nTessera needs a C++ compiler and found no '%s' on PATH.\n" % compiler +
                 "  On Debian or Ubuntu:  apt-get install g++\n" +
                 "  Or run ./bazelw in Tessera's folder, which installs it.\n")
        compiler = str(found)

    missing = ("\n\nTessera needs %s, and %%s.\n" % ctx.attr.display_name +
               "  On Debian or Ubuntu:  apt-get install %s\n" % ctx.attr.debian_package +
               "  On Fedora:            dnf install %s\n" % ctx.attr.fedora_package +
               "  Or run ./bazelw in Tessera's folder, which installs it.\n" +
               "  A workspace that uses Tessera can define @%s itself instead.\n")

    ctx.file("probe.c", ctx.attr.probe)
    command = ([compiler] + ctx.attr.compile_flags + ["probe.c", "-o", "probe"] +
               ctx.attr.link_flags)
    result = ctx.execute(command)
    ctx.delete("probe.c")
    ctx.delete("probe")
    if result.return_code != 0:
        fail(missing % ("a program that uses it does not build", ctx.attr.library_name) +
             "\n" + " ".join(command) + "\n" + result.stderr)

    for header in ctx.attr.headers:
        path = _find_header(ctx, compiler, header)
        if not path:
            fail(missing % ("its header %s is not there" % header, ctx.attr.library_name))
        ctx.symlink(path, "include/" + header)
    ctx.file("WORKSPACE", "workspace(name = \"%s\")\n" % ctx.name)
    ctx.file("BUILD.bazel", """load("@rules_cc//cc:defs.bzl", "cc_library")

package(default_visibility = ["//visibility:public"])

# For programs that load the library themselves.
cc_library(
    name = "headers",
    hdrs = {headers},
    includes = ["include"],
)

cc_library(
    name = "{name}",
    linkopts = {link_flags},
    deps = [":headers"],
)
""".format(
        name = ctx.attr.library_name,
        headers = repr(["include/" + header for header in ctx.attr.headers]),
        link_flags = repr(ctx.attr.link_flags),
    ))

system_library = repository_rule(
    doc = """@<name>//:<library_name> is a library that the system provides, its headers included.
    Fetching it fails with what to install where a probe program does not compile and link.""",
    implementation = _system_library_impl,
    attrs = {
        "library_name": attr.string(mandatory = True),
        "display_name": attr.string(mandatory = True),
        "debian_package": attr.string(mandatory = True),
        "fedora_package": attr.string(mandatory = True),
        "probe": attr.string(mandatory = True, doc = "A C program."),
        "headers": attr.string_list(mandatory = True),
        "compile_flags": attr.string_list(),
        "link_flags": attr.string_list(mandatory = True),
    },
    environ = ["CC", "PATH", "CPATH", "LIBRARY_PATH"],
    configure = True,
)
