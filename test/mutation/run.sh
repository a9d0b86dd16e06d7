#!/bin/sh
# A mutation run; run.ts says which arguments there are. The packages for it are installed the first time, and again
# when package-lock.json has changed since.
set -e
cd "$(dirname "$0")/../.."

packages=test/mutation
if [ ! "$packages/node_modules/.package-lock.json" -nt "$packages/package-lock.json" ]; then
  npm ci --silent --prefix "$packages"
fi
npx tsc -p test/mutation/tsconfig.json
exec nice -n 10 node test/mutation/dist/run.js "$@"
