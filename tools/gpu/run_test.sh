#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# run_test.sh <run_test.py> <program>...
test=$1
shift
PROGRAMS="$*" exec python3 "$test"
