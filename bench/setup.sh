# setup.sh - finds and installs what is missing, and builds.  Sourced by bench/run
# and tests/run; the one place where packages are named.

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
libarchive-dev  pkg-config --exists libarchive
zlib1g-dev      pkg-config --exists zlib
libcsv-dev      echo "#include <csv.h>" | gcc -E -
uthash-dev      echo "#include <uthash.h>" | gcc -E -
libdw-dev       pkg-config --exists libdw
'
# Only the tests need these.
setup_test_needs='
libcmocka-dev   pkg-config --exists cmocka
clang           command -v clang
libclang-rt-dev echo "int LLVMFuzzerTestOneInput(void) { return 0; }" | clang -fsanitize=fuzzer -x c - -o /dev/null
binutils        command -v objdump
libbenchmark-tools test -e /usr/share/benchmark/compare.py
python3-scipy   test -e /usr/lib/python3/dist-packages/scipy/__init__.py
mandoc          command -v mandoc
'
# Only the long tests need these: compilers and an emulator for aarch64.
setup_long_needs='
gcc-aarch64-linux-gnu command -v aarch64-linux-gnu-gcc
g++-aarch64-linux-gnu command -v aarch64-linux-gnu-g++
qemu-user       command -v qemu-aarch64
'
# What such a build takes from the other Debian besides the -dev packages above, never installed:
# tests/support/sysroot.py.
setup_sysroot_needs='
libstdc++-12-dev
'

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

# setup_install NO_INSTALL NEEDS: makes sure that everything is there, or exits 1.
setup_install() {
  local no_install=$1 missing sudo=
  missing=$(setup_missing "$2" | tr '\n' ' ')
  missing=${missing% }
  if [ -z "$missing" ]; then
    [ "$no_install" = no ] || setup_say 'Nothing is missing.'
    return 0
  fi
  if [ "$no_install" = yes ]; then
    setup_say 'These packages are missing:'
    printf '%s\n' "$missing"
    exit 1
  fi
  if ! command -v apt-get >/dev/null; then
    setup_say "These Debian packages, or what your system calls them, are missing: $missing"
    setup_say 'There is no apt-get here; install them and run this again.'
    exit 1
  fi
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
      setup_say "These packages are missing: $missing"
      setup_say "Neither root nor sudo: ask for 'apt-get install $missing' and run this again."
      exit 1
    fi
    sudo=sudo
  fi
  setup_say "Installing with apt-get: $missing"
  # shellcheck disable=SC2086 # word splitting is meant: a list of packages
  if ! setup_logged "$sudo" apt-get install -y --no-install-recommends $missing; then
    setup_logged "$sudo" apt-get update || setup_failed 'apt-get update'
    # shellcheck disable=SC2086
    setup_logged "$sudo" apt-get install -y --no-install-recommends $missing ||
      setup_failed "apt-get install $missing"
  fi
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

# setup_build FOLDER [MESON OPTION...]: configures if needed, and builds.  A warning is an
# error unless -Dwerror=false is given, also in a folder that was configured with it.
setup_build() {
  local folder=$setup_root/$1
  shift
  setup_log=${setup_log:-$(mktemp "${TMPDIR:-/tmp}/contend-setup.XXXXXX")}
  if [ ! -f "$folder/build.ninja" ]; then
    setup_say "Configuring ${folder#"$setup_root"/}"
    setup_logged '' meson setup "$folder" "$setup_root" "$@" ||
      setup_failed "meson setup ${folder#"$setup_root"/}"
  elif [[ " $* " != *' -Dwerror=false '* ]] &&
    grep -qx 'werror = false' "$folder/meson-private/cmd_line.txt"; then
    setup_logged '' meson configure "$folder" -Dwerror=true ||
      setup_failed "meson configure ${folder#"$setup_root"/}"
  fi
  setup_say "Building ${folder#"$setup_root"/}"
  setup_logged '' ninja -C "$folder" || setup_failed "the build in ${folder#"$setup_root"/}"
}

# The log is kept only if something failed.
setup_done() {
  [ -z "${setup_log:-}" ] || rm -f "$setup_log"
  setup_log=
}
