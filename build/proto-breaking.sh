#!/usr/bin/env bash
# Fails when proto/ breaks its callers. Compared with main from a branch, and on main with the version of proto/ before this one.
set -euo pipefail
cd "$(dirname "$0")/.."

main=$(git rev-parse --verify --quiet origin/main || git rev-parse --verify --quiet main || true)
if [[ -n "$main" && "$main" != "$(git rev-parse HEAD)" ]]; then
  base=$(git merge-base HEAD "$main")
elif ! git diff --quiet HEAD -- proto; then
  base=HEAD
else
  base=$(git log -2 --format=%H -- proto | sed -n 2p)
fi
if [[ -z "$base" ]]; then
  echo 'proto/ has no earlier version to compare with'
  exit 0
fi

against=$(mktemp -d)
trap 'rm -rf "$against"' EXIT
git archive "$base" proto buf.yaml | tar -x -C "$against"
ln -s "$PWD/node_modules" "$against/node_modules"
npx buf breaking proto --against "$against/proto"
echo "proto/ breaks nothing since $(git log -1 --format='%h (%s)' "$base")"
