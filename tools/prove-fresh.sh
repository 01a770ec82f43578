#!/usr/bin/env bash
# Proves on a bare Debian 12 that a fresh clone needs no more than `make demo` and `make test`: debootstraps one into a
# folder, clones this repository's HEAD there and runs both in a chroot, with apt and PyPI as the only sources.
#
# It needs root, debootstrap and 6 GB. The bare system gets this machine's apt sources, certificates and pip settings, which
# say where packages come from, not what is installed; nothing else of this machine is visible in it.
#
# usage: tools/prove-fresh.sh [FOLDER] [COMMAND...]     default: /tmp/slimscale-fresh, make demo && make test
#        MIRROR=<url>    Debian mirror for debootstrap; default: the first URIs: or deb line of this machine's apt sources
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

folder=${1:-/tmp/slimscale-fresh}
base=$folder/base    # the system as debootstrap made it, kept for the next proof
bare=$folder/machine # a copy of it, made anew for every proof
[ $# -eq 0 ] || shift
command=${*:-make demo && make test}
[ "$(id -u)" -eq 0 ] || fail "debootstrap and chroot need root; run it with sudo"
command -v debootstrap >/dev/null || fail "install debootstrap"

first_mirror() {
    find /etc/apt/sources.list /etc/apt/sources.list.d \( -name '*.sources' -o -name '*.list' \) -exec cat {} + 2>/dev/null |
        awk '!found && /^URIs:/ { print $2; found = 1 } !found && /^deb / { print ($2 ~ /^\[/) ? $3 : $2; found = 1 }'
}

# Copies the settings that say where packages come from.
copy_package_settings() {
    mkdir -p "$bare/etc/apt" "$bare/etc/ssl" "$bare/usr/share/keyrings"
    cp -a /etc/apt/. "$bare/etc/apt/"
    rm -f "$bare"/etc/apt/apt.conf.d/*docker* "$bare"/etc/apt/apt.conf.d/20packagekit "$bare"/etc/apt/apt.conf.d/50appstream
    cp -a /usr/share/keyrings/. "$bare/usr/share/keyrings/"
    cp -a /etc/ssl/certs "$bare/etc/ssl/"
    cp -a /usr/local/share/ca-certificates "$bare/usr/local/share/"
    cp /etc/resolv.conf /etc/hosts "$bare/etc/"
    local file
    for file in /etc/pip.conf /root/.config/pip /root/.pip /root/.netrc; do
        [ ! -e "$file" ] || { mkdir -p "$bare$(dirname "$file")" && cp -aL "$file" "$bare$(dirname "$file")/"; }
    done
}

unmount_all() {
    umount "$bare/proc" "$bare/dev/pts" "$bare/dev" 2>/dev/null || true
}

if [ ! -e "$base/complete" ]; then
    mirror=${MIRROR:-$(first_mirror || true)}
    [ -n "$mirror" ] || fail "apt's sources name no mirror; name one: MIRROR=<url>"
    say "Making a bare Debian 12 in $base"
    rm -rf "$base"
    run_logged "$build/logs/debootstrap.log" "debootstrap failed; name a mirror: MIRROR=<url>" \
        debootstrap --variant=minbase --include=ca-certificates,git,make bookworm "$base" "$mirror"
    touch "$base/complete"
fi

say "Copying it to $bare"
! mountpoint --quiet "$bare/proc" || fail "$bare is in use by another proof"
rm -rf --one-file-system "$bare"
cp -a "$base" "$bare"
copy_package_settings

say "Cloning $(git -C "$root" rev-parse --short HEAD) to /slimscale there"
git clone --quiet --no-hardlinks "$root" "$bare/slimscale"

trap unmount_all EXIT
mount --bind /dev "$bare/dev"
mount --bind /dev/pts "$bare/dev/pts" # tests open a terminal
mount -t proc proc "$bare/proc"

# The environment has only the settings of pip, proxies and certificates.
mapfile -t settings < <(env | grep -iE '^(pip_|[a-z]*_proxy=|ssl_cert|requests_ca)' || true)
say "Running there: $command"
start=$SECONDS
env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "${settings[@]}" \
    chroot "$bare" /bin/bash -c "cd /slimscale && $command"
say "Passed in $((SECONDS - start)) s"
