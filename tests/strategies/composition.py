#!/usr/bin/env python3
"""How templates are composed: with one lock a unit, and as a star along the axes.

Usage: composition.py SOURCE_ROOT CC...
"""

import os
import shutil
import subprocess
import sys
import tempfile

import tap

FOLDERS = ('locks', 'counters', 'presence_map')


def output(command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          **options)


def compiles(root, cc, text):
    done = output(cc + ['-std=c11', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Wpedantic', '-Werror',
                        '-I' + root, '-fsyntax-only', '-x', 'c', '-'], input=text)
    return done.returncode == 0, done.stdout


def lock(name):
    return f'#undef CONTEND_LOCK\n#define CONTEND_LOCK {name}\n'


COUNTER = '#include "counters/locked.h"\n'
MAP = '#include "presence_map/striped.h"\n'
USE = 'int main(void) { return (int)sizeof(struct counter_locked); }\n'


def templates_share_a_lock(root, cc):
    for first, second in ((COUNTER, MAP), (MAP, COUNTER), (COUNTER, COUNTER)):
        right, said = compiles(root, cc, lock('mcs') + first + lock('mcs') + second + USE)
        assert right, said
    right, said = compiles(root, cc, COUNTER + MAP + USE)
    assert right, said


def other_locks_are_refused(root, cc):
    for first, second in ((COUNTER, MAP), (MAP, COUNTER), (COUNTER, COUNTER)):
        right, said = compiles(root, cc, lock('mcs') + first + lock('ticket') + second + USE)
        assert not right, 'two locks in one unit compiled'
        assert 'contend_the_only_lock_chosen_in_this_unit' in said, said
    right, said = compiles(root, cc, COUNTER + lock('ticket') + MAP + USE)
    assert not right, 'the default lock and another compiled'


def two_kinds_in_one_object(root, cc):
    """As a cohort lock has them."""
    right, said = compiles(root, cc, '''
#include "locks/mcs.h"
#include "locks/ticket.h"
struct cohort { struct lock_ticket global; struct lock_mcs local[2]; };
int main(void) { return (int)sizeof(struct cohort); }
''')
    assert right, said


# ---- the star ----

TEMPLATE = '''/* meeting.h - a template with three axes, for the test of the composition. */
#include "locks/parts/chosen.h"
#include "counters/counter.h"
#include "counters/parts/attached.h"
#define STRINGS CONTEND_STRING(CONTEND_PACE) "_" CONTEND_STRING(CONTEND_TASTE)
struct counter_meeting { counter_attached attached; };
COUNTER_STATELESS_HANDLE(meeting)
static inline int counter_meeting_init(struct counter_meeting *c, const struct counter_config *g)
{
    (void)g;
    atomic_init(&c->attached, 0);
    return 0;
}
static inline int counter_meeting_add(struct counter_meeting *c, struct counter_meeting_handle *h,
                                      int64_t n)
{
    (void)c, (void)h, (void)n;
    return 0;
}
static inline int64_t counter_meeting_read(struct counter_meeting *c,
                                           struct counter_meeting_handle *h)
{
    (void)c, (void)h;
    return 0;
}
COUNTER_NO_ADD_GET(meeting)
COUNTER_NO_QUIESCENCE(meeting)
static const struct counter_traits counter_meeting_traits = {
    .id = { .name = "meeting_" CHOSEN_LOCK_NAME "_" STRINGS },
};
COUNTER_STATIC_TRAITS(meeting)
'''

LISTS = {
    'locks': '''lock_strategies = [{'name': 'ticket'}, {'name': 'ttas', 'shelf': 'study'},
                   {'name': 'mcs'}]
axes += {'lock': {'macro': 'CONTEND_LOCK', 'choices': lock_strategies}}
axes += {'pace': {'macro': 'CONTEND_PACE', 'choices': [{'name': 'slow'}, {'name': 'fast'}]}}
axes += {'taste': {'macro': 'CONTEND_TASTE', 'choices': [{'name': 'sweet'},
         {'name': 'sour', 'shelf': 'study'}, {'name': 'odd', 'needs': 'ck'}]}}
''',
    'counters': '''counter_strategies = [
  {'name': 'meeting', 'axes': ['lock', 'pace', 'taste']},
  {'header': 'locked', 'axes': ['lock']},
  {'name': 'faa'},
]
''',
    'counters/claps': 'claps_strategies = []\n',
    'counters/distinct': 'distinct_strategies = []\n',
    'presence_map': 'presence_strategies = []\n',
}

PROGRAM = '''
#include <stdio.h>
#include "counters/counter.h"
int main(void)
{
    for (size_t i = 0; contend_counter_registry[i]; i++)
        printf("%s %s\\n", contend_counter_registry[i]->traits->id.name,
               contend_counter_registry[i]->shelf == CONTEND_CORE ? "core" : "study");
    return 0;
}
'''

# All references first; then the others of each axis, one axis at a time.
STAR = ['meeting_ticket_slow_sweet core', 'meeting_ttas_slow_sweet study',
        'meeting_mcs_slow_sweet core', 'meeting_ticket_fast_sweet core',
        'meeting_ticket_slow_sour study', 'ticket core', 'ttas study', 'mcs core', 'faa core']


def star(root, cc):
    with tempfile.TemporaryDirectory() as work:
        source, build = os.path.join(work, 'source'), os.path.join(work, 'build')
        for folder in FOLDERS:
            shutil.copytree(os.path.join(root, folder), os.path.join(source, folder))
        for folder, text in LISTS.items():
            with open(os.path.join(source, folder, 'meson.build'), 'w') as f:
                f.write(text)
        for name in ('meson.build', 'meson_options.txt', 'LICENSE', 'docs/contend.3'):
            os.makedirs(os.path.dirname(os.path.join(source, name)), exist_ok=True)
            shutil.copy(os.path.join(root, name), os.path.join(source, name))
        with open(os.path.join(source, 'counters', 'meeting.h'), 'w') as f:
            f.write(TEMPLATE)
        for command in (['meson', 'setup', build, source, '-Dtool=disabled', '-Dtests=disabled',
                         '-Dliburcu=disabled', '-Dck=disabled', '-Dbuildtype=debug'],
                        ['ninja', '-C', build, 'libcontend.a']):
            done = output(command, env={**os.environ, 'CC': ' '.join(cc)})
            assert done.returncode == 0, done.stdout
        program = os.path.join(work, 'program')
        done = output(cc + ['-x', 'c', '-', '-x', 'none', '-I' + source,
                            os.path.join(build, 'libcontend.a'), '-pthread', '-o', program],
                      input=PROGRAM)
        assert done.returncode == 0, done.stdout
        names = output([program]).stdout.split('\n')[:-1]
        assert names == STAR, names


def main():
    root, cc = sys.argv[1], sys.argv[2:]
    cases = tap.Cases()
    cases.run('templates in one unit share a lock', templates_share_a_lock, root, cc)
    cases.run('templates with different locks do not compile', other_locks_are_refused, root, cc)
    cases.run('one object holds two kinds of lock', two_kinds_in_one_object, root, cc)
    cases.run('axes are composed as a star', star, root, cc)
    cases.finish()


if __name__ == '__main__':
    main()
