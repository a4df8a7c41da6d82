#!/bin/sh
set -e
if ! getent passwd stalkstats >/dev/null; then
  adduser --system --group --home /var/lib/stalkstats --no-create-home --quiet stalkstats
fi
install -d -m 0700 -o stalkstats -g stalkstats /var/lib/stalkstats
# The file of users and programs is written beside the configuration.
install -d -m 0750 -o root -g stalkstats /etc/stalkstats
install -d -m 0700 -o stalkstats -g stalkstats /etc/stalkstats/accounts
chown root:stalkstats /etc/stalkstats/config.yaml /etc/stalkstats/secrets.env
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  if systemctl is-active --quiet stalkstats; then
    systemctl restart stalkstats
  else
    echo "stalkstats: edit /etc/stalkstats/config.yaml, then: systemctl enable --now stalkstats"
  fi
fi
