#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds and runs the programs of tests/embedding/workspace, which uses Tessera as an external
# repository, in a Bazel of its own and without a network.
#
# The test reads the checkout itself rather than copies in its runfiles, so Bazel must not cache its
# result; and it takes minutes the first time. Hence its tags: it runs when it is named.
set -eu

marker=$(readlink -f "$1")
workspace=$(dirname "$marker")
root=$(dirname "$(dirname "$(dirname "$workspace")")")
scratch=${TEST_TMPDIR:-$(mktemp -d)}

# Without a HOME of its own, Bazel finds its user's in the password file, and so do we.
home=$(getent passwd "$(id -u)" | cut -d: -f6)
cache=(--disk_cache="$scratch/cache")
if [ -w "${home:-/}/.cache/tessera-bazel" ]; then
  cache=(--disk_cache="$home/.cache/tessera-bazel")
fi

if [ -f "$root/.distdir/.not_here" ] || ! compgen -G "$root/.distdir/*.tar.gz" > /dev/null; then
  echo "The pinned archives are not in .distdir (see ./bazelw): not shutting out the network."
else
  export http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9
  export HTTP_PROXY=$http_proxy HTTPS_PROXY=$http_proxy
fi

bazel=$(command -v bazelisk || command -v bazel)
embedded_bazel() {
  local command=$1
  shift
  (cd "$workspace" && env -u TEST_TMPDIR HOME="$scratch" \
    "$bazel" --batch --output_user_root="$scratch/bazel" "$command" "${cache[@]}" \
    --color=no --curses=no --show_progress_rate_limit=60 --experimental_convenience_symlinks=ignore "$@")
}

embedded_bazel build //...
bin=$(embedded_bazel info bazel-bin 2> /dev/null)

# Each program is run as a user would run it, from another directory, and ends with a line of its own.
unset RUNFILES_DIR RUNFILES_MANIFEST_FILE TEST_SRCDIR
cd /
failed=0
for program in tensor_program nn_program; do
  echo "==== $program"
  "$bin/$program" | tee "$scratch/output"
  if ! grep -qx "$program: OK" "$scratch/output"; then
    echo "==== $program failed"
    failed=1
  fi
done

# Leave a scratch folder that can be removed.
chmod -R u+w "$scratch/bazel"
exit $failed
