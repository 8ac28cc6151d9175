#!/bin/sh
# Proves startRabbitMqContainer() and startPostgresContainer() with a real container engine, without a registry: the
# images are made from Debian trixie, RabbitMQ's from the root of startRabbitMq({ version: "4" }). Needs root,
# debootstrap and Debian's docker.io.
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

# What the real image does: it starts the server once to set it up, and then for good.
database="$scratch/postgres"
debootstrap --variant=minbase --include=postgresql trixie "$database" >/dev/null
cat >"$database/entrypoint" <<'END'
#!/bin/sh
set -e
if [ "$(id -u)" = 0 ]; then exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"; fi
[ "$POSTGRES_HOST_AUTH_METHOD" = trust ]
export PGDATA=/var/lib/postgresql/data
PATH=$(echo /usr/lib/postgresql/*/bin):$PATH
initdb --username=postgres --auth=trust >/dev/null
echo "host all all all trust" >>"$PGDATA/pg_hba.conf"
pg_ctl --wait --options="-c listen_addresses=''" start
pg_ctl --wait stop
exec "$@" -c "listen_addresses=*"
END
chmod +x "$database/entrypoint"
tar -C "$database" --exclude=./proc --exclude=./dev -c . |
  docker import --change 'EXPOSE 5432' --change 'ENTRYPOINT ["/entrypoint"]' - postgres:17 >/dev/null
echo "image: postgres:17 (imported)"

export TESTCONTAINERS_RYUK_DISABLED=true
cd "$here/../../.."
npx tsx --conditions=dev "$here/testcontainers.ts"
echo "containers left: $(docker ps --all --quiet | wc -l)"
