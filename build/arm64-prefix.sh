#!/bin/sh
# Makes linux-arm64 binaries run on a Debian machine of another CPU: installs qemu-user-static and unpacks arm64's
# libc and libgcc into a folder, which tests/build/arm64.test.ts hands to qemu as -L.
#
#   build/arm64-prefix.sh [FOLDER=/opt/arm64]        needs root, for apt
set -eu

prefix=${1:-/opt/arm64}
if [ -e "$prefix/lib/ld-linux-aarch64.so.1" ] && command -v qemu-aarch64-static >/dev/null; then exit 0; fi

dpkg --add-architecture arm64
apt-get update -qq
apt-get install -y -qq qemu-user-static >/dev/null

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root libc6:arm64 libgcc-s1:arm64)

mkdir -p "$prefix"
for package in "$work"/*.deb; do dpkg-deb -x "$package" "$prefix"; done
test -e "$prefix/lib/ld-linux-aarch64.so.1"
