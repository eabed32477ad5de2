#!/usr/bin/env bash
# Make sure that programs of the machine are there: scripts/need_programs.sh chromium hledger
# Installs what is missing through apt-get where this user may; else says in a sentence what to do.
set -euo pipefail

missing=()
for program in "$@"; do
    case "$program" in
        chromium) command -v chromium || command -v chromium-browser || command -v google-chrome || missing+=(chromium) ;;
        *) command -v "$program" || missing+=("$program") ;;
    esac >/dev/null
done
[ "${#missing[@]}" -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root=(sudo -n)
    fi
fi
if ! command -v apt-get >/dev/null || { [ "$(id -u)" -ne 0 ] && [ "${#as_root[@]}" -eq 0 ]; }; then
    echo "The tests need ${missing[*]}. Install them, on Debian by: sudo apt-get install ${missing[*]}" >&2
    exit 1
fi
echo "Installing ${missing[*]} (a minute or two) ..."
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
