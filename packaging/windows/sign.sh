#!/bin/bash
# sign.sh FILE-OR-FOLDER...: signs programs, libraries and packages for Windows (Authenticode), on Linux.
#
# In a folder: every PE file (EXE, DLL, PYD), known by its content, not by its name. What Python's or Microsoft's own
# signature is on, and fits, is left as it is. All are signed and verified first, then put in place: on any failure
# nothing has changed. Signed again, a file gets the new signature in the place of the old one.
#
# Inputs, from the environment. None at all: an unsigned build, which is said, exit 0.
#   KITSU_SIGN_CERTIFICATE    PEM file: the signing certificate, then the ones between it and the root
#   KITSU_SIGN_KEY            PEM file of its key; with KITSU_SIGN_PKCS11_MODULE the key's URI (pkcs11:...)
#   KITSU_SIGN_PASSWORD_FILE  file with the key's password or the token's PIN, where it has one
#   KITSU_SIGN_PKCS11_MODULE  library of a token or HSM (.so)
#   KITSU_SIGN_COMMAND        in the place of certificate and key: a program that is run as `PROGRAM IN OUT` for each
#                             file and signs it with a timestamp (a cloud's signing service, signtool elsewhere)
#   KITSU_SIGN_TIMESTAMP      URL of an RFC 3161 server; `none` makes signatures that end with the certificate
#   KITSU_SIGN_CA             PEM file of roots that each new signature is verified with (the system's without it)
#   KITSU_SIGN_TIMESTAMP_CA   the same for the timestamps (default: KITSU_SIGN_CA)
#
# Needs: apt-get install -y --no-install-recommends osslsigncode
# Exit codes: 0 signed, or an unsigned build; 1 a file could not be signed; 2 usage, or inputs that do not fit together.
set -euo pipefail

MAKERS='O=Python Software Foundation|O=Microsoft Corporation'
# Their roots are not Debian's, so that the chain is not judged here: these files come from wheels with locked hashes.

usage() { sed -n '/^# sign.sh/,/^set /{/^#/s/^# \{0,1\}//p}' "$0"; exit "$1"; }
fail() { printf 'sign.sh: %s\n' "${@:2}" >&2; exit "$1"; }
case ${1:-} in '') usage 2 >&2 ;; -h | --help) usage 0 ;; esac

CERTIFICATE=${KITSU_SIGN_CERTIFICATE:-} KEY=${KITSU_SIGN_KEY:-} PASSWORD=${KITSU_SIGN_PASSWORD_FILE:-}
MODULE=${KITSU_SIGN_PKCS11_MODULE:-} COMMAND=${KITSU_SIGN_COMMAND:-} TIMESTAMP=${KITSU_SIGN_TIMESTAMP:-}
CA=${KITSU_SIGN_CA:-} TIMESTAMP_CA=${KITSU_SIGN_TIMESTAMP_CA:-${KITSU_SIGN_CA:-}}

check_inputs() {
    local name
    if [ -n "$COMMAND" ]; then
        [ -z "$CERTIFICATE$KEY$PASSWORD$MODULE$TIMESTAMP" ] ||
            fail 2 "KITSU_SIGN_COMMAND signs by itself." "Set it alone, or certificate, key and timestamp without it."
        [ -x "$COMMAND" ] || fail 2 "KITSU_SIGN_COMMAND cannot be run: $COMMAND" "Name one program, by its whole path."
    else
        for name in KITSU_SIGN_CERTIFICATE KITSU_SIGN_KEY KITSU_SIGN_TIMESTAMP; do
            [ -n "${!name:-}" ] || fail 2 "$name is missing; other signing inputs are set." \
                "Set all of KITSU_SIGN_CERTIFICATE, KITSU_SIGN_KEY and KITSU_SIGN_TIMESTAMP (none: without), or nothing."
        done
    fi
    [ -n "$MODULE" ] && set -- KITSU_SIGN_PKCS11_MODULE || set -- KITSU_SIGN_KEY
    for name in "$@" KITSU_SIGN_CERTIFICATE KITSU_SIGN_PASSWORD_FILE KITSU_SIGN_CA KITSU_SIGN_TIMESTAMP_CA; do
        [ -z "${!name:-}" ] || [ -r "${!name}" ] || fail 2 "$name cannot be read: ${!name}" "Name a file that is there."
    done
    command -v osslsigncode >/dev/null || fail 1 "osslsigncode is missing." "Run apt-get install osslsigncode."
}

