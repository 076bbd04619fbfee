# SPDX-License-Identifier: Apache-2.0
"""Everything that Tessera depends on, for WORKSPACE and for MODULE.bazel.

In a WORKSPACE, a repository that is defined before tessera_dependencies() is called wins over the
one here; its labels must be upstream's (@com_google_absl//absl/strings, ...).
"""

load("//tools/build_defs:archives.bzl", "ARCHIVES")
load("//tools/build_defs:source_archive.bzl", "source_archive")
load("//tools/build_defs:system_library.bzl", "system_library")
load("//tools/build_defs:system_toolkits.bzl", "system_toolkits")

# What is done to an archive after it is unpacked.
_TREATMENT = {
    "com_google_absl": {
        "patches": [Label("//tools/build_defs/patches:abseil_20220623.patch")],
    },
    "com_google_highway": {
        "build_file": Label("//tools/build_defs/overlays:highway.BUILD"),
    },
}

_SYSTEM_LIBRARIES = {
    "openblas": {
        "library_name": "openblas",
        "display_name": "OpenBLAS",
        "debian_package": "libopenblas-dev",
        "fedora_package": "openblas-devel",
        "headers": ["cblas.h"],
        "link_flags": ["-lopenblas"],
        "probe": """#include <cblas.h>
char* openblas_get_config(void);
int main(void) {
  const float x[2] = {1, 2};
  return openblas_get_config() != 0 && cblas_sdot(2, x, 1, x, 1) == 5.0f ? 0 : 1;
}
""",
    },
    "libjpeg": {
        "library_name": "libjpeg",
        "display_name": "libjpeg",
        "debian_package": "libjpeg-dev",
        "fedora_package": "libjpeg-turbo-devel",
        "headers": ["jpeglib.h", "jmorecfg.h", "jconfig.h", "jerror.h"],
        "link_flags": ["-ljpeg"],
        "probe": """#include <stddef.h>
#include <stdio.h>
#include <jpeglib.h>
int main(void) {
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&jpeg);
  jpeg_mem_src(&jpeg, (const unsigned char*)"", 0);
  jpeg_destroy_decompress(&jpeg);
  return 0;
}
""",
    },
    "libpng": {
        "library_name": "libpng",
        "display_name": "libpng",
        "debian_package": "libpng-dev",
        "fedora_package": "libpng-devel",
        "headers": ["png.h", "pngconf.h", "pnglibconf.h"],
        "link_flags": ["-lpng"],
        "probe": """#include <png.h>
int main(void) {
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  return png != NULL ? 0 : 1;
}
""",
    },
    "zlib": {
        "library_name": "zlib",
        "display_name": "zlib",
        "debian_package": "zlib1g-dev",
        "fedora_package": "zlib-devel",
        "headers": ["zlib.h", "zconf.h"],
        "link_flags": ["-lz"],
        "probe": """#include <zlib.h>
int main(void) { return zlibVersion()[0] == ZLIB_VERSION[0] ? 0 : 1; }
""",
    },
}

def tessera_dependencies(override = True):
    """Declares the repositories that Tessera depends on.

    Args:
      override: keep a repository of the same name that is there already. Module extensions, where
        `override_repo` does this, pass False.
    """
    existing = native.existing_rules() if override else {}
    for name, archive in ARCHIVES.items():
        if name not in existing:
            attributes = dict(archive)
            attributes.update(_TREATMENT.get(name, {}))
            source_archive(name = name, **attributes)
    for name, attributes in _SYSTEM_LIBRARIES.items():
        if name not in existing:
            system_library(name = name, **attributes)
    if "tessera_toolkits" not in existing:
        system_toolkits(name = "tessera_toolkits")
