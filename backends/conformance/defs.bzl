# SPDX-License-Identifier: Apache-2.0
"""The exam for a backend plugin, for plugins of this repository and of others.

    load("@tessera//backends/conformance:defs.bzl", "tessera_conformance_test")

    tessera_conformance_test(
        name = "conformance_test",
        backend = "mine",
        plugin = ":plugin",
    )
"""

load("@rules_cc//cc:defs.bzl", "cc_test")

_EXAM = str(Label("//backends/conformance:exam_main"))
_SANITIZED = str(Label("//tools/build_defs:sanitized"))

def tessera_conformance_test(
        name,
        backend,
        plugin,
        known_failures = None,
        args = [],
        data = [],
        shard_count = 2,
        size = "medium",
        **kwargs):
    """A test that passes if the plugin computes what the reference computes.

    Args:
      name: name of the test
      backend: the name in the plugin's descriptor, perhaps with a device's index
      plugin: a target that is the plugin's library alone, as tessera_plugin makes
      known_failures: a file of what the plugin is known to get wrong (known_failures.h)
      args: further flags
      data: further files
      shard_count: as in cc_test
      size: as in cc_test
      **kwargs: as in cc_test
    """
    data = data + [plugin]
    args = ["--backend=" + backend, "--plugin=$(rootpath %s)" % plugin] + args
    if known_failures:
        data = data + [known_failures]
        args = args + ["--known_failures=$(rootpath %s)" % known_failures]
    cc_test(
        name = name,
        size = size,
        # Instrumented, the large cases take minutes and find no more.
        args = args + select({
            _SANITIZED: ["--nolarge"],
            "//conditions:default": [],
        }),
        data = data,
        shard_count = shard_count,
        deps = [_EXAM],
        **kwargs
    )
