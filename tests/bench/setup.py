#!/usr/bin/env python3
"""bench/setup.sh, with a meson and a ninja that only write down how they were called.

Usage: setup.py SOURCE_ROOT
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

import tap

ROOT = sys.argv[1]
# Configures as meson does as far as setup.sh can see: two files with what was asked for.
MESON = r'''#!/bin/bash
echo "meson $*" >> "$CALLS"
folder=$2
mkdir -p "$folder/meson-private"; touch "$folder/build.ninja"
[ "$1" = setup ] && echo '[options]' > "$folder/meson-private/cmd_line.txt"
for o; do case $o in -D*) o=${o#-D}; sed -i "/^${o%%=*} =/d" "$folder/meson-private/cmd_line.txt"
  echo "${o%%=*} = ${o#*=}" >> "$folder/meson-private/cmd_line.txt" ;; esac; done
'''
NINJA = r'''#!/bin/bash
echo "ninja $*" >> "$CALLS"
cat "$OUTPUT"
[ ! -s "$OUTPUT" ]
'''


# Installs all that are named, or none: not those of $CONFLICTS, and not at any other's price.
APT = r'''#!/bin/bash
echo "apt-get $*" >> "$CALLS"
[ "$1" = install ] || exit 0
# Whether a package of a server would start it, and make a database: what its scripts ask.
"$CONTEND_SETUP_PREFIX/usr/sbin/policy-rc.d" redis-server start 2>/dev/null
echo "policy $?" >> "$CALLS"
grep -q '^create_main_cluster = false' "$CONTEND_SETUP_PREFIX/etc/postgresql-common/createcluster.conf" \
  2>/dev/null && echo 'no cluster' >> "$CALLS"
[ -z "$INTERRUPTED" ] || kill -KILL $PPID
case " $* " in *" --no-remove "*) ;; *) exit 1 ;; esac
for p; do case " $CONFLICTS " in *" $p "*) echo "E: Unable to correct problems"; exit 100 ;; esac; done
for p; do case $p in -*|install) ;; *) touch "$HERE/$p" ;; esac; done
'''
ID = '#!/bin/bash\necho 0\n'
CALL = '#!/bin/bash\necho "$(basename "$0") $*" >> "$CALLS"\n'


class Copy:
    """bench/ alone, in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.calls, self.output = os.path.join(folder, 'calls'), os.path.join(folder, 'output')
        self.machine = os.path.join(folder, 'machine')
        os.makedirs(os.path.join(self.machine, 'usr', 'sbin'))
        shutil.copytree(os.path.join(ROOT, 'bench'), os.path.join(folder, 'bench'),
                        ignore=shutil.ignore_patterns('*.c', '*.h', '*.cc'))
        os.mkdir(os.path.join(folder, 'bin'))
        for name, text in (('meson', MESON), ('ninja', NINJA), ('apt-get', APT), ('id', ID),
                           ('npm', CALL), ('update-rc.d', CALL)):
            path = os.path.join(folder, 'bin', name)
            with open(path, 'w') as f:
                f.write(text)
            os.chmod(path, 0o755)

    def install(self, *options, conflicts=(), there=(), killed=False):
        """The same for `setup.sh install`, where only what `there` names was installed before."""
        # Anew each time: what the one before was killed at may still write into its own.
        here = tempfile.mkdtemp(prefix='here', dir=self.folder)
        for package in there:
            open(os.path.join(here, package), 'w').close()
        script = os.path.join(self.folder, 'bench', 'setup.sh')
        with open(os.path.join(ROOT, 'bench', 'setup.sh')) as f:
            text = re.sub(r'^([a-z0-9+.-]+) +(command -v|pkg-config|test -e|echo) .*$',
                          r'\1 test -e "$HERE/\1"', f.read(), flags=re.M)
        with open(script, 'w') as f:
            f.write(text)
        open(self.calls, 'w').close()
        env = dict(os.environ, CALLS=self.calls, HERE=here, CONFLICTS=' '.join(conflicts),
                   CONTEND_SETUP_PREFIX=self.machine, INTERRUPTED='yes' if killed else '',
                   TMPDIR=self.folder, PATH=os.path.join(self.folder, 'bin') + ':' + os.environ['PATH'])
        done = subprocess.run([script, 'install', *options], env=env, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=60)
        return done, set(os.listdir(here))

    def build(self, *options, output=''):
        """What `setup.sh build` says on standard error, its status, and who was called."""
        with open(self.output, 'w') as f:
            f.write(output)
        open(self.calls, 'w').close()
        env = dict(os.environ, CALLS=self.calls, OUTPUT=self.output, TMPDIR=self.folder,
                   PATH=os.path.join(self.folder, 'bin') + ':' + os.environ['PATH'])
        done = subprocess.run(['bench/setup.sh', 'build', 'build', *options], cwd=self.folder, env=env,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
        with open(self.calls) as f:
            return done, f.read().replace(self.folder + '/', '').splitlines()


def warnings_are_errors_for_the_tests_only():
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(folder)
        done, calls = copy.build('-Dwerror=false')
        assert done.returncode == 0 and calls[0].endswith('-Dwerror=false'), (done, calls)
        assert copy.build('-Dwerror=false')[1] == ['ninja -C build'], 'configured twice'
        assert copy.build()[1] == ['meson configure build -Dwerror=true', 'ninja -C build']
        assert copy.build()[1] == ['ninja -C build']
        assert copy.build('-Dwerror=false')[1] == ['ninja -C build'], 'it need not be undone'
    with open(os.path.join(ROOT, 'bench', 'run')) as f:
        assert re.search(r'setup.sh" build build -Dwerror=false\b', f.read(), flags=re.M)
    with open(os.path.join(ROOT, 'tests', 'run')) as f:
        assert 'werror=false' not in f.read()


def new_options_reach_an_old_folder():
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(folder)
        copy.build('-Db_sanitize=thread')
        assert copy.build('-Dtemplates=sample', '-Db_sanitize=thread')[1] == [
            'meson configure build -Dtemplates=sample', 'ninja -C build']
        assert copy.build('-Dtemplates=sample', '-Db_sanitize=thread')[1] == ['ninja -C build']


def is_a_command():
    """No script reads it into its own shell; each group's packages can be asked for."""
    for name in ('bench/run', 'tests/run'):
        with open(os.path.join(ROOT, name)) as f:
            assert not re.search(r'^\s*(\.|source)\s', f.read(), flags=re.M), name

    def said(*arguments):
        return subprocess.run([os.path.join(ROOT, 'bench', 'setup.sh'), *arguments], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    tool, tests = said('packages').stdout.split(), said('packages', 'tests').stdout.split()
    assert 'meson' in tool and 'libcmocka-dev' not in tool, tool
    assert set(tests) > set(tool) and 'libcmocka-dev' in tests, tests
    for wrong in ([], ['frobnicate'], ['packages', 'frobnicate'], ['build']):
        done = said(*wrong)
        assert done.returncode == 2 and 'Usage: bench/setup.sh' in done.stderr, (wrong, done)


def one_package_does_not_stop_the_others():
    """An optional one that cannot be installed is named; a needed one ends it."""
    everything = set(subprocess.run([os.path.join(ROOT, 'bench', 'setup.sh'), 'packages', 'tests'],
                                    stdout=subprocess.PIPE, text=True, check=True).stdout.split())
    assert {'python3-scipy', 'mandoc', 'libcmocka-dev'} <= everything
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(folder)
        done, here = copy.install('tests')
        assert done.returncode == 0 and here == everything, (done, everything - here)
        assert 'Not installed' not in done.stderr, done.stderr
        for conflicts in (['python3-scipy'], ['clang', 'mandoc']):
            done, here = copy.install('tests', conflicts=conflicts)
            assert done.returncode == 0 and here == everything - set(conflicts), (done, here)
            for package in conflicts:
                assert f'tests that need it skip: {package}' in done.stderr, done.stderr
        done, here = copy.install('tests', conflicts=['libcmocka-dev'])
        assert done.returncode == 1 and 'Failed: apt-get install' in done.stderr, done
        done, _ = copy.install('--no-install', 'tests', there=everything - {'mandoc'})
        assert done.returncode == 0 and done.stdout.split() == ['mandoc'], done
        assert 'optional' in done.stderr, done.stderr
        done, _ = copy.install('--no-install', 'tests', there=everything - {'mandoc', 'meson'})
        assert done.returncode == 1 and done.stdout.split() == ['meson', 'mandoc'], done
        done, _ = copy.install('tests', there=everything)
        assert done.returncode == 0 and not done.stderr, done
        with open(copy.calls) as f:
            assert f.read() == '', 'it had nothing to install'


def installing_servers_starts_none():
    """Not now, not with the machine, and no database is made; what the machine says itself stays."""
    def said(path, text=None):
        path = os.path.join(copy.machine, path)
        if text is not None:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'w') as f:
                f.write(text)
            os.chmod(path, 0o755)
        if not os.path.exists(path):
            return None
        with open(path) as f:
            return f.read()

    def calls():
        with open(copy.calls) as f:
            return [line for line in f.read().splitlines() if 'apt-get update' not in line]

    policy, clusters = 'usr/sbin/policy-rc.d', 'etc/postgresql-common/createcluster.conf'
    stores = {'redis-server', 'postgresql', 'libhiredis-dev', 'libsqlite3-dev', 'libpq-dev',
              'libcurl4-openssl-dev', 'nginx-light'}
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(folder)
        done, here = copy.install('stores')
        assert done.returncode == 0 and stores <= here, (done, here)
        assert 'policy 101' in calls() and 'no cluster' in calls(), calls()
        for server in ('redis-server', 'nginx'):
            assert f'update-rc.d {server} disable' in calls(), calls()
        called = [line for line in calls() if line.startswith('npm')]
        assert len(called) == (not shutil.which('dynalite')), called
        assert all(re.search(r' dynalite(@3)?$', line) for line in called), called
        assert said(policy) is None and said(clusters) is None, (said(policy), said(clusters))
        # Where Redis is there already, nothing is done about it.
        copy.install('stores', there=here - {'libpq-dev'})
        assert 'policy 127' in calls() and not any('update-rc.d' in line for line in calls()), calls()
        # A package that cannot be installed does not leave them behind either.
        done, _ = copy.install('stores', conflicts=['postgresql'], there=here - stores)
        assert done.returncode == 0 and 'skip: postgresql' in done.stderr, done
        assert said(policy) is None and said(clusters) is None, (said(policy), said(clusters))
        # Killed in the middle: the next run cleans up, though it has nothing to install.
        copy.install('stores', there=here - {'redis-server'}, killed=True)
        assert 'exit 101' in said(policy) and 'create_main_cluster' in said(clusters)
        copy.install('stores', there=here)
        assert said(policy) is None and said(clusters) is None, (said(policy), said(clusters))
        # What was there before is there after.
        said(policy, '#!/bin/sh\nexit 104\n'), said(clusters, "start_conf = 'auto'\n")
        copy.install('stores')
        assert 'policy 104' in calls() and 'no cluster' in calls(), calls()
        assert said(policy) == '#!/bin/sh\nexit 104\n' and said(clusters) == "start_conf = 'auto'\n"


def run_installs_what_its_command_asks():
    """Two experiments ask stores as well, and without them would leave out what they are for."""
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, 'bench'))
        run = shutil.copy(os.path.join(ROOT, 'bench', 'run'), os.path.join(folder, 'bench'))
        setup = os.path.join(folder, 'bench', 'setup.sh')
        with open(setup, 'w') as f:
            f.write('#!/bin/bash\necho "$*"\nexit 1\n')
        os.chmod(setup, 0o755)
        for command, groups in (('', ''), ('list', ''), ('serve', ''), ('site', 'site'), ('stores', 'stores'),
                                ('end-to-end --quiet', 'stores'), ('cache', 'stores')):
            done = subprocess.run([run, *command.split()], stdout=subprocess.PIPE, text=True)
            assert done.returncode == 1 and done.stdout.split() == ['install', *groups.split()], (command, done)


