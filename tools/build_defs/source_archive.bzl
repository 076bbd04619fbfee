# SPDX-License-Identifier: Apache-2.0
"""A repository rule for one pinned source archive."""

def _source_archive_impl(ctx):
    local = None
    if ctx.attr.distribution_file:
        root = ctx.path(ctx.attr._root).dirname
        candidate = root.get_child(".distdir").get_child(ctx.attr.distribution_file)
        if candidate.exists:
            local = candidate
    if local:
        ctx.download_and_extract(
            url = ["file://" + str(local)],
            sha256 = ctx.attr.distribution_sha256 or ctx.attr.sha256,
            stripPrefix = ctx.attr.distribution_strip_prefix or ctx.attr.strip_prefix,
        )
    else:
        ctx.download_and_extract(
            url = [ctx.attr.url],
            sha256 = ctx.attr.sha256,
            stripPrefix = ctx.attr.strip_prefix,
        )
    for patch in ctx.attr.patches:
        ctx.patch(patch, strip = 1)
    if ctx.attr.build_file:
        ctx.file("WORKSPACE", "workspace(name = \"%s\")\n" % ctx.name)
        for name in ["BUILD", "BUILD.bazel"]:
            ctx.delete(name)
        ctx.symlink(ctx.attr.build_file, "BUILD.bazel")

source_archive = repository_rule(
    doc = """Unpacks a release archive: from Tessera's .distdir where the distribution's copy of it
    is there, else from the upstream URL (where Bazel's own --distdir applies as usual).""",
    implementation = _source_archive_impl,
    attrs = {
        "url": attr.string(mandatory = True),
        "sha256": attr.string(mandatory = True),
        "strip_prefix": attr.string(mandatory = True),
        "distribution_file": attr.string(doc = "File name under .distdir."),
        "distribution_sha256": attr.string(doc = "Where it differs from the release's."),
        "distribution_strip_prefix": attr.string(doc = "Where it differs from the release's."),
        "patches": attr.label_list(),
        "build_file": attr.label(doc = "Takes the place of the archive's own BUILD file."),
        "_root": attr.label(default = "//:BUILD"),
    },
)
