#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# page_test.sh PAGE SOURCE PROGRAM: the C++ of PAGE (Markdown) stands in SOURCE word for word, between
# "Page begins" and "Page ends", and PROGRAM, made from it, succeeds.
set -eu
in_page=$(sed -n '/^```cpp$/,/^```$/p' "$1" | sed '/^```/d')
in_source=$(sed -n '/Page begins/,/Page ends/p' "$2" | sed '/Page begins/d;/Page ends/d;s/^  //')
if [ "$in_page" != "$in_source" ]; then
  echo "$1 and $2 differ:"
  diff <(echo "$in_page") <(echo "$in_source") || true
  exit 1
fi
"$3"
