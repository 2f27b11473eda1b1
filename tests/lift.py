#!/usr/bin/env python3
"""Lift test: every strategy header alone, copied out with the files it needs.

For each header the project files that it includes are found by the compiler,
copied to an empty folder, and compiled there together with a small program that
uses the strategy.  Both compilers, warnings are errors, and the program must run.

Usage: lift.py SOURCE_ROOT LOCKS HEADER...
  LOCKS    the locks of this build, comma-separated
  HEADER   room/name.h, as in the build's list
"""

import os
import shutil
import subprocess
import sys
import tempfile

import tap

WARNINGS = ['-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Werror']
C_FLAGS = ['-std=c11', '-D_GNU_SOURCE', '-O1'] + WARNINGS

LOCK = '''
#include "locks/%(name)s.h"
int main(void)
{
    static struct lock_%(name)s lock;
    static struct lock_%(name)s_handle me;
    if (lock_%(name)s_init(&lock) || lock_%(name)s_attach(&me))
        return 1;
    lock_%(name)s_acquire(&lock, &me);
    lock_%(name)s_release(&lock, &me);
    lock_%(name)s_detach(&me);
    return lock_%(name)s_fini(&lock) || !lock_%(name)s_traits.id.name;
}
'''

COUNTER = '''
#include "counters/%(name)s.h"
int main(void)
{
    static struct counter_%(name)s counter;
    static struct counter_%(name)s_handle me;
    static const struct counter_config defaults;
    if (counter_%(name)s_init(&counter, &defaults) || counter_%(name)s_attach(&counter, &me))
        return 1;
    int bad = counter_%(name)s_add(&counter, &me, 1) || counter_%(name)s_add(&counter, &me, 1);
    if (!(counter_%(name)s_traits.id.flags & CONTEND_FLOOR))
        bad |= counter_%(name)s_read(&counter, &me) != 2;
    counter_%(name)s_detach(&counter, &me);
    return bad || counter_%(name)s_fini(&counter);
}
'''

MAP = '''
#include "presence_map/%(name)s.h"
int main(void)
{
    static struct presence_%(name)s map;
    static struct presence_%(name)s_handle me;
    static const struct presence_config defaults;
    if (presence_%(name)s_init(&map, &defaults) || presence_%(name)s_attach(&map, &me))
        return 1;
    int bad = presence_%(name)s_heartbeat(&map, &me, 1, 5000) < 0;
    if (!(presence_%(name)s_traits.id.flags & CONTEND_FLOOR))
        bad |= presence_%(name)s_is_online(&map, &me, 1, 35000) != 1 ||
               presence_%(name)s_is_online(&map, &me, 1, 36000) != 0;
    presence_%(name)s_detach(&map, &me);
    return bad || presence_%(name)s_fini(&map);
}
'''

PROGRAMS = {'locks': LOCK, 'counters': COUNTER, 'presence_map': MAP}


def run(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=120, **options)
    assert done.returncode == 0, ' '.join(command) + '\n' + done.stdout
    return done.stdout


def pkg_config(what):
    return run(['pkg-config', what, 'liburcu-memb', 'liburcu-cds', 'ck']).split()


def needed_files(root, header, defines):
    """The project files that a header includes, itself among them."""
    rule = run(['gcc', *C_FLAGS, *defines, *pkg_config('--cflags'), '-I', root, '-MM', '-x', 'c',
                os.path.join(root, header)])
    files = rule.replace('\\\n', ' ').split(':', 1)[1].split()
    return [os.path.relpath(f, root) for f in files]


def lift(root, header, lock, compiler):
    room, name = header[:-2].split('/')
    defines = [f'-DCONTEND_LOCK={lock}'] if lock else []
    with tempfile.TemporaryDirectory() as folder:
        for f in needed_files(root, header, defines):
            os.makedirs(os.path.join(folder, os.path.dirname(f)), exist_ok=True)
            shutil.copy(os.path.join(root, f), os.path.join(folder, f))
        with open(os.path.join(folder, 'use.c'), 'w') as program:
            program.write(PROGRAMS[room] % {'name': name})
        run([compiler, *C_FLAGS, *defines, *pkg_config('--cflags'), '-I', '.', 'use.c', '-o', 'use',
             *pkg_config('--libs'), '-lpthread'], cwd=folder)
        run(['./use'], cwd=folder)


def refuses_cxx(root, header, compiler):
    """From C++ a strategy header stops with a sentence, not with a page of errors."""
    done = subprocess.run([compiler, '-std=c++17', '-D_GNU_SOURCE', '-I', root, '-fsyntax-only',
                           '-x', 'c++', os.path.join(root, header)], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=120)
    assert done.returncode != 0 and 'strategy headers are C11' in done.stdout, done.stdout


def contract_is_cxx(root, header, compiler):
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, 'use.cc')
        with open(source, 'w') as program:
            program.write(f'#include "{header}"\nint main() {{ return 0; }}\n')
        run([compiler, '-std=c++17', *WARNINGS, '-I', root, '-fsyntax-only', source])


def main():
    root, locks, headers = sys.argv[1], sys.argv[2].split(','), sys.argv[3:]
    cases = tap.Cases()
    for compiler in ('gcc', 'clang'):
        for header in dict.fromkeys(headers):
            templated = headers.count(header) > 1
            for lock in locks if templated else [None]:
                name = f'{header} lifted with {compiler}' + (f' and lock {lock}' if lock else '')
                cases.run(name, lift, root, header, lock, compiler)
    for compiler in ('g++', 'clang++'):
        for contract in ('locks/lock.h', 'counters/counter.h', 'presence_map/presence_map.h'):
            cases.run(f'{contract} is C++17 for {compiler}', contract_is_cxx, root, contract,
                      compiler)
    cases.run('a strategy header refuses C++', refuses_cxx, root, 'counters/faa.h', 'g++')
    cases.finish()


if __name__ == '__main__':
    main()
