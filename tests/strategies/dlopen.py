#!/usr/bin/env python3
"""Headers in libraries that a program opens at run time, as docs/embedding.md says of them.

Usage: dlopen.py SOURCE_ROOT CC...
"""

import os
import subprocess
import sys
import tempfile

import tap

# A library with one object of its own, and what others may do with any.
LIBRARY = '''
#include "%(header)s"
#include "locks/parts/lazy.h"
CONTEND_LAZY(%(type)s)
static struct %(type)s object;
static struct contend_lazy visits;
int open_object(struct %(type)s **made)
{
    *made = &object;
    return %(type)s_init(&object, NULL) || %(type)s_lazy_init(&visits, &object);
}
int use(struct %(type)s *any)
{
    struct %(type)s_handle me;
    if (%(type)s_attach(any, &me))
        return 1;
    int bad = %(operation)s;
    %(type)s_detach(any, &me);
    return bad;
}
int visit(void)
{
    struct %(type)s_handle *me = %(type)s_lazy_handle(&visits);
    return !me;
}
int leave(void)
{
    contend_lazy_leave(&visits);
    return 0;
}
int close_object(void)
{
    return contend_lazy_fini(&visits) || %(type)s_fini(&object);
}
'''

# Opens both, lets each use the object of the first, and closes them while a thread lives that has
# visited it and left.
PROGRAM = '''
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
static void *libraries[2];
static pthread_barrier_t next; /* both threads have done a step */
static int call(void *library, const char *name)
{
    int (*f)(void) = (int (*)(void))dlsym(library, name);
    return !f || f();
}
static void *visitor(void *bad)
{
    *(int *)bad = call(libraries[0], "visit");
    pthread_barrier_wait(&next);
    pthread_barrier_wait(&next);
    *(int *)bad |= call(libraries[0], "leave");
    pthread_barrier_wait(&next);
    pthread_barrier_wait(&next);
    return NULL; /* and must call nothing in a library that is not there any more */
}
int main(int argc, char **argv)
{
    int scope = atoi(argv[1]), bad = argc != 4, error;
    pthread_t thread;
    void *object;
    for (int i = 0; i < 2; i++)
        if (!(libraries[i] = dlopen(argv[2 + i], RTLD_NOW | (scope ? RTLD_GLOBAL : RTLD_LOCAL))))
            return fprintf(stderr, "%s\\n", dlerror()), 1;
    int (*open_object)(void **) = (int (*)(void **))dlsym(libraries[0], "open_object");
    if (!open_object || open_object(&object))
        return 1;
    for (int turn = 0; turn < 4; turn++) {
        int (*use)(void *) = (int (*)(void *))dlsym(libraries[turn % 2], "use");
        bad |= !use || use(object);
    }
    pthread_barrier_init(&next, NULL, 2);
    if (pthread_create(&thread, NULL, visitor, &error))
        return 1;
    pthread_barrier_wait(&next);
    bad |= !call(libraries[0], "close_object"); /* the visitor is still attached */
    pthread_barrier_wait(&next);
    pthread_barrier_wait(&next);
    bad |= error | call(libraries[0], "close_object");
    bad |= dlclose(libraries[1]) | dlclose(libraries[0]);
    pthread_barrier_wait(&next);
    return pthread_join(thread, NULL) || bad;
}
'''

COUNTER = '%(type)s_add(any, &me, 1)'
PRESENCE = '%(type)s_heartbeat(any, &me, 7, 1000) < 0 || %(type)s_is_online(any, &me, 7, 1000) != 1'
LOCK = '(%(type)s_acquire(any, &me), %(type)s_release(any, &me), 0)'
OPERATIONS = {'counters': ('counter', COUNTER), 'presence_map': ('presence', PRESENCE),
              'locks': ('lock', LOCK)}
# Each in the scopes where it may be opened, and with what it links.
LOCAL, GLOBAL = '0', '1'
TRIED = {'counters/faa': ([LOCAL, GLOBAL], []), 'counters/striped': ([LOCAL, GLOBAL], []),
         'locks/mcs': ([LOCAL, GLOBAL], []), 'locks/parking_lot': ([GLOBAL], []),
         'presence_map/quotient': ([LOCAL, GLOBAL], []),
         'presence_map/urcu_lfht': ([GLOBAL], ['liburcu-memb', 'liburcu-cds'])}


def flags_of(packages):
    if not packages:
        return []
    done = subprocess.run(['pkg-config', '--cflags', '--libs', *packages], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise tap.Skip(f'not here: {" ".join(packages)}')
    return done.stdout.split()


def build(root, cc, folder, entry, packages):
    """Two libraries with one header, and the program that opens them."""
    room, name = entry.split('/')
    kind, operation = OPERATIONS[room]
    words = {'header': f'{entry}.h', 'type': f'{kind}_{name}'}
    library = LIBRARY % {**words, 'operation': operation % words}
    made = []
    for output, text, flags in (('one.so', library, ['-shared', '-fPIC', *flags_of(packages)]),
                                ('two.so', library, ['-shared', '-fPIC', *flags_of(packages)]),
                                ('program', PROGRAM, ['-ldl'])):
        made.append(os.path.join(folder, output))
        done = subprocess.run([*cc, '-std=c11', '-D_GNU_SOURCE', '-I' + root, '-pthread', '-x', 'c', '-', '-x', 'none',
                               *flags, '-o', made[-1]], input=text, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120)
        assert done.returncode == 0, done.stdout
    return made


def shared_between_libraries(root, cc, entry, scopes, packages):
    with tempfile.TemporaryDirectory() as folder:
        one, two, program = build(root, cc, folder, entry, packages)
        for scope in scopes:
            done = subprocess.run([program, scope, one, two], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, timeout=60)
            assert done.returncode == 0, f'scope {scope}: {done.returncode} {done.stdout}'


def main():
    root, cc = os.path.abspath(sys.argv[1]), sys.argv[2:]
    cases = tap.Cases()
    for entry, (scopes, packages) in TRIED.items():
        cases.run(f'two libraries share a {entry}', shared_between_libraries, root, cc, entry, scopes, packages)
    cases.finish()


if __name__ == '__main__':
    main()
