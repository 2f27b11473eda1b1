#!/usr/bin/env python3
"""`contend lab new` and `contend lab judge`: skeletons fail, solutions pass, and subtle mistakes are found.

Usage: homework.py CONTEND
"""

import json
import os
import re
import shutil
import subprocess
import tempfile

import tap
from tool import contend, expect

KINDS = ['lock', 'counter', 'stack', 'queue', 'seqlock', 'map']


def locked(operations):
    """The skeleton under a mutex: what was there is renamed, and called with the mutex held."""
    def change(kind, text):
        text = text.replace('#include <stdatomic.h>', '#include <pthread.h>\n#include <stdatomic.h>')
        text = text.replace(f'struct {kind} {{\n', f'struct {kind} {{\n    pthread_mutex_t mutex;\n')
        text = re.sub(rf'(static inline int {kind}_init\(struct {kind} \*(\w)\)\n{{\n)',
                      r'\1    pthread_mutex_init(&\2->mutex, NULL);\n', text)
        wrappers = ''
        for name, (result, parameters, arguments) in operations.items():
            text = text.replace(f'{name}(', f'{name}_alone(')
            wrappers += (f'static inline {result} {name}(struct {kind} *o, {parameters})\n{{\n'
                         f'    pthread_mutex_lock(&o->mutex);\n'
                         f'    {result} result = {name}_alone(o, {arguments});\n'
                         f'    pthread_mutex_unlock(&o->mutex);\n    return result;\n}}\n\n')
        return text.replace('#endif', wrappers + '#endif')
    return change


def put_in(*pairs):
    """The skeleton with these texts replaced."""
    def change(_, text):
        for old, new in pairs:
            assert old in text, old
            text = text.replace(old, new)
        return text
    return change


SPIN = ('    (void)l;\n}\n\nstatic inline void lock_release',
        '    while (atomic_exchange_explicit(&l->held, 1, memory_order_acquire))\n        lock_relax();\n}\n\n'
        'static inline void lock_release')
RELEASE = 'static inline void lock_release(struct lock *l)\n{\n    (void)l;'
STORE = ('static inline void lock_release(struct lock *l)\n{{\n'
         '    atomic_store_explicit(&l->held, 0, memory_order_{});')
WRITE = '''    unsigned version = atomic_load_explicit(&s->version, memory_order_relaxed);

    atomic_store_explicit(&s->version, version + 1, memory_order_relaxed);
    FENCE
    atomic_store_explicit(&s->a, a, memory_order_relaxed);
    atomic_store_explicit(&s->b, b, memory_order_relaxed);
    atomic_store_explicit(&s->version, version + 2, memory_order_release);'''
READ = '''    unsigned version;

    for (;; seqlock_relax()) {
        version = atomic_load_explicit(&s->version, memory_order_acquire);
        *a = atomic_load_explicit(&s->a, memory_order_relaxed);
        *b = atomic_load_explicit(&s->b, memory_order_relaxed);
        atomic_thread_fence(memory_order_acquire);
        if (!(version & 1) && atomic_load_explicit(&s->version, memory_order_relaxed) == version)
            return;
    }'''


def seqlock(fence):
    return put_in(('long a, b;\n};', 'atomic_long a, b;\n};'), ('    s->a = s->b = 0;', '    s->a = 0;\n    s->b = 0;'),
                  ('    s->a = a;\n    s->b = b;', WRITE.replace('FENCE', fence)),
                  ('    *a = s->a;\n    *b = s->b;', READ))


TREIBER = put_in(('struct stack_node *top;\n};', '_Atomic(struct stack_node *) top;\n};'),
                 ('    node->next = s->top;\n    s->top = node;',
                  '    node->next = atomic_load(&s->top);\n'
                  '    while (!atomic_compare_exchange_weak(&s->top, &node->next, node))\n        continue;'),
                 ('    struct stack_node *node = s->top;\n\n    if (!node)\n        return false;\n'
                  '    s->top = node->next;\n',
                  '    struct stack_node *node = atomic_load(&s->top);\n\n'
                  '    while (node && !atomic_compare_exchange_weak(&s->top, &node, node->next))\n'
                  '        continue;\n    if (!node)\n        return false;\n'))
