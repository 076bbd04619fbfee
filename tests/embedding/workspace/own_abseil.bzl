# SPDX-License-Identifier: Apache-2.0
"""This workspace's own Abseil, which can be told from Tessera's by its inline namespace."""

load("@tessera//tools/build_defs:archives.bzl", "ARCHIVES")
load("@tessera//tools/build_defs:source_archive.bzl", "source_archive")

def own_abseil():
    source_archive(
        name = "com_google_absl",
        patches = [
            "@tessera//tools/build_defs/patches:abseil_20220623.patch",
            "//:own_abseil.patch",
        ],
        **ARCHIVES["com_google_absl"]
    )
