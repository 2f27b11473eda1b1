#!/usr/bin/env python3
"""What a change of one strategy makes the build do again: counted in steps, never in seconds.

Usage: steps.py SOURCE_ROOT BUILD_ROOT
"""

import collections
import json
import os
import re
import subprocess
import sys
import tempfile

import tap
import tree

ROOT, BUILD = sys.argv[1:3]
# The library, the tests' copy with steps between the operations, the checker's copies.
COPIES = 4
# Programs with the static library in them: the tool, and tests that replace its allocator, or an entry.
WHOLE = 4


def objects_by_header():
    """For each header of a strategy, the objects of the build that were made with it."""
    said = subprocess.run(['ninja', '-C', BUILD, '-t', 'deps'], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    objects, target = collections.defaultdict(set), None
    for line in said.split('\n'):
        if line and not line.startswith(' '):
            target = line.split(':')[0]
            if not line.endswith('(VALID)'):
                target = None  # of a file that is no longer built
        elif line and target:
            path = os.path.relpath(os.path.normpath(os.path.join(BUILD, line.strip())), ROOT)
            if re.fullmatch(rf'({"|".join(tree.PREFIX)})/\w+\.h', path):
                objects[path].add(target)
    return objects


def includers(folder, header):
    """Entries of other headers that include this one: they are composed with it, and say so."""
    for other in tree.PREFIX:
        for name, stem, _ in tree.lines_of(ROOT, other):
            with open(os.path.join(ROOT, other, stem + '.h')) as f:
                text = f.read()
            if f'#include "{folder}/{header}.h"' in text or (
                    folder == 'locks' and '#include "locks/parts/chosen.h"' in text):
                yield other, name


def a_touched_header_makes_its_own(objects, folder, header, name, line):
    """Its own units, and those of entries that are composed with it; nothing by a detour."""
    own, lock = [(folder, name), *includers(folder, header)], folder == 'locks'
    template = "'axes'" in line
    composed = [(f, re.sub('@[a-z]+@', '.+', re.sub('_@[a-z]+@', '(_.+)?', n))) for f, n in own]
    wanted = '|'.join(f'{tree.PREFIX[f]}_{n}' for f, n in composed)
    if lock:
        wanted += rf'|.*_{name}'
    if template:  # the choice that goes unnamed, and the others
        wanted = rf'({wanted})(_\w+)?'
    # The service's parts have a registry of their own, and say with which strategies they are composed; a
    # test of a library that is broken has a copy of the strategy on it, where its day has built it.
    made = {o for o in objects[f'{folder}/{header}.h']
            if 'meson-generated' in o and not o.startswith('bench/serve/') and '_broken_' not in o}
    others = sorted(o for o in made if not re.search(rf'(^|[./_])({wanted})\.c\.o$', o))
    assert made and not others, 'also: ' + ' '.join(others)
    if not lock and not template:
        assert len(made) <= COPIES * len(own), ' '.join(sorted(made))


def a_change_relinks_the_tool_and_no_tests():
    """Tests use the shared library, whose symbols stay; only what takes the strategies apart has them whole."""
    said = subprocess.run(['ninja', '-C', BUILD, '-t', 'query', 'libcontend.a'], stdout=subprocess.PIPE,
                          text=True, check=True).stdout
    users = {line.strip() for line in said.split('outputs:')[1].split('\n') if line.startswith('    ')}
    linked = {u for u in users if not u.endswith(('.a', '.symbols')) and u not in ('all', 'meson-test-prereq')}
    assert 'bench/contend' in linked, sorted(users)
    assert len(linked) <= WHOLE, sorted(linked)


def compilations(build):
    """(object: what makes it): the command and the text of a generated source."""
    said = subprocess.run(['ninja', '-C', build, '-t', 'compdb'], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    made = {}
    for step in json.loads(said):
        if step['output'].endswith('.o'):
            path = os.path.join(build, step['file'])
            text = ''
            if os.path.abspath(path).startswith(os.path.abspath(build)) and os.path.exists(path):
                with open(path) as f:
                    text = f.read()
            made[step['output']] = step['command'], text
    return made


def a_new_entry_makes_its_own():
    with tempfile.TemporaryDirectory() as folder:
        copy, build = os.path.join(folder, 'copy'), os.path.join(folder, 'build')
        tree.copy(ROOT, copy)
        tree.run(['meson', 'setup', build, copy], folder)
        before = compilations(build)
        tree.add_copy(copy, 'counters', 'faa', 'once_more')
        tree.run(['ninja', '-C', build, 'build.ninja'], folder)
        after = compilations(build)
    again = sorted(o for o, how in after.items() if before.get(o) != how)
    units = [o for o in again if 'counter_once_more' in o]
    registries = [o for o in again if 'counter_registry' in o]
    assert len(units) == COPIES, ' '.join(again)
    assert len(registries) <= COPIES, ' '.join(again)
    assert len(again) == len(units) + len(registries), 'also: ' + ' '.join(
        o for o in again if o not in units + registries)


def main():
    cases = tap.Cases()
    objects = objects_by_header()
    for folder in tree.PREFIX:
        for name, header, line in tree.lines_of(ROOT, folder):
            if f'{folder}/{header}.h' in objects:  # its library may be missing
                cases.run(f'{folder}/{header}.h, touched, makes its own units only',
                          a_touched_header_makes_its_own, objects, folder, header, name, line)
    cases.run('a change of a strategy links the tool again, and hardly a test',
              a_change_relinks_the_tool_and_no_tests)
    cases.run('a new entry makes its own units and the registries', a_new_entry_makes_its_own)
    cases.finish()


if __name__ == '__main__':
    main()
