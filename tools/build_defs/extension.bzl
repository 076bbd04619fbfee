# SPDX-License-Identifier: Apache-2.0
"""The module extension through which MODULE.bazel declares Tessera's dependencies."""

load("//tools/build_defs:deps.bzl", "tessera_dependencies")

def _dependencies_impl(_ctx):
    tessera_dependencies(override = False)

dependencies = module_extension(implementation = _dependencies_impl)
