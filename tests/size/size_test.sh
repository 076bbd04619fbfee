#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# size_test.sh <program> <bytes>: the program, stripped, has at most so many bytes.
set -eu
program=$1
budget=$2

strip --strip-all -o "$TEST_TMPDIR/stripped" "$program"
size=$(stat -c %s "$TEST_TMPDIR/stripped")
echo "$program: $size bytes stripped, the budget is $budget"
if [ "$size" -gt "$budget" ]; then
  echo "It is over its budget. What it is made of, largest first:"
  nm --size-sort --reverse-sort --demangle "$program" | head -40
  exit 1
fi
