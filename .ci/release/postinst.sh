#!/bin/sh
# The user and the folders of the service, which whoever wants it starts with
#   systemctl enable --now megl-edge
set -e
if ! getent passwd megl-edge >/dev/null; then
	if command -v adduser >/dev/null; then
		adduser --system --group --home /var/lib/megl-edge --no-create-home --quiet megl-edge
	else
		useradd --system --user-group --home-dir /var/lib/megl-edge --shell /usr/sbin/nologin megl-edge
	fi
fi
install -d -o megl-edge -g megl-edge -m 0770 /var/lib/megl-edge /var/lib/megl-edge/incoming
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload || true
fi
