#!/bin/bash
# Installs semcam as a service on Raspberry Pi OS, Debian, Ubuntu or Jetson Linux, and brings it up to date.
#
#   sudo deploy/install.sh                     installs, or upgrades what is installed; run it as often as you like
#   sudo deploy/install.sh --mosquitto         the same, with a Mosquitto for programs on this machine
#   sudo deploy/install.sh --config FILE       with this configuration, where there is none yet
#   sudo deploy/install.sh --uninstall         takes everything away again: configuration and events, too
#
#   --wheel FILE     this semcam, instead of the wheel beside this script or this source tree
#   --wheels DIR     Python packages from this folder; nothing is fetched from the network for Python
#   --keep-data      with --uninstall: leave /etc/semcam and /var/lib/semcam
#   --dry-run        say what would be done, and touch nothing
#
# What is written: /opt/semcam (programs, one folder for each version), /etc/semcam (configuration), /var/lib/semcam
# (events), /usr/local/bin/semcam, units in /etc/systemd/system, and the user semcam.
set -euo pipefail
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
programs=/opt/semcam
etc=/etc/semcam
config=$etc/semcam.yaml
state=/var/lib/semcam
command=/usr/local/bin/semcam
units=/etc/systemd/system
mosquitto_unit=$units/mosquitto.service.d/semcam.conf
mosquitto_config=/etc/mosquitto/conf.d/semcam.conf
brought=$programs/brought # packages that were not there before
healthy_after_s=10        # for so long a new version has to stay up

wheel='' wheels='' given_config='' mosquitto='' uninstall='' keep_data='' dry=''

# -- words

step() { printf '%s\n' "$*"; }

give_up() {
    printf '%s\n' "$*" >&2
    exit 1
}

usage() { sed -n '/^#   /s/^#   //p' "$0"; }

# Runs it and says nothing, unless it fails.
quietly() {
    local said
    said=$("$@" 2>&1) || give_up "$said
this failed: $*"
}

# Whatever changes this machine goes through here.
do_it() {
    if [ -n "$dry" ]; then printf '    would run: %s\n' "$*"; else quietly "$@"; fi
}

# put CONTENT FILE MODE: says whether that changed anything
put() {
    if [ -e "$2" ] && [ "$(cat "$2")" = "$1" ]; then return 1; fi
    if [ -n "$dry" ]; then
        printf '    would write: %s\n' "$2"
        return 0
    fi
    mkdir -p "${2%/*}"
    printf '%s\n' "$1" >"$2.new"
    chmod "$3" "$2.new"
    mv "$2.new" "$2"
}

# -- the machine

has() { command -v "$1" >/dev/null; }

# systemd is there, and not only its files: in a container or a root that is being built it does not run
systemd_runs() { [ -d /run/systemd/system ]; }

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

all_packages() { dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort; }

need_packages() {
    local package before missing=()
    for package; do installed "$package" || missing+=("$package"); done
    [ ${#missing[@]} -gt 0 ] || return 0
    step "packages: ${missing[*]}"
    do_it apt-get -qq update
    before=$(all_packages)
    do_it apt-get -qq -y --no-install-recommends -o APT::Keep-Downloaded-Packages=false install "${missing[@]}"
    [ -n "$dry" ] || remember_packages "$before"
}

remember_packages() {
    mkdir -p "$programs"
    { cat "$brought" 2>/dev/null || true; comm -13 <(echo "$1") <(all_packages); } | sort -u >"$brought.new"
    mv "$brought.new" "$brought"
}

check_machine() {
    { has apt-get && has dpkg-query; } ||
        give_up "this is no Debian, Raspberry Pi OS, Ubuntu or Jetson Linux; install the wheel by pip, as README.md says"
    case $(uname -m) in
        x86_64 | aarch64) ;;
        *) give_up "$(uname -m) cannot keep pictures in; install a 64-bit system, such as Raspberry Pi OS (64-bit)" ;;
    esac
    [ -n "$dry" ] || [ "$(id -u)" = 0 ] || give_up "only root can install; run: sudo $0"
}

