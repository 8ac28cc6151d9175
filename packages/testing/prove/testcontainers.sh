#!/bin/sh
# Proves startRabbitMqContainer() with a real container engine and RabbitMQ 4, without a registry: the image is made
# from the trixie root of startRabbitMq({ version: "4" }). Needs root, debootstrap and Debian's docker.io.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
cleanUp() {
  [ -z "${engine:-}" ] || { kill "$engine"; wait "$engine" || true; }
  rm -rf "$scratch"
}
trap cleanUp EXIT

root=${XDG_CACHE_HOME:-$HOME/.cache}/warren/trixie
if [ ! -d "$root" ]; then
  mkdir -p "$(dirname "$root")"
  debootstrap --variant=minbase --include=rabbitmq-server trixie "$root" >/dev/null
fi

if ! docker info >/dev/null 2>&1; then
  export DOCKER_HOST="unix://$scratch/docker.sock"
  dockerd --data-root "$scratch/data" --exec-root "$scratch/exec" --pidfile "$scratch/pid" --host "$DOCKER_HOST" \
    >"$scratch/dockerd.log" 2>&1 &
  engine=$!
  tries=0
  until docker info >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 60 ] || { tail "$scratch/dockerd.log"; exit 1; }
    sleep 1
  done
fi
echo "engine: Docker $(docker version --format '{{.Server.Version}}')"

start='rabbitmq-plugins enable --offline rabbitmq_management >/dev/null
echo "loopback_users = none" > /etc/rabbitmq/rabbitmq.conf
exec rabbitmq-server'
tar -C "$root" --exclude=./proc --exclude=./dev --exclude=./tmp -c . |
  docker import --change 'EXPOSE 5672 15672' --change 'CMD ["sh", "-c", "'"$(printf '%s' "$start" | tr '\n' ';' | sed 's/"/\\"/g')"'"]' \
    - rabbitmq:4-management >/dev/null
echo "image: rabbitmq:4-management (imported)"

export TESTCONTAINERS_RYUK_DISABLED=true
cd "$here/../../.."
npx tsx --conditions=dev "$here/testcontainers.ts"
echo "containers left: $(docker ps --all --quiet | wc -l)"
