#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Fills a folder with the source archives that deps.bzl declares, taken from the source packages of
# a Debian-based distribution, for machines that reach their distribution but not the upstream
# projects' release pages:
#
#   tools/setup/fetch_archives.sh <folder>
#
# The source list is derived from the machine's own apt configuration and is used for this call
# only: nothing under /etc or /var is changed, and no root is needed. Archives that are there are
# not fetched again. Bazel checks every archive against the checksum in archives.bzl.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=$1

# The file names of the pinned archives, from the one place that pins them. A source package's
# original archive is named <package>_<version>.orig.tar.gz.
pinned() {
  sed -n 's/^ *"distribution_file": "\([^"]*\)",$/\1/p' "$here/../build_defs/archives.bzl"
}

missing=()
while read -r file; do
  [ -f "$folder/$file" ] || missing+=("${file%%_*}")
done < <(pinned)
[ ${#missing[@]} -gt 0 ] || exit 0
# Without apt, or where a distribution turned out to have other versions, upstream it is.
command -v apt-get > /dev/null || exit 0
wanted=${missing[*]}
[ "$(cat "$folder/.not_here" 2> /dev/null)" != "$wanted" ] || exit 0
"$here/install_packages.sh"

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"

# Every archive that this machine installs its distribution's packages from, as a source archive.
apt-get indextargets --format '$(SIGNED_BY)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)' \
  'Created-By: Packages' | sort -u |
  while IFS='|' read -r signed_by uri release component origin; do
    case $origin in Debian | Ubuntu) ;; *) continue ;; esac
    case $signed_by in
      /*) echo "deb-src [signed-by=$signed_by] $uri $release $component" ;;
      *) echo "deb-src $uri $release $component" ;;
    esac
  done > "$work/sources.list"
if [ ! -s "$work/sources.list" ]; then
  echo "tessera: apt's configuration names no Debian or Ubuntu archive" >&2
  exit 1
fi

apt=(apt-get -qq
  -o "Dir::Etc::SourceList=$work/sources.list"
  -o Dir::Etc::SourceParts=/dev/null
  -o "Dir::State::Lists=$work/lists"
  -o "Dir::Cache=$work/cache"
  -o APT::Sandbox::User=
  -o Acquire::Languages=none)
"${apt[@]}" update

echo "tessera: fetching the source archives of $wanted into .distdir" >&2
(cd "$work" && "${apt[@]}" source --download-only --tar-only "${missing[@]}")

others=()
while read -r file; do
  [ -f "$folder/$file" ] && continue
  if [ -f "$work/$file" ]; then
    # Named last, so that an interrupted copy is never taken for an archive.
    cp "$work/$file" "$folder/.$file.part"
    mv "$folder/.$file.part" "$folder/$file"
  else
    # Another release of the distribution has another version, and the pinned one is upstream.
    others+=("${file%%_*}")
    echo "tessera: this distribution's ${file%%_*} is not $file; Bazel will download" \
      "the upstream release" >&2
  fi
done < <(pinned)
if [ ${#others[@]} -gt 0 ]; then echo "${others[*]}" > "$folder/.not_here"; fi
