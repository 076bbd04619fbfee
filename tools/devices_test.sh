#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# //tools:devices lists a device and every candidate, and succeeds whatever lies in the folders.
set -eu

folder=$TEST_TMPDIR/plugins
mkdir -p "$folder"
echo 'no library' > "$folder/tessera_broken.so"

output=$(TESSERA_PLUGIN_PATH=$folder "$1")
echo "$output"
expect() {
  grep -Eq -- "$1" <<< "$output" || { echo "no line like: $1" >&2; exit 1; }
}
expect '^  cpu:0 .* float32 '
expect '^cpu +taken: ABI 0\.[0-9]+, .*1 device +/.*/backends/cpu/tessera_cpu\.so$'
expect "^cuda +no such file +$folder/tessera_cuda\.so$"
expect "^broken +not a shared library: no ELF header +$folder/tessera_broken\.so$"

status=0
"$1" surplus 2> "$TEST_TMPDIR/usage" || status=$?
[ "$status" = 2 ]
grep -q '^usage: devices' "$TEST_TMPDIR/usage"
