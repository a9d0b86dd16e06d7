#!/usr/bin/env bash
# Books a session against a running service, as users do: from an empty project with clients/typescript, and from
# Python, Go and Java with code that protoc makes from what `scheduler proto --out` writes. The service speaks TLS and
# authenticates its callers. Needs openssl, and `npm ci` before.
#   run.sh         the languages whose tools are here; names the others
#   run.sh --all   fails when a tool is missing
set -euo pipefail
cd "$(dirname "$0")/../.."

# `npm run` hands on the settings of this project. A user's project has none of them.
unset "${!npm_config_@}"

work=$(mktemp -d)
service=''
cleanup() {
  if [ -n "$service" ]; then kill "$service" 2>/dev/null && wait "$service" || true; fi
  # Maven and Go leave files that may not be written.
  chmod -R u+w "$work"
  rm -rf "$work"
}
trap cleanup EXIT

# An authority, and a certificate that it signed: for clients, CA_FILE names the authority.
make_certificate() {
  local new=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
  export CA_FILE=$work/ca.crt
  openssl req -x509 "${new[@]}" -days 1 -subj '/CN=Test authority' -keyout "$work/ca.key" -out "$CA_FILE"
  openssl req "${new[@]}" -subj '/CN=scheduler' -keyout "$work/tls.key" -out "$work/tls.csr"
  openssl x509 -req -in "$work/tls.csr" -CA "$CA_FILE" -CAkey "$work/ca.key" -CAcreateserial -days 1 -out "$work/tls.crt" \
    -extfile <(echo 'subjectAltName=IP:127.0.0.1')
} 2>"$work/openssl.log"

start_service() {
  export AUTH_TOKENS_FILE=$work/tokens.json
  TOKEN=$(node dist/src/cli.js token create --subject clients --role service --expires 1d 2>/dev/null)
  export TOKEN
  TLS_CERT_FILE="$work/tls.crt" TLS_KEY_FILE="$work/tls.key" DATA_DIR="$work/data" PORT=0 GRPC_PORT=0 LOG_FORMAT=json SHUTDOWN_DRAIN_MS=0 node dist/src/cli.js start >"$work/log" 2>&1 &
  service=$!
  for _ in $(seq 300); do
    if grep -qs 'Ctrl-C' "$work/log"; then
      url=$(sed -n 's/^ *REST, Connect, gRPC-Web *\(http[^ ]*\).*/\1/p' "$work/log")
      address=$(sed -n 's/^ *gRPC  *\([0-9].*\)$/\1/p' "$work/log")
      return
    fi
    sleep 0.1
  done
  cat "$work/log" >&2
  exit 1
}

typescript() {
  local package=$PWD/clients/typescript tsc=$PWD/node_modules/.bin/tsc
  mkdir "$work/typescript"
  (
    cd "$work/typescript"
    npm init --yes
    npm install "$package"
    # The first example of the README, as JavaScript and as TypeScript.
    awk '/^```js/ { inside = 1; next } /^```/ && inside { exit } inside' "$package/README.md" |
      sed "s|baseUrl: 'http://localhost:3000'|baseUrl: '$url', token: '$TOKEN'|" >booking.mjs
    export NODE_EXTRA_CA_CERTS=$CA_FILE
    cp booking.mjs typed.mts
    "$tsc" --noEmit --strict --module nodenext --target es2022 --types '' typed.mts
    node booking.mjs | tee booked
    node --conditions=browser booking.mjs | tee taken
    grep -q '^booked ' booked
    grep -qx 'taken until 2030-12-01T15:30:00.000Z' taken
    # Only the entry for Node may know what browsers lack.
    if grep -lE "connect-node|'node:" "$package"/dist/*.js | grep -v /node.js; then exit 1; fi
  )
}

python() {
  # Packages last longer than this checkout, as those of Go and Java do: installing them takes most of the time.
  local packages
  packages=${XDG_CACHE_HOME:-$HOME/.cache}/session-scheduler/python-$(cksum <test/clients/python/requirements.txt | cut -d' ' -f1)
  if [ ! -f "$packages/complete" ]; then
    python3 -m pip install --quiet --root-user-action=ignore --target "$packages" -r test/clients/python/requirements.txt
    touch "$packages/complete"
  fi
  mkdir "$work/python"
  PYTHONPATH=$packages python3 -m grpc_tools.protoc -I "$work/protos" \
    --python_out="$work/python" --grpc_python_out="$work/python" "$work"/protos/aceup/scheduler/v1/*.proto
  PYTHONPATH=$packages:$work/python python3 test/clients/python/book.py "$address" coach-python
}

go_() {
  cp -R test/clients/go "$work/go"
  (
    cd "$work/go"
    go build -o bin/ tool
    PATH=$PWD/bin:$PATH protoc -I "$work/protos" \
      --go_out=. --go_opt=paths=source_relative --go-grpc_out=. --go-grpc_opt=paths=source_relative \
      "$work"/protos/aceup/scheduler/v1/*.proto
    go run . "$address" coach-go
  )
}

java_() {
  cp -R test/clients/java "$work/java"
  (
    cd "$work/java"
    protoc -I "$work/protos" --java_out=src/main/java \
      --plugin=protoc-gen-grpc-java="$(command -v grpc_java_plugin)" --grpc-java_out=src/main/java \
      "$work"/protos/aceup/scheduler/v1/*.proto
    # These processes are short: better code would not pay.
    export JAVA_TOOL_OPTIONS='-XX:TieredStopAtLevel=1 -XX:+UseSerialGC'
    mvn --quiet --batch-mode compile dependency:build-classpath -Dmdep.outputFile=classpath
    echo
    java -cp "target/classes:$(cat classpath)" Book "$address" coach-java
  )
}

# client NAME FUNCTION TOOL...: runs the client of a language, when its tools are here
client() {
  local name=$1 run=$2 tool began=$SECONDS
  shift 2
  for tool in "$@"; do
    command -v "$tool" >/dev/null && continue
    if [ -n "$all" ]; then
      echo "FAILED  $name: $tool is missing" >&2
      exit 1
    fi
    echo "left out $name: $tool is missing"
    return
  done
  # In the background, since bash would go on after errors in a function whose status is tested.
  "$run" >"$work/$name.log" 2>&1 &
  wait $! || {
    echo "FAILED  $name" >&2
    cat "$work/$name.log" >&2
    exit 1
  }
  echo "ok      $name: $(tail -n 1 "$work/$name.log") ($((SECONDS - began)) s)"
}

case "${1:-}" in
  '') all='' ;;
  --all) all=yes ;;
  *) sed -n '2,7p' "$0"; exit 2 ;;
esac

npm run --silent build
node dist/src/cli.js proto --out "$work/protos" >/dev/null
make_certificate
start_service
client TypeScript typescript npm
client Python python python3 pip3
client Go go_ go protoc
client Java java_ javac mvn protoc grpc_java_plugin
