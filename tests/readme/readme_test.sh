#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# readme_test.sh README.md SOURCE PROGRAM: the C++ of the README stands in SOURCE word for word, and
# PROGRAM, made from it, trains.
set -eu
in_readme=$(sed -n '/^```cpp$/,/^```$/p' "$1" | sed '1d;$d')
in_source=$(sed -n '/README begins/,/README ends/p' "$2" | sed '1d;$d;s/^  //')
if [ "$in_readme" != "$in_source" ]; then
  echo "README.md and $2 differ:"
  diff <(echo "$in_readme") <(echo "$in_source") || true
  exit 1
fi
"$3"
