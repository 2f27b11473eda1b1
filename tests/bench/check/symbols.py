#!/usr/bin/env python3
"""The checker's library leaves all names but its own to the program under test.

Usage: symbols.py SOURCE_ROOT LIBRARY
"""

import os
import re
import subprocess
import sys
import tempfile

import tap

# Names that the checker's own files use too; the linker must not see those.
PROGRAM = '''
#include <pthread.h>
#include "bench/check/check.h"

int run, *pool = &run, machine, explorer_driver;
void fail(int *at);
void fail(int *at) { ++*at; }
int choose(int *at);
int choose(int *at) { return *at; }
void trace(void *context, unsigned thread);
void trace(void *context, unsigned thread)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    (void)context;
    (void)thread;
    LOCK(&lock);
    fail(pool);
    UNLOCK(&lock);
}
static void schedule_execute(void *context) { (void)context; run = 0; }
static void finally(void *context) { (void)context; check_that(choose(pool) == 2); }
static const struct check_test test = { .name = "own_names", .setup = schedule_execute,
                                        .body = trace, .thread_count = 2, .finally = finally };
int main(int argc, char **argv)
{
    const struct check_test *const tests[] = { &test, NULL };
    return check_main(tests, argc, argv);
}
'''


def run(*command, status=0):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=120)
    assert done.returncode == status, f'{" ".join(command)}\n{done.returncode}\n{done.stdout}'
    return done.stdout


def all_have_the_prefix(library):
    names = {line.split()[-1] for line in run('nm', '-g', '--defined-only', library).splitlines()
             if len(line.split()) == 3}
    assert {'check_run', 'check_main', '__tsan_read4'} <= names, sorted(names)
    # The others stand in for what the compiler calls, or libstdc++ (thread-local objects,
    # std::thread, its sleep, std::condition_variable and the waits of futures), and the linker for a program's own main().
    foreign = sorted(n for n in names
                     if not re.match('check_|__tsan_|__atomic_\\w+_16$|_Z(nw|na|dl|da)|'
                                     '_ZNSt(6thread|6chrono3_V212(steady|system)_clock3now|11this_thread|18condition_variable|28__atomic_futex)|'
                                     '__cxa_thread_atexit$|__wrap_main$', n))
    assert not foreign, ('without the prefix check_ (static, or bench/machine/linkage.h): '
                         + ', '.join(foreign))


def own_names_link(root, library, compiler):
    with tempfile.TemporaryDirectory() as folder:
        stem = os.path.join(folder, 'own')
        with open(stem + '.c', 'w') as f:
            f.write(PROGRAM)
        for lock, status, verdict in (('pthread_mutex_lock', 0, 'nothing found'),
                                      ('(void)', 1, 'data race: ')):
            unlock = lock.replace('_lock', '_unlock')
            run(compiler, '-std=c11', '-D_GNU_SOURCE', '-g', '-I' + root, '-fsanitize=thread',
                f'-DLOCK={lock}', f'-DUNLOCK={unlock}',
                '-include', os.path.join(root, 'bench/machine/redirect.h'), '-c', stem + '.c',
                '-o', stem + '.o')
            run(compiler, stem + '.o', library, '-ldw', '-o', stem)
            said = run(stem, status=status)
            assert verdict in said, said


def main():
    root, library = sys.argv[1:3]
    cases = tap.Cases()
    cases.run('every name has the prefix', all_have_the_prefix, library)
    for compiler in ('gcc', 'clang'):
        cases.run(f'a program with such names of its own links, {compiler}', own_names_link, root,
                  library, compiler)
    cases.finish()


if __name__ == '__main__':
    main()
