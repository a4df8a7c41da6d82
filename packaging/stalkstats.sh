#!/bin/sh
# The program with the configuration of this machine. As root it becomes the account to
# which the figures belong: what root wrote, the server could not.
set -eu
if [ "$(id -u)" = 0 ] && [ "${1:-}" != version ]; then
  exec setpriv --reuid=stalkstats --regid=stalkstats --init-groups --no-new-privs "$0" "$@"
fi
if [ -r /etc/stalkstats/secrets.env ]; then
  set -a
  . /etc/stalkstats/secrets.env
  set +a
fi
exec /usr/lib/stalkstats/stalkstats --config /etc/stalkstats/config.yaml "$@"
