#!/usr/bin/env bash
# Copies the jars of a Kafka broker from Maven Central to where test/support/kafka.ts looks for them, unless they are
# there, and makes what brokers start faster with. Needs Java 17 and Maven.
set -euo pipefail
cd "$(dirname "$0")"
version=$(sed -n 's|.*<version>\(4\..*\)</version>.*|\1|p' pom.xml)
jars=${XDG_CACHE_HOME:-$HOME/.cache}/session-scheduler/kafka-$version
if [ ! -d "$jars" ]; then
  mkdir -p "$(dirname "$jars")"
  new=$(mktemp -d "$jars.XXXXXX")
  trap 'rm -rf "$new"' EXIT
  mvn --quiet --batch-mode org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$new"
  chmod 755 "$new"
  mv "$new" "$jars"
fi
./archive-classes.sh "$jars" || echo 'brokers of Kafka start slowly: their classes cannot be archived' >&2
