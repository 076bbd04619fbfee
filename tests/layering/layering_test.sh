#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# layering_test.sh <file of labels> --never <folder>... --always <folder>...
set -eu

labels=$1
shift
mode=
failed=0
for word in "$@"; do
  case $word in
    --never | --always) mode=$word; continue ;;
    @*) found=$(grep -E "^@[^/]*${word#@}//" "$labels" || true) ;;
    *) found=$(grep -E "^(@|@@)?//$word[:/]" "$labels" || true) ;;
  esac
  if [ "$mode" = --never ] && [ -n "$found" ]; then
    echo "must not need $word, but needs:"
    echo "$found"
    failed=1
  elif [ "$mode" = --always ] && [ -z "$found" ]; then
    echo "does not need $word: is this test looking at anything? It sees these labels:"
    cat "$labels"
    failed=1
  fi
done
exit $failed
