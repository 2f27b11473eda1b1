#!/usr/bin/env python3
"""What the build costs with many entries: a copy of the tree, grown by renamed copies of strategies.

Usage: many_entries.py SOURCE_ROOT [MORE]

MORE is how many copies are added: 50 unless given.  Prints seconds of processor time, which other programs on the
machine hardly change, and fails for what can be counted: how many units are compiled again.
"""

import os
import re
import sys
import tempfile

import tap
import tree

ROOT = sys.argv[1]
MORE = int(sys.argv[2]) if len(sys.argv) > 2 else 50
OTHERS = [folder for folder in tree.PREFIX if folder != 'locks']
COPIES = 4  # of each unit: tests/steps.py


def entries_of(build):
    said, _, _ = tree.run([os.path.join(build, 'bench', 'contend'), 'list', '--names'], build)
    return len(said.split())


def is_whole(copy, folder, name):
    """Whether all of it is in its header, and no part beside it carries its name; and no floor."""
    with open(os.path.join(copy, folder, f'{name}.h')) as f:
        text = f.read()
    handle = f'struct {tree.PREFIX[folder]}_{name}_handle {{'  # or a macro makes it
    if 'CONTEND_FLOOR' in text or handle not in text:
        return False
    parts = os.path.join(copy, folder, 'parts')
    for part in os.listdir(parts):
        with open(os.path.join(parts, part)) as f:
            if f'{tree.PREFIX[folder]}_{name}_' in f.read():
                return False
    return True


def grow(copy, more):
    """Adds so many copies of strategies, but not of templates, nor of locks, which these take all."""
    whole = [(folder, name) for folder in OTHERS for name, header, _ in tree.lines_of(copy, folder)
             if '@' not in name and name == header and is_whole(copy, folder, name)]
    for number in range(more):
        folder, name = whole[number % len(whole)]
        tree.add_copy(copy, folder, name, f'{name}_copy{number // len(whole)}')


def compiled(said):
    return [line for line in said.split('\n') if 'Compiling C object' in line
            and 'meson-generated' in line]


def told(what, cpu, wall, more=''):
    print(f'# long: {what}: {cpu:.0f} s of processor time, {wall:.0f} s of the clock{more}')


def main():
    cases = tap.Cases()
    with tempfile.TemporaryDirectory() as folder:
        copy, build = os.path.join(folder, 'copy'), os.path.join(folder, 'build')
        ninja = ['ninja', '-C', build]

        def from_nothing():
            tree.copy(ROOT, copy)
            grow(copy, MORE)
            _, cpu, wall = tree.run(['meson', 'setup', build, copy], folder)
            _, more, longer = tree.run(ninja, folder)
            count = entries_of(build)
            told(f'{count} entries from nothing', cpu + more, wall + longer)
            assert count >= 100 + MORE, f'only {count} entries'

        def touched(header):
            os.utime(os.path.join(copy, header))
            said, cpu, wall = tree.run(ninja, folder)
            units = compiled(said)
            told(f'{header} touched', cpu, wall, f', {len(units)} units of strategies')
            assert len(units) == COPIES, '\n'.join(units)

        def added():
            tree.add_copy(copy, 'counters', 'faa', 'twice')
            said, cpu, wall = tree.run(ninja, folder)
            units = compiled(said)
            told('an entry added', cpu, wall, f', {len(units)} units of strategies and registries')
            assert len([u for u in units if re.search('counter_(twice|registry)', u)]) == \
                len(units) <= 2 * COPIES, '\n'.join(units)

        cases.run('the build from nothing', from_nothing)
        if cases.failed:
            cases.finish()
        cases.run('a touched counter', touched, 'counters/per_cpu.h')
        cases.run('a touched map', touched, 'presence_map/clht.h')
        cases.run('an added counter', added)
    cases.finish()


if __name__ == '__main__':
    main()