kind() { # FILE: pe, msi, or nothing
    case $(head -c 8 "$1" | od -An -tx1 | tr -d ' \n') in
        4d5a*) echo pe ;;
        d0cf11e0a1b11ae1) echo msi ;;
    esac
}

collect() { # FILE-OR-FOLDER...: fills `files`
    local one file
    for one in "$@"; do
        if [ -d "$one" ]; then
            while IFS= read -r -d '' file; do
                if [ "$(kind "$file")" = pe ]; then files+=("$file"); fi
            done < <(find "$one" -type f -print0 | sort -z)
        elif [ ! -f "$one" ]; then
            fail 2 "there is no such file: $one" "Name files or folders that are there."
        elif [ -n "$(kind "$one")" ]; then
            files+=("$one")
        else
            fail 2 "neither a Windows program or library nor an MSI: $one" "Name EXE, DLL, PYD or MSI files, or folders."
        fi
    done
    [ ${#files[@]} -gt 0 ] || fail 2 "there is nothing to sign in: $*" "Name a folder that holds Windows programs."
}

by_its_maker() { # FILE: whether Python's or Microsoft's signature is on it, and fits
    local told
    told=$(osslsigncode verify -ignore-crl -ignore-cdp -in "$1" 2>/dev/null || true)
    [ "$(grep -A2 "^Signer's certificate:" <<<"$told" | grep -c 'Signer #0')" -gt 0 ] || return 1
    grep -A3 "^Signer's certificate:" <<<"$told" | grep 'Subject:' | grep -Eq "/($MAKERS)(/|$)" || return 1
    [ "$(sed -n 's/^Current message digest *: *//p' <<<"$told" | head -1)" = \
        "$(sed -n 's/^Calculated message digest *: *//p' <<<"$told" | head -1)" ] ||
        fail 1 "its maker's signature does not fit any more: $1" "Somebody changed it. Build again from the locked wheels."
}

sign() { # IN OUT
    if [ -n "$COMMAND" ]; then "$COMMAND" "$1" "$2"; return; fi
    set -- -in "$1" -out "$2"
    [ "$TIMESTAMP" = none ] || set -- -ts "$TIMESTAMP" "$@"
    [ -z "$PASSWORD" ] || set -- -readpass "$PASSWORD" "$@"
    [ -z "$MODULE" ] || set -- -pkcs11module "$MODULE" "$@"
    osslsigncode sign -h sha256 -n "Kitsu Launcher" -certs "$CERTIFICATE" -key "$KEY" "$@"
}

verified() { # FILE: its signature and its timestamp, to the root
    local told
    told=$(osslsigncode verify -ignore-crl -ignore-cdp ${CA:+-CAfile "$CA"} ${TIMESTAMP_CA:+-TSA-CAfile "$TIMESTAMP_CA"} \
        -in "$1" 2>&1) || { printf '%s\n' "$told" >&2; return 1; }
    [ "$TIMESTAMP" = none ] || grep -q 'Timestamp time:' <<<"$told" || { echo "It has no timestamp." >&2; return 1; }
}

if [ -z "$CERTIFICATE$KEY$PASSWORD$MODULE$COMMAND$TIMESTAMP$CA$TIMESTAMP_CA" ]; then
    echo "sign.sh: unsigned build: none of the signing inputs is set (see sign.sh --help)." >&2
    exit 0
fi
check_inputs
files=() new=()
collect "$@"
work=$(mktemp -d)
trap 'rm -rf "$work" ${new[@]+"${new[@]}"}' EXIT
left=0
for number in "${!files[@]}"; do
    file=${files[number]}
    if by_its_maker "$file"; then
        left=$((left + 1))
        continue
    fi
    temporary=$(mktemp "$(dirname "$file")/.signing-XXXXXX")
    new[number]=$temporary
    rm "$temporary" # osslsigncode does not write over a file
    sign "$file" "$temporary" >"$work/told" 2>&1 ||
        { cat "$work/told" >&2; fail 1 "it could not be signed: $file" "Nothing was changed. See what is told above."; }
    verified "$temporary" || fail 1 "its new signature is not valid: $file" \
        "Nothing was changed. KITSU_SIGN_CA names the roots that it is verified with."
    chmod --reference="$file" "$temporary"
    touch --reference="$file" "$temporary"
done
for number in "${!new[@]}"; do mv -f "${new[number]}" "${files[number]}"; done
printf 'sign.sh: signed %d files; %d have the signature of their own maker.\n' "${#new[@]}" "$left"
