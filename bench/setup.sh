#!/usr/bin/env bash
# bench/setup.sh - finds and installs what is missing, and builds: for bench/run and
# tests/run, which call it as a command.  The one place where packages are named.
set -uo pipefail

setup_usage() {
  cat <<'TEXT'
Usage: bench/setup.sh install [--no-install] [GROUP]...
       bench/setup.sh packages [GROUP]...
       bench/setup.sh configure FOLDER [MESON OPTION]...
       bench/setup.sh build FOLDER [MESON OPTION]... [-- TARGET...]

install makes sure that the packages are there that the tool needs, and those of each
GROUP: tests, long (the long tests), site (the pages as a site), sysroot (what the long
tests take from another Debian), stores (databases and their clients; nothing of them is
started, and no database is made).
Some are optional: where they cannot be installed, the tests that need them skip.
--no-install prints what is missing instead, and fails if something is that is not
optional.  packages prints all their names.  configure configures FOLDER in the source
folder unless it is, and gives it the options that it does not have yet.  build does so,
and builds everything, or these targets.
TEXT
}

# Debian package, and a test that says whether what it brings is there.
setup_needs='
meson           command -v meson
ninja-build     command -v ninja
gcc             command -v gcc
g++             command -v g++
pkg-config      command -v pkg-config
git             command -v git
python3         command -v python3
liburcu-dev     pkg-config --exists liburcu-memb liburcu-cds
libck-dev       pkg-config --exists ck
libbenchmark-dev pkg-config --exists benchmark
libjansson-dev  pkg-config --exists jansson
libjs-chart.js  test -e /usr/share/javascript/chart.js/chart.min.js
libarchive-dev  pkg-config --exists libarchive
zlib1g-dev      pkg-config --exists zlib
libcsv-dev      echo "#include <csv.h>" | gcc -E -
libpcre2-dev    pkg-config --exists libpcre2-8
uthash-dev      echo "#include <uthash.h>" | gcc -E -
libdw-dev       pkg-config --exists libdw
'
# Only some commands want these, which leave out what needs them: maps of other libraries and
# datastores to compare with, the live service, and a load generator for it.
setup_wants='
libcuckoo-dev   echo "#include <libcuckoo/cuckoohash_map.hh>" | g++ -E -x c++ -
libtbb-dev      pkg-config --exists tbb
libsqlite3-dev  pkg-config --exists sqlite3
libwebsockets-dev pkg-config --exists libwebsockets
libwslay-dev    echo "#include <wslay/wslay.h>" | gcc -E -
wrk             command -v wrk
'
# Only the tests need these.
setup_test_needs='
libcmocka-dev   pkg-config --exists cmocka
binutils        command -v objdump
'
# Only some tests need these, which skip without them: tests/support/tap.py.
setup_test_wants='
clang           command -v clang
libclang-rt-dev echo "int LLVMFuzzerTestOneInput(void) { return 0; }" | clang -fsanitize=fuzzer -x c - -o /dev/null
libbenchmark-tools test -e /usr/share/benchmark/compare.py
python3-scipy   test -e /usr/lib/python3/dist-packages/scipy/__init__.py
make            command -v make
mandoc          command -v mandoc
musl-tools      command -v musl-gcc
chromium        command -v chromium
chromium-driver command -v chromedriver
python3-jsonschema test -e /usr/lib/python3/dist-packages/jsonschema/__init__.py
python3-selenium test -e /usr/lib/python3/dist-packages/selenium/__init__.py
'
# Only strategies that keep their state in a database want these, which drop out without.  Each is a
# server or a client; dynalite, a server of DynamoDB's protocol, comes from npm where that is there.
# nginx stands before the service as a cache.
setup_store_wants='
redis-server    command -v redis-server
libhiredis-dev  pkg-config --exists hiredis
postgresql      echo /usr/lib/postgresql/*/bin/postgres | grep -v "[*]"
libpq-dev       pkg-config --exists libpq
libcurl4-openssl-dev pkg-config --exists libcurl
nginx-light     test -e /usr/sbin/nginx
'
# Only the long tests need these: compilers and an emulator for aarch64.
setup_long_needs='
gcc-aarch64-linux-gnu command -v aarch64-linux-gnu-gcc
g++-aarch64-linux-gnu command -v aarch64-linux-gnu-g++
qemu-user       command -v qemu-aarch64
'
# Only `bench/run site` needs these: the generator, its theme, its Markdown, and drawings.
setup_site_needs='
python3-sphinx  test -e /usr/lib/python3/dist-packages/sphinx/__init__.py
python3-myst-parser test -e /usr/lib/python3/dist-packages/myst_parser/__init__.py
furo            test -e /usr/lib/python3/dist-packages/furo/__init__.py
graphviz        command -v dot
'
# What such a build takes from the other Debian besides the -dev packages above, never installed:
# tests/support/sysroot.py.
setup_sysroot_needs='
libstdc++-12-dev
'

# setup_of [--optional] GROUP...: the lines of the tool's packages and of these groups that are
# needed, or those that are optional.
setup_of() {
  local group optional=no
  [ "${1:-}" != --optional ] || { optional=yes; shift; }
  [ "$optional" = yes ] && printf '%s' "$setup_wants" || printf '%s' "$setup_needs"
  for group; do
    case "$optional $group" in
      'no tests') printf '%s' "$setup_test_needs" ;;
      'yes tests') printf '%s%s' "$setup_test_wants" "$setup_site_needs" ;;
      'yes stores') printf '%s' "$setup_store_wants" ;;
      'no long') printf '%s' "$setup_long_needs" ;;
      'no sysroot') printf '%s' "$setup_sysroot_needs" ;;
      'no site') printf '%s' "$setup_site_needs" ;;
      'yes long' | 'yes sysroot' | 'yes site' | 'no stores') ;;
      *) setup_usage >&2; exit 2 ;;
    esac
  done
}

setup_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

setup_say() { printf '%s\n' "$*" >&2; }

# setup_missing NEEDS: the packages whose test fails, one a line.
setup_missing() {
  local package probe
  while read -r package probe; do
    [ -n "$package" ] || continue
    eval "$probe" >/dev/null 2>&1 || printf '%s\n' "$package"
  done <<< "$1"
}

# Debian's packages of servers start them, and make a database, unless they are told not to.  A rule
# that the machine has already, or such a server, is left as it is.
setup_policy=${CONTEND_SETUP_PREFIX:-}/usr/sbin/policy-rc.d
setup_clusters=${CONTEND_SETUP_PREFIX:-}/etc/postgresql-common/createcluster.conf
setup_template=${CONTEND_SETUP_PREFIX:-}/usr/share/postgresql-common/createcluster.conf
setup_mark='# contend: until an installation has ended'

# setup_hush SUDO: until setup_unhush, installing starts no service and makes no database.
setup_hush() {
  if [ ! -e "$setup_policy" ]; then
    printf '%s\n' '#!/bin/sh' "$setup_mark" 'exit 101' | $1 tee "$setup_policy" > /dev/null
    $1 chmod 755 "$setup_policy"
  fi
  $1 mkdir -p "${setup_clusters%/*}"
  printf '%s\n' "$setup_mark" 'create_main_cluster = false' | $1 tee -a "$setup_clusters" > /dev/null
}

# setup_unhush SUDO: takes back what setup_hush did; after a kill, the next run does.
setup_unhush() {
  ! grep -qsxF "$setup_mark" "$setup_policy" || $1 rm -f "$setup_policy"
  if grep -qsxF "$setup_mark" "$setup_clusters"; then
    $1 sed -i "/^$setup_mark\$/,+1d" "$setup_clusters"
    # Nothing else in it: it was not there, and is to be as the package would have it.
    if [ ! -s "$setup_clusters" ]; then
      $1 rm -f "$setup_clusters"
      [ ! -e "$setup_template" ] || $1 cp "$setup_template" "$setup_clusters"
    fi
    [ -e "$setup_clusters" ] || $1 rmdir --ignore-fail-on-non-empty "${setup_clusters%/*}"
  fi
}

# setup_apt SUDO PACKAGE...: never at the price of another package.
setup_apt() {
  local sudo=$1 status
  shift
  case " $* " in *' redis-server '* | *' postgresql '* | *' nginx-light '*) setup_hush "$sudo" ;; esac
  setup_logged "$sudo" apt-get install -y --no-remove --no-install-recommends "$@"
  status=$?
  setup_unhush "$sudo"
  # Nor is it to start with the machine: nobody but this project has asked for it.
  case "$status $* " in 0*' redis-server '*) setup_logged "$sudo" update-rc.d redis-server disable ;; esac
  case "$status $* " in 0*' nginx-light '*) setup_logged "$sudo" update-rc.d nginx disable ;; esac
  return $status
}

# setup_module NO_INSTALL: dynalite, where npm is there; for a user in the user's own folder.
setup_module() {
  local module=dynalite prefix=()
  if ! command -v npm >/dev/null || command -v dynalite >/dev/null ||
    [ -x "${HOME:-}/.local/bin/dynalite" ]; then
    return 0
  fi
  if [ "$1" = yes ]; then
    setup_say 'A module of npm is missing and optional: dynalite'
    return 0
  fi
  # Version 4 needs Node 20; Debian 12 has 18.
  [ "$(node -p 'parseInt(process.versions.node)' 2>/dev/null || echo 0)" -ge 20 ] || module=dynalite@3
  [ "$(id -u)" = 0 ] || prefix=(--prefix "$HOME/.local")
  setup_say "Installing with npm: $module"
  setup_logged '' npm install --global --ignore-scripts --no-audit --no-fund "${prefix[@]}" \
    "$module" || setup_skips "$module"
}

# setup_install [--no-install] GROUP...: makes sure that everything needed is there, or exits 1.
setup_install() {
  local no_install=no missing wanted lines sudo='' package
  [ "${1:-}" != --no-install ] || { no_install=yes; shift; }
  lines=$(setup_of "$@") || exit
  mapfile -t missing < <(setup_missing "$lines")
  mapfile -t wanted < <(setup_missing "$(setup_of --optional "$@")")
  [ "$(id -u)" = 0 ] || sudo=$(command -v sudo)
  [ "$no_install" = yes ] || setup_unhush "$sudo"
  case " $* " in *' stores '*) setup_module "$no_install" ;; esac
  if [ ${#missing[@]} = 0 ] && [ ${#wanted[@]} = 0 ]; then
    [ "$no_install" = no ] || setup_say 'Nothing is missing.'
    return 0
  fi
  if [ "$no_install" = yes ]; then
    if [ ${#missing[@]} != 0 ]; then
      setup_say 'These packages are missing:'
      printf '%s\n' "${missing[@]}"
    fi
    if [ ${#wanted[@]} != 0 ]; then
      setup_say 'These are missing and optional; what needs them is left out, or skipped:'
      printf '%s\n' "${wanted[@]}"
    fi
    [ ${#missing[@]} = 0 ] || exit 1
    return 0
  fi
  if ! command -v apt-get >/dev/null || { [ "$(id -u)" != 0 ] && [ -z "$sudo" ]; }; then
    setup_skips "${wanted[@]}"
    [ ${#missing[@]} != 0 ] || return 0
    setup_say "These packages, or what your system calls them, are missing: ${missing[*]}"
    setup_say 'They cannot be installed from here (no apt-get, or neither root nor sudo).  Have them'
    setup_say "installed, on Debian by 'apt-get install ${missing[*]}', and run this again."
    exit 1
  fi
  setup_say "Installing with apt-get: ${missing[*]} ${wanted[*]}"
  setup_apt "$sudo" "${missing[@]}" "${wanted[@]}" && return 0
  setup_logged "$sudo" apt-get update || [ ${#missing[@]} = 0 ] || setup_failed 'apt-get update'
  setup_apt "$sudo" "${missing[@]}" "${wanted[@]}" && return 0
  [ ${#missing[@]} = 0 ] || setup_apt "$sudo" "${missing[@]}" ||
    setup_failed "apt-get install ${missing[*]}"
  # One that conflicts with something here must not keep the others out.
  for package in "${wanted[@]}"; do
    setup_apt "$sudo" "$package" || setup_skips "$package"
  done
}

# setup_skips PACKAGE...: says what the tests will do without them.
setup_skips() {
  [ $# = 0 ] || setup_say "Not installed, so that the tests that need it skip: $*"
}

# setup_logged SUDO COMMAND...: runs it with its output in the log.
setup_logged() {
  local sudo=$1
  shift
  setup_log=${setup_log:-$(mktemp "${TMPDIR:-/tmp}/contend-setup.XXXXXX")}
  # The environment variable must reach apt-get through sudo as well.
  $sudo env DEBIAN_FRONTEND=noninteractive "$@" >> "$setup_log" 2>&1 < /dev/null
}

# What went wrong, first and last: a compiler's one error is followed by pages of other output.
setup_failed() {
  local errors
  errors=$(grep -E '(^|[^[:alnum:]-])([Ee]rror|ERROR):|^FAILED|^E: |undefined reference' \
           "$setup_log" | head -n 12 | cut -c 1-200)
  if [ -n "$errors" ]; then
    setup_say "Failed: $1.  The errors:"
    printf '%s\n' "$errors" >&2
  else
    setup_say "Failed: $1.  The end of its output:"
    tail -n 25 "$setup_log" >&2
  fi
  setup_say "All of it is in $setup_log"
  exit 1
}

# setup_lacks FOLDER OPTION...: those -D options that the folder was not configured with.  A
# warning that once is an error stays one: a build that minds them less changes nothing.
setup_lacks() {
  local configured=$1/meson-private/cmd_line.txt option
  shift
  for option; do
    [ "$option" != -Dwerror=false ] || continue
    option=${option#-D}
    grep -qxF "${option%%=*} = ${option#*=}" "$configured" || printf '%s\n' "-D$option"
  done
}

# setup_configure FOLDER [MESON OPTION]...: configures if needed.  A warning is an error unless
# -Dwerror=false is given, also in a folder that was configured with it.
setup_configure() {
  local folder=$setup_root/$1 lacks
  shift
  setup_log=${setup_log:-$(mktemp "${TMPDIR:-/tmp}/contend-setup.XXXXXX")}
  if [ ! -f "$folder/build.ninja" ]; then
    setup_say "Configuring ${folder#"$setup_root"/}"
    setup_logged '' meson setup "$folder" "$setup_root" "$@" ||
      setup_failed "meson setup ${folder#"$setup_root"/}"
  else
    mapfile -t lacks < <(setup_lacks "$folder" "$@")
    if [[ " $* " != *' -Dwerror=false '* ]] &&
      grep -qx 'werror = false' "$folder/meson-private/cmd_line.txt"; then
      lacks+=(-Dwerror=true)
    fi
    [ ${#lacks[@]} = 0 ] || setup_logged '' meson configure "$folder" "${lacks[@]}" ||
      setup_failed "meson configure ${folder#"$setup_root"/}"
  fi
}

# setup_build FOLDER [MESON OPTION]... [-- TARGET...]: configures if needed, and builds everything
# in the folder, or these files of it.
setup_build() {
  local folder=$setup_root/$1 options=("$1")
  shift
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    options+=("$1")
    shift
  done
  [ $# = 0 ] || shift
  setup_configure "${options[@]}"
  setup_say "Building ${folder#"$setup_root"/}"
  setup_logged '' ninja -C "$folder" "$@" || setup_failed "the build in ${folder#"$setup_root"/}"
}

# An installation that is interrupted leaves nothing of setup_hush behind.
trap '[ -z "${setup_log:-}" ] || setup_unhush "$([ "$(id -u)" = 0 ] || command -v sudo)"; exit 130' INT TERM

command=${1:-}
[ $# = 0 ] || shift
case "$command" in
  install) setup_install "$@" ;;
  packages) { setup_of "$@" && setup_of --optional "$@"; } | while read -r package _; do
      [ -z "$package" ] || printf '%s\n' "$package"
    done ;;
  build | configure)
    [ $# -gt 0 ] || { setup_usage >&2; exit 2; }
    "setup_$command" "$@"
    ;;
  --help | -h) setup_usage; exit 0 ;;
  *) setup_usage >&2; exit 2 ;;
esac
status=$?
# The log is kept only if something failed.
[ -z "${setup_log:-}" ] || rm -f "$setup_log"
exit $status
