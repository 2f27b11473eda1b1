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
for o; do case $o in -Dwerror=*) werror=${o#*=} ;; esac; done
printf '[options]\n%s\n' "${werror:+werror = $werror}" > "$folder/meson-private/cmd_line.txt"
'''
NINJA = r'''#!/bin/bash
echo "ninja $*" >> "$CALLS"
cat "$OUTPUT"
[ ! -s "$OUTPUT" ]
'''


class Copy:
    """bench/ alone, in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.calls, self.output = os.path.join(folder, 'calls'), os.path.join(folder, 'output')
        shutil.copytree(os.path.join(ROOT, 'bench'), os.path.join(folder, 'bench'),
                        ignore=shutil.ignore_patterns('*.c', '*.h', '*.cc'))
        os.mkdir(os.path.join(folder, 'bin'))
        for name, text in (('meson', MESON), ('ninja', NINJA)):
            path = os.path.join(folder, 'bin', name)
            with open(path, 'w') as f:
                f.write(text)
            os.chmod(path, 0o755)

    def build(self, *options, output=''):
        """What setup_build says on standard error, its status, and who was called."""
        with open(self.output, 'w') as f:
            f.write(output)
        open(self.calls, 'w').close()
        env = dict(os.environ, CALLS=self.calls, OUTPUT=self.output, TMPDIR=self.folder,
                   PATH=os.path.join(self.folder, 'bin') + ':' + os.environ['PATH'])
        script = '. bench/setup.sh; setup_build build "$@"; setup_done'
        done = subprocess.run(['bash', '-uc', script, 'bash', *options], cwd=self.folder, env=env,
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
        assert re.search(r'^setup_build build -Dwerror=false\b', f.read(), flags=re.M)
    with open(os.path.join(ROOT, 'tests', 'run')) as f:
        assert 'werror=false' not in f.read()


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
    for case in (warnings_are_errors_for_the_tests_only, errors_come_first):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