SOLUTIONS = {
    'lock': put_in(SPIN, (RELEASE, STORE.format('release'))),
    'counter': put_in(('    long value;', '    _Atomic long value;')),
    'stack': locked({'stack_push': ('bool', 'long value', 'value'),
                     'stack_pop': ('bool', 'long *value', 'value')}),
    'queue': locked({'queue_put': ('bool', 'long value', 'value'),
                     'queue_take': ('bool', 'long *value', 'value')}),
    'seqlock': seqlock('atomic_thread_fence(memory_order_release);'),
    'map': locked({'map_put': ('bool', 'int key, int value', 'key, value'),
                   'map_get': ('int', 'int key', 'key')}),
}
# What each becomes wrong by, and how that is called.
MISTAKES = {
    'lock': (put_in(SPIN, (RELEASE, STORE.format('relaxed'))), 'data race'),
    'counter': (put_in(('    long value;', '    _Atomic long value;'),
                       ('c->value += n;', 'c->value = c->value + n;')), 'assertion'),
    'stack': (TREIBER, 'data race'),  # of the free with a slow reader
    'queue': (locked({'queue_put': ('bool', 'long value', 'value')}), 'data race'),  # a take beside a put
    'seqlock': (seqlock('(void)0;'), 'assertion'),
    'map': (locked({'map_put': ('bool', 'int key, int value', 'key, value')}), 'data race'),
}


def homework(folder, kind, change=None):
    path = os.path.join(folder, kind)
    expect(contend('lab', 'new', kind, path), 0, [f'{kind}.h', 'Makefile'])
    if change:
        header = os.path.join(path, f'{kind}.h')
        with open(header) as f:
            text = f.read()
        with open(header, 'w') as f:
            f.write(change(kind, text))
    return path


def judged(path, status):
    verdict = os.path.join(os.path.dirname(path), 'verdict.json')
    done = expect(contend('lab', 'judge', path, f'--json={verdict}'), status)
    with open(verdict) as f:
        told = json.load(f)
    assert told['passed'] == (status == 0) and told['kind'] == os.path.basename(path), told
    return {part['part']: part['verdict'] for part in told['parts']}, done.stdout


