#!/bin/sh
set -e
# The figures in /var/lib/stalkstats stay.
if [ -d /run/systemd/system ] && [ "${1:-}" = remove ]; then
  systemctl disable --now stalkstats || true
fi