# The newest Python that semcam runs on; Jetson Linux 6 has python3.11 beside its own 3.10.
find_python() {
    local name
    for name in python3 python3.13 python3.12 python3.11; do
        if has "$name" && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
}

bring_python() {
    python=$(find_python)
    if [ -z "$python" ]; then
        python=python3
        if has python3 || ! apt-cache show python3 2>/dev/null | grep -Eq '^Version: 3\.(1[1-9]|[2-9][0-9])'; then
            python=python3.11
        fi
        need_packages ca-certificates "$python" "$python-venv"
    elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        need_packages ca-certificates "$python-venv"
    fi
    [ -n "$dry" ] || [ -n "$(find_python)" ] ||
        give_up "there is no Python 3.11 or newer for this system; use a newer one, such as Debian 12"
}

# -- the program: one folder for each version, and a link to the one in use

# The wheel that was named, or lies beside this script, or is made of this source tree.
find_wheel() {
    local found=()
    if [ -z "$wheel" ]; then
        shopt -s nullglob
        found=("$here"/semcam-*.whl)
        shopt -u nullglob
        [ ${#found[@]} -le 1 ] || give_up "there are several wheels in $here; name one by --wheel"
        wheel=${found[0]:-}
    fi
    [ -z "$wheel" ] || [ -f "$wheel" ] || give_up "$wheel: no such file; name a wheel of semcam by --wheel"
    [ -n "$wheel" ] || [ -f "$here/../pyproject.toml" ] ||
        give_up "there is no wheel beside $0, and no source tree around it; name a wheel by --wheel"
}

make_wheel() {
    [ -z "$wheel" ] || return 0
    step "wheel: from ${here%/*}"
    [ -z "$dry" ] || return 0
    making=$(mktemp -d)
    trap 'rm -rf "$making"' EXIT
    quietly "$python" -m venv "$making/venv"
    # a copy, for building may write beside the sources
    mkdir "$making/source"
    tar -C "$here/.." --exclude=./.git --exclude=./.venv --exclude=./.tools -cf - . | tar -C "$making/source" -xf -
    quietly "$making/venv/bin/pip" wheel "${from[@]}" --no-deps --wheel-dir "$making" "$making/source"
    wheel=$(echo "$making"/semcam-*.whl)
}

name_of_version() {
    local name
    name=$(basename "$wheel")
    name=${name#semcam-}
    # the same number can stand for two wheels while somebody works on it
    echo "${name%%-*}-$(sha256sum "$wheel" | cut -c 1-8)"
}

current() { basename "$(readlink "$programs/current" 2>/dev/null || true)"; }

install_version() {
    local folder=$programs/$version
    if [ -e "$folder/complete" ]; then
        step "program: $version is there"
        return
    fi
    step "program: $version into $folder"
    rm -rf "$folder" # what an interrupted run has left
    mkdir -p "$programs"
    quietly "$python" -m venv "$folder"
    quietly "$folder/bin/pip" install "${from[@]}" "$wheel"
    quietly "$folder/bin/semcam" --version
    cp "$here/semcam.service" "$folder/semcam.service" # goes back with its program
    touch "$folder/complete"
}

switch_to() {
    ln -sfn "$1" "$programs/current.new"
    mv -T "$programs/current.new" "$programs/current"
}

# One version to go back to stays.
drop_old_versions() {
    local folder
    for folder in "$programs"/*/; do
        folder=$(basename "$folder")
        case $folder in
            current | "$version" | "$before") ;;
            *) rm -rf "${programs:?}/$folder" ;;
        esac
    done
}

# -- user, folders, configuration

make_user() {
    id semcam >/dev/null 2>&1 && return
    step "user: semcam, in the group video"
    getent group video >/dev/null || do_it groupadd --system video
    do_it useradd --system --user-group --groups video --home-dir "$state" --no-create-home \
        --shell /usr/sbin/nologin semcam
}

make_folders() {
    [ -d "$etc" ] || step "folder: $etc"
    [ -d "$etc" ] || do_it install -d -o root -g semcam -m 750 "$etc"
    [ -d "$state" ] || step "folder: $state"
    [ -d "$state" ] || do_it install -d -o semcam -g semcam -m 700 "$state"
}

make_config() {
    if [ -e "$config" ]; then
        [ -z "$given_config" ] || step "configuration: $config is there and stays; $given_config is left out"
        return
    fi
    step "configuration: $config, from ${given_config:-the scene living_room}"
    if [ -n "$given_config" ]; then
        do_it install -o root -g semcam -m 640 "$given_config" "$config"
    elif [ -n "$dry" ]; then
        printf '    would write: %s\n' "$config"
    else
        quietly "$programs/$version/bin/semcam" init living_room -o "$config.new"
        [ -z "$mosquitto" ] || sed -i 's/^# mqtt: {host: localhost}.*/mqtt: {host: localhost}/' "$config.new"
        chown root:semcam "$config.new"
        chmod 640 "$config.new"
        mv "$config.new" "$config"
        is_new_config=yes
    fi
}

# As the user of the service, which has to be able to read it; says what is wrong.
check_config() {
    local say
    say=$(cd / && setpriv --reuid semcam --regid semcam --init-groups "$programs/$version/bin/semcam" check "$config" 2>&1) && return
    printf '%s\n' "$say" >&2
    return 1
}

# -- Mosquitto

install_mosquitto() {
    local changed=''
    need_packages mosquitto
    step "Mosquitto: for programs on this machine only; deploy/mosquitto/README.md says how to open it to others"
    put "$(cat "$here/mosquitto/hardened.conf")" "$mosquitto_unit" 644 && changed=yes
    put "$(cat "$here/mosquitto/local.conf")" "$mosquitto_config" 644 && changed=yes
    if systemd_runs; then
        [ -z "$changed" ] || do_it systemctl daemon-reload
        [ -z "$changed" ] || do_it systemctl restart mosquitto
    fi
    do_it systemctl enable mosquitto
}

# -- the service

# put_unit FILE
put_unit() {
    if put "$(cat "$1")" "$units/semcam.service" 644; then
        step "unit: semcam.service"
        ! systemd_runs || do_it systemctl daemon-reload
    fi
}

install_units() {
    put_unit "$here/semcam.service"
    if [ "$(readlink "$command" 2>/dev/null)" != "$programs/current/bin/semcam" ]; then
        step "command: $command"
        do_it ln -sfn "$programs/current/bin/semcam" "$command"
    fi
    systemctl is-enabled --quiet semcam 2>/dev/null || {
        step "service: started with the machine"
        do_it systemctl enable semcam
    }
}

# Whether it comes up and stays up. It says itself when it is ready, and systemctl waits for that.
is_healthy() {
    systemctl restart semcam 2>/dev/null || return 1
    local restarts
    restarts=$(systemctl show -P NRestarts semcam)
    sleep "$healthy_after_s"
    systemctl is-active --quiet semcam && [ "$(systemctl show -P NRestarts semcam)" = "$restarts" ]
}

last_words() { journalctl -u semcam -n 5 -o cat --no-pager 2>/dev/null || true; }

start() {
    if ! systemd_runs; then
        step "systemd does not run here: the service starts with the machine, or by:"
        step "    STATE_DIRECTORY=$state setpriv --reuid semcam --regid semcam --init-groups $command run -c $config"
        return
    fi
    if [ -n "$is_new_config" ]; then
        step "not started yet: say in $config where the camera is, then run: sudo systemctl start semcam"
        return
    fi
    if [ "$before" = "$version" ] && systemctl is-active --quiet semcam; then
        step "service: runs"
        return
    fi
    step "service: starting $version"
    if is_healthy; then
        step "service: runs"
    else
        roll_back
    fi
}

roll_back() {
    last_words >&2
    if [ -z "$before" ] || [ "$before" = "$version" ]; then
        give_up "semcam does not stay up (see above); run: sudo -u semcam semcam doctor"
    fi
    switch_to "$before"
    put_unit "$programs/$before/semcam.service"
    systemctl restart semcam || true
    rm -rf "${programs:?}/$version"
    give_up "$version does not stay up (see above): $before runs again, and nothing else was changed"
}

# -- and all of it away

remove_packages() {
    [ -s "$brought" ] || return 0
    local ours would other
    mapfile -t ours < <(while read -r name; do installed "$name" && echo "$name"; done <"$brought")
    [ ${#ours[@]} -gt 0 ] || return 0
    would=$(apt-get -s purge "${ours[@]}" | sed -n 's/^Purg \([^ :]*\).*/\1/p' | sort -u)
    other=$(comm -23 <(echo "$would") <(sort -u "$brought"))
    if [ -n "$other" ]; then
        step "packages: these came with semcam and stay, for others need them by now: ${ours[*]}"
        return
    fi
    step "packages: ${#ours[@]} that came with semcam"
    do_it apt-get -qq -y purge "${ours[@]}"
}

remove_everything() {
    step "service: stopped"
    if systemd_runs && [ -e "$units/semcam.service" ]; then do_it systemctl stop semcam; fi
    [ ! -e "$units/semcam.service" ] || do_it systemctl disable semcam
    step "units, command and drop-ins"
    do_it rm -rf "$units/semcam.service" "$units/semcam.service.d" "$command" "$mosquitto_unit" "$mosquitto_config"
    [ ! -d "${mosquitto_unit%/*}" ] || do_it rmdir --ignore-fail-on-non-empty "${mosquitto_unit%/*}"
    if systemd_runs; then
        do_it systemctl daemon-reload
        if installed mosquitto && ! grep -qx mosquitto "$brought" 2>/dev/null; then do_it systemctl restart mosquitto; fi
    fi
    remove_packages
    if [ -n "$keep_data" ]; then
        step "kept: $etc and $state; remove them by: sudo rm -r $etc $state"
    else
        step "configuration and events"
        do_it rm -rf "$etc" "$state"
    fi
    step "program"
    do_it rm -rf "$programs"
    if [ -z "$keep_data" ] && id semcam >/dev/null 2>&1; then
        step "user: semcam"
        do_it userdel semcam
    fi
    step "semcam is gone"
}

# -- in order

while [ $# -gt 0 ]; do
    case $1 in
        --wheel | --wheels | --config)
            [ $# -ge 2 ] || give_up "$1 wants a value; run: $0 --help"
            [ -e "$2" ] || give_up "$2: no such file or folder"
            case $1 in
                --wheel) wheel=$2 ;;
                --wheels) wheels=$(cd "$2" && pwd) ;;
                --config) given_config=$2 ;;
            esac
            shift
            ;;
        --mosquitto) mosquitto=yes ;;
        --uninstall) uninstall=yes ;;
        --keep-data) keep_data=yes ;;
        --dry-run) dry=yes ;;
        -h | --help) usage && exit ;;
        *) give_up "'$1' is unknown; run: $0 --help" ;;
    esac
    shift
done

check_machine
if [ -n "$uninstall" ]; then
    remove_everything
    exit
fi

is_new_config=''
from=(--quiet --disable-pip-version-check --no-input)
[ -z "$wheels" ] || from+=(--no-index --find-links "$wheels")
find_wheel
bring_python
[ -z "$mosquitto" ] || install_mosquitto
make_wheel
if [ -n "$dry" ] && [ -z "$wheel" ]; then version=of-this-tree; else version=$(name_of_version); fi
before=$(current)
make_user
make_folders
if [ -n "$dry" ]; then
    step "program: $version into $programs/$version"
    make_config
    install_units
    step "nothing was touched"
    exit
fi
install_version
make_config
if ! check_config; then
    if [ -n "$before" ] && [ "$before" != "$version" ]; then
        rm -rf "${programs:?}/$version"
        give_up "$version does not take $config (see above): $before goes on, and nothing was changed"
    fi
    give_up "$config cannot be used (see above); correct it and run this again"
fi
switch_to "$version"
install_units
start
drop_old_versions
step "done: semcam $version; see how it fares: sudo -u semcam semcam doctor"
