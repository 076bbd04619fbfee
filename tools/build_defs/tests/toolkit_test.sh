#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A compiler that detection found answers when asked for its version.
set -eu
"$1" --version
