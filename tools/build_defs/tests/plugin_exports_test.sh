#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A plugin exports the symbol `tessera_plugin` and nothing else.
set -eu
exported=$(nm -D --defined-only "$1" | awk '{print $3}')
if [ "$exported" != tessera_plugin ]; then
  echo "want tessera_plugin only; $1 exports:"
  echo "$exported"
  exit 1
fi
