#!/usr/bin/env bash
# Keeps the classes of a broker as the JVM has loaded them, beside its jars: brokers start in half the time with it.
# Without it they start, too. Usage: archive-classes.sh JARS
set -euo pipefail
jars=$1
[ ! -e "$jars/classes.jsa" ] || exit 0
place=$(mktemp -d)
broker=
trap 'kill -KILL $broker 2>/dev/null || true; rm -rf "$place" "$jars/classes.jsa.$$"' EXIT
read -r port controller < <(node -e '
  const servers = [0, 0].map(() => require("node:net").createServer().listen(0, "127.0.0.1"));
  setTimeout(() => {
    console.log(servers.map((server) => server.address().port).join(" "));
    for (const server of servers) server.close();
  }, 100);')
cat >"$place/properties" <<END
process.roles=broker,controller
node.id=0
controller.quorum.voters=0@127.0.0.1:$controller
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$place/log
END
# As test/support/kafka.ts starts it: the archive is of no use to another class path.
java=(java -Xmx256m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=info)
"${java[@]}" -cp "$jars/*" kafka.tools.StorageTool format -t c2NoZWR1bGVyLXRlc3RzIQ -c "$place/properties" \
  >/dev/null 2>&1
"${java[@]}" -XX:ArchiveClassesAtExit="$jars/classes.jsa.$$" -cp "$jars/*" kafka.Kafka "$place/properties" \
  >"$place/output" 2>&1 &
broker=$!
for try in {1..600}; do
  if grep -q 'Kafka Server started' "$place/output"; then break; fi
  sleep 0.1
done
kill -TERM $broker
# 143: ended by the signal.
wait $broker || [ $? -eq 143 ]
broker=
mv "$jars/classes.jsa.$$" "$jars/classes.jsa"
