#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs Debian packages without asking, or prints the commands that would:
#
#   tools/setup/install_packages.sh <package>...
#
# With no package named, it only makes sure that apt has package lists. Exit code 1 means that the
# packages are not there and that the commands were printed.
set -eu

say() { echo "tessera: $*" >&2; }

have_lists() { compgen -G '/var/lib/apt/lists/*_Packages*' > /dev/null; }

# manual <why> [sudo]: prints the commands and gives up.
manual() {
  local sudo=${2:+sudo }
  local as_whom=${2:+this}
  say "$1. Run ${as_whom:-this as root}, then try again:"
  have_lists || echo "    ${sudo}apt-get update" >&2
  [ "${packages[*]}" = "" ] ||
    echo "    ${sudo}apt-get install --no-install-recommends ${packages[*]}" >&2
  exit 1
}

packages=("$@")
if [ ${#packages[@]} -eq 0 ] && have_lists; then exit 0; fi

if ! command -v apt-get > /dev/null; then
  say "these are missing, named as Debian's packages are: ${packages[*]}"
  say "This script knows apt-get only; please install them in your system's way."
  exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo > /dev/null || manual "installing needs root, and there is no sudo"
  sudo -n true 2> /dev/null || manual "installing needs root, and sudo would ask for a password" sudo
  as_root=(sudo -n)
fi

apt() {
  ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -y -o Dpkg::Use-Pty=0 "$@" < /dev/null >&2
}

if ! have_lists; then
  say "fetching package lists"
  apt update || manual "apt-get update failed" "${as_root[*]:-}"
fi
if [ ${#packages[@]} -gt 0 ]; then
  say "installing ${packages[*]}"
  # Lists that are older than the archive name files that are gone: fetch them and try once more.
  apt install --no-install-recommends "${packages[@]}" ||
    { apt update && apt install --no-install-recommends "${packages[@]}"; } ||
    manual "apt-get install failed" "${as_root[*]:-}"
fi