def tests_skip_without_an_optional_program():
    """With the reason; any other missing program fails the case."""
    script = ('import subprocess, tap\n'
              'cases = tap.Cases()\n'
              'for program in ("clang", "no-such-program"):\n'
              '    cases.run(program, subprocess.run, [program])\n')
    done = subprocess.run([sys.executable, '-c', script], stdout=subprocess.PIPE, text=True,
                          env=dict(os.environ, PATH='/nonexistent'))
    lines = done.stdout.splitlines()
    assert lines[0] == '# skipped: there is no clang (Debian: clang)', lines
    assert lines[1] == 'ok 1 # SKIP clang' and lines[2] == 'not ok 2 - no-such-program', lines
    wants = re.search(r"setup_test_wants='\n(.*?)'\n", open(
        os.path.join(ROOT, 'bench', 'setup.sh')).read(), flags=re.S).group(1)
    packages = {line.split()[0] for line in wants.splitlines()}
    assert {'clang', 'mandoc', 'python3-scipy', 'libbenchmark-tools'} <= packages, packages


def errors_come_first():
    noise = ''.join(f'[{i}/300] Compiling something -Werror -o error.o\n' for i in range(200))
    wrong = 'FAILED: a.o \ncc -Werror -c a.c\na.c:3:5: error: no such thing\n'
    with tempfile.TemporaryDirectory() as folder:
        done, _ = Copy(folder).build(output=noise + wrong + noise)
        lines = done.stderr.splitlines()
        at = [i for i, line in enumerate(lines) if line.startswith('Failed: ')][0]
        assert done.returncode == 1 and lines[at + 1:at + 3] == ['FAILED: a.o ',
                                                                 'a.c:3:5: error: no such thing']
        log = re.fullmatch(r'All of it is in (\S+)', lines[at + 3]).group(1)
        with open(log) as f:
            assert noise in f.read()
        done, _ = Copy(tempfile.mkdtemp(dir=folder)).build(output=noise)
        assert 'The end of its output:' in done.stderr and '[199/300]' in done.stderr, done.stderr


def main():
    cases = tap.Cases()
    for case in (warnings_are_errors_for_the_tests_only, new_options_reach_an_old_folder,
                 is_a_command, one_package_does_not_stop_the_others,
                 installing_servers_starts_none, run_installs_what_its_command_asks,
                 tests_skip_without_an_optional_program, errors_come_first):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
