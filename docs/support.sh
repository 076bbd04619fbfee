#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Compares the table of support.md with what the exam finds, or, under `bazel run`, writes it.
set -eu

exam=$PWD/$1 page=$2
export RUNFILES_DIR=${RUNFILES_DIR:-$PWD/..} # where plugins are found
table=$("$exam" --mode=support --backend=cpu,vulkan)
if [ -n "${BUILD_WORKSPACE_DIRECTORY:-}" ]; then
  page=$BUILD_WORKSPACE_DIRECTORY/$page
  text=$(sed '/^| op |/,$d' "$page")
  printf '%s\n\n%s\n' "$text" "$table" > "$page.new"
  mv "$page.new" "$page"
  exit
fi
diff <(sed -n '/^| op |/,$p' "$page") <(printf '%s\n' "$table") || {
  echo "docs/support.md is not what the exam finds: ./bazelw run //docs:support writes it anew" >&2
  exit 1
}
