#!/usr/bin/env bash
# Carries out the steps of the Dockerfile as plain commands, and tries what comes of them: a service started from dist/ with the production
# packages alone, by a user who may change nothing but the tokens file, on a PostgreSQL given by URL. Needs `npm ci` before.
set -euo pipefail
cd "$(dirname "$0")/.."

image=$(mktemp -d)
postgres='' service=''
cleanup() {
  for pid in $service $postgres; do
    kill "$pid" 2>/dev/null && wait "$pid" || true
  done
  rm -rf "$image"
}
trap cleanup EXIT
fail() {
  echo "$1" >&2
  cat "$image/log" >&2 || true
  exit 1
}
# Waits until a command succeeds, at most half a minute.
until_succeeds() {
  for _ in $(seq 150); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.2
  done
  fail "in vain: $*"
}

echo '-- build, from what .dockerignore lets through'
mkdir "$image/build-stage" "$image/app"
sed -n 's/^!//p' .dockerignore | xargs -I{} cp -R {} "$image/build-stage/"
ln -s "$PWD/node_modules" "$image/build-stage/node_modules"
(cd "$image/build-stage" && npm run --silent build)

echo '-- production packages'
cp package.json package-lock.json .npmrc build/healthcheck.mjs "$image/app/"
(cd "$image/app" && npm ci --omit=dev --omit=optional)
cp -R "$image/build-stage/dist" "$image/app/"
du -sh "$image/app" | cut -f1

# The environment of the image, and what a user of it has to add.
environment="$(sed -n 's/^ENV //p' Dockerfile) AUTH_TOKENS_FILE=$image/tokens/tokens.json"

echo '-- a token and the start, as a user who may change nothing but the tokens file'
npm run --silent build
node build/throwaway-postgres.mjs >"$image/postgres-url" &
postgres=$!
until_succeeds grep -q . "$image/postgres-url"
chmod -R a+rX,go-w "$image"
as_nobody=()
mkdir -m 700 "$image/tokens"
if [ "$(id -u)" = 0 ]; then
  as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  chown 65534:65534 "$image/tokens"
fi
# scheduler COMMAND...: a command in the image
scheduler() {
  cd "$image/app"
  # shellcheck disable=SC2086
  exec env -i PATH="$PATH" $environment EVENT_STORE_URL="$(cat "$image/postgres-url")" PORT=0 GRPC_PORT=0 LOG_FORMAT=json \
    "${as_nobody[@]}" node dist/src/cli.js "$@"
}
token=$(scheduler token create --subject image-steps --role service) || fail 'no token'
scheduler start >"$image/log" 2>&1 &
service=$!
until_succeeds grep -q 'Ctrl-C' "$image/log"
url=$(sed -n 's/^ *REST, Connect, gRPC-Web *\(http[^ ]*\).*/\1/p' "$image/log")

echo "-- health check and the first booking at $url"
export PORT="${url##*:}"
until_succeeds node "$image/app/healthcheck.mjs"
book() {
  curl --silent --output /dev/null --write-out '%{http_code}' -X POST "$url/api/v1/sessions" "$@" -H 'Content-Type: application/json' \
    -d '{"session":{"coach_hash_id":"123","client_hash_id":"456","start":"2022-12-01T14:30:00Z","duration":60}}'
}
status=$(book)
[ "$status" = 401 ] || fail "a booking of nobody was answered $status, not 401"
for expected in 201 409; do
  status=$(book -H "Authorization: Bearer $token")
  [ "$status" = $expected ] || fail "a booking was answered $status, not $expected"
done

echo '-- reached at another address than 127.0.0.1, as by a published port'
curl --silent --fail --output /dev/null "http://127.0.0.2:$PORT/healthz" || fail 'the service listens at 127.0.0.1 alone'

echo '-- the protos, for other languages'
(cd "$image/app" && node dist/src/cli.js proto --out "$image/protos") | head -n 1
npx buf build "$image/protos"

echo '-- the end, by SIGTERM'
kill "$service"
wait "$service" || fail "the service ended with $?"
service=''
if node "$image/app/healthcheck.mjs"; then fail 'the health check passes without a service'; fi