def skeleton_fails(kind):
    """By `make`, as a student asks; with two lines in the Makefile."""
    with tempfile.TemporaryDirectory() as folder:
        path = homework(folder, kind)
        with open(os.path.join(path, 'Makefile')) as f:
            assert len(f.read().splitlines()) == 2
        if not shutil.which('make'):
            raise tap.Skip('there is no make')
        done = subprocess.run(['make', '-C', path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=300)
        assert done.returncode != 0 and 'data race' in done.stdout and f'{kind}.h' in done.stdout, done.stdout


def solution_passes(kind):
    with tempfile.TemporaryDirectory() as folder:
        parts, out = judged(homework(folder, kind, SOLUTIONS[kind]), 0)
    assert parts['compiles'] == 'yes' and parts['checker'] == 'nothing found', out
    assert 'rounds' in parts['stress'] and 'times a mutex' in parts['speed'], out
    holds_up = kind in ('lock', 'stack', 'queue', 'map', 'seqlock')
    assert ('blocking' in parts['progress']) == holds_up, out


def mistake_is_found(kind):
    change, verdict = MISTAKES[kind]
    with tempfile.TemporaryDirectory() as folder:
        parts, out = judged(homework(folder, kind, change), 1)
    assert verdict in parts['checker'], out
    assert 'step' in out and f'{kind}.h:' in out, out
    assert verdict != 'assertion' or 'One after the other, in whatever order' in out, out


def what_does_not_compile_is_shown():
    with tempfile.TemporaryDirectory() as folder:
        parts, out = judged(homework(folder, 'counter', put_in(('long value;', 'lnog value;'))), 1)
    assert 'FAILED' in parts['compiles'] and 'lnog' in out, out


def without_model(call):
    """An atomic counter that makes this call as well, for which the checker has no model."""
    return put_in(('    long value;', '    _Atomic long value;'),
                  ('#include <stdatomic.h>', '#include <pthread.h>\n#include <stdatomic.h>\n'
                   '#include <sys/syscall.h>\n#include <unistd.h>'),
                  ('    c->value = 0;', f'    {call}\n    c->value = 0;'))


def what_has_no_model_is_not_judged():
    """A function that does not link, and a system call that ends the run; the rest is judged all the same."""
    for call, name in (('if (c->value == -77)\n        pthread_cancel(pthread_self());', 'pthread_cancel'),
                       ('syscall(SYS_futex, &c->value, 2 /* FUTEX_FD */, 0);', 'futex')):
        with tempfile.TemporaryDirectory() as folder:
            parts, out = judged(homework(folder, 'counter', without_model(call)), 0)
        assert 'not judged' in parts['checker'] and name in parts['checker'], out
        assert 'rounds' in parts['stress'], out


# What goes wrong with the judge itself, as a compiler that does it, and what it then says.
BROKEN = {
    'no compiler works': ('exit 1', 'compiles', 'not even the skeleton'),
    'its program is too old for the checker': ('case "$*" in *check.c*) echo no such member; exit 1;; esac\nexec cc "$@"', 'checker',
                                                'check.c'),
    'the library lacks a function': ('exec cc -Dcheck_run=check_run_of_old "$@"', 'checker', 'check.c'),
    'the checker dies': ('case "$*" in *"/check "*) exec cc -nostartfiles -Wl,-e,abort "$@";; esac\nexec cc "$@"',
                         'checker', 'no verdict'),
}


def its_own_error_is_no_verdict(name):
    """An error of the judge is neither a pass, nor a failure of the homework, nor 'not judged'."""
    compiler, part, words = BROKEN[name]
    with tempfile.TemporaryDirectory() as folder:
        path = homework(folder, 'counter', SOLUTIONS['counter'])
        script, verdict = os.path.join(folder, 'compiler'), os.path.join(folder, 'verdict.json')
        with open(script, 'w') as f:
            f.write(f'#!/bin/sh\n{compiler}\n')
        os.chmod(script, 0o755)
        done = expect(contend('lab', 'judge', path, f'--json={verdict}', env={**os.environ, 'CC': script}), 2,
                      ['ERROR', 'NO VERDICT'])
        with open(verdict) as f:
            told = json.load(f)
    last = told['parts'][-1]
    assert told['passed'] is None and last['part'] == part and words in last['verdict'], done.stdout
    assert 'not judged' not in done.stdout, done.stdout


def wrong_usage():
    expect(contend('lab', 'new', '--help'), 0, ['contend lab judge'])
    expect(contend('lab', 'new', 'stak', 'x'), 2, err=["'stak'", "'stack'"])
    expect(contend('lab', 'new', 'stack'), 2, err=['KIND and a DIR'])
    expect(contend('lab', 'judge'), 2, err=['one DIR'])
    with tempfile.TemporaryDirectory() as folder:
        expect(contend('lab', 'judge', folder), 2, err=['Makefile names no KIND'])
        path = homework(folder, 'map')
        expect(contend('lab', 'new', 'map', path), 1, err=['map.h', 'exists'])


def main():
    cases = tap.Cases()
    for kind in KINDS:
        cases.run(f'the skeleton of a {kind} fails', skeleton_fails, kind)
        cases.run(f'a {kind} that is right passes', solution_passes, kind)
        cases.run(f'a {kind} with a mistake fails', mistake_is_found, kind)
    for name in BROKEN:
        cases.run(f'no verdict if {name}', its_own_error_is_no_verdict, name)
    for case in (what_does_not_compile_is_shown, what_has_no_model_is_not_judged, wrong_usage):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
