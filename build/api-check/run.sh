#!/usr/bin/env bash
# Checks the OpenAPI document as strangers use it: a linter reads it, and a typed client that is made from it compiles.
# Needs `npm ci` before.
set -euo pipefail
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm run --silent build
node build/api-check/document.mjs >"$work/openapi.json"

echo '-- linter'
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
npx redocly lint --config build/api-check/redocly.yaml "$work/openapi.json"

echo '-- typed client'
# The generator needs the compiler of TypeScript 5, beside which npm does not install a later one.
npm install --silent --no-audit --no-fund --prefix "$work" openapi-typescript@7.13.0 typescript@5.9.3 openapi-fetch@0.17.0
"$work/node_modules/.bin/openapi-typescript" "$work/openapi.json" --output "$work/api.d.ts"
cp build/api-check/client.ts "$work/"
echo '{ "type": "module" }' >"$work/package.json"
cp build/api-check/tsconfig.json "$work/"
npx tsc --project "$work"
