# SPDX-License-Identifier: Apache-2.0
"""The pinned source archives of the libraries that Tessera builds from source.

`url`, `sha256` and `strip_prefix` name the upstream project's release. `distribution_file` is the
same source in Debian's source package, which tools/setup/fetch_archives.sh puts into .distdir for machines that
reach their distribution only. Debian repacks Abseil, hence its second checksum.
"""

ARCHIVES = {
    "com_google_absl": {
        "url": "https://github.com/abseil/abseil-cpp/archive/refs/tags/20220623.1.tar.gz",
        "sha256": "91ac87d30cc6d79f9ab974c51874a704de9c2647c40f6932597329a282217ba8",
        "strip_prefix": "abseil-cpp-20220623.1",
        "distribution_file": "abseil_20220623.1.orig.tar.gz",
        "distribution_sha256": "abfe2897f3a30edaa74bc34365afe3c2a3cd012091a97dc7e008f7016adcd5fe",
        "distribution_strip_prefix": "abseil-20220623.1",
    },
    "com_google_googletest": {
        "url": "https://github.com/google/googletest/archive/release-1.12.1.tar.gz",
        "sha256": "81964fe578e9bd7c94dfdb09c8e4d6e6759e19967e397dbea48d1c10e45d0df2",
        "strip_prefix": "googletest-release-1.12.1",
        "distribution_file": "googletest_1.12.1.orig.tar.gz",
    },
    "com_github_google_benchmark": {
        "url": "https://github.com/google/benchmark/archive/refs/tags/v1.7.1.tar.gz",
        "sha256": "6430e4092653380d9dc4ccb45a1e2dc9259d581f4866dc0759713126056bc1d7",
        "strip_prefix": "benchmark-1.7.1",
        "distribution_file": "benchmark_1.7.1.orig.tar.gz",
    },
    "com_google_highway": {
        "url": "https://github.com/google/highway/archive/refs/tags/1.0.3.tar.gz",
        "sha256": "566fc77315878473d9a6bd815f7de78c73734acdcb745c3dde8579560ac5440e",
        "strip_prefix": "highway-1.0.3",
        "distribution_file": "highway_1.0.3.orig.tar.gz",
    },
}
