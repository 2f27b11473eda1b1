#!/usr/bin/env python3
"""Style test: what the headers promise to their readers, checked on the text.

Usage: style.py SOURCE_ROOT
"""

import os
import re
import subprocess
import sys
import tempfile

import tap

MAX_LINES = 500
LOCK_HEADINGS = ['Idea', 'Invariant', 'Progress', 'Cost', 'Breaks when', 'Use when', 'Reference']
OBJECT_HEADINGS = ['Idea', 'Invariant', 'Linearisation points', 'Progress', 'Read guarantee',
                   'Cost', 'Breaks when', 'Use when', 'Reference']
ROOMS = {'locks': 'lock', 'counters': 'counter', 'presence_map': 'presence'}
# What each room may include of the others.
MAY_INCLUDE = {'locks': {'locks'}, 'counters': {'locks', 'counters'},
               'presence_map': {'locks', 'presence_map'}}
# The rooms of bench/, from the foundation up: each includes only what is below it.
FLOORS = {'base': 0, 'floors': 1, 'log': 1, 'window': 2, 'judge': 3, 'report': 4, 'tool': 5,
          'replay': 6}
ORDERS = re.compile(r'memory_order_(relaxed|acquire|release|acq_rel|seq_cst)')
ATOMIC = re.compile(r'\batomic_(\w+)\s*\(')
ASSEMBLY = re.compile(r'\b(__asm__|asm|__sync_\w+|__atomic_\w+)\b')
WITHOUT_ORDER = {'init', 'signal_fence', 'thread_fence', 'flag_test_and_set', 'flag_clear'}


def strategies(root, room):
    """The headers of a room that define traits: its strategies."""
    prefix = ROOMS[room]
    for name in sorted(os.listdir(os.path.join(root, room))):
        if name.endswith('.h'):
            with open(os.path.join(root, room, name)) as f:
                text = f.read()
            if f'struct {prefix}_traits {prefix}_{name[:-2]}_traits' in text:
                yield name[:-2], text


def code_only(text):
    """The text with comments and strings blanked, line by line."""
    blank = lambda m: re.sub(r'[^\n]', ' ', m.group())
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


def check_headings(room, text):
    head = text[:text.index('*/')]
    wanted = LOCK_HEADINGS if room == 'locks' else OBJECT_HEADINGS
    found = re.findall(r'^ \* ([A-Z][a-z]+(?: [a-z]+)?): ', head, flags=re.M)
    found = [heading for heading in found if heading in OBJECT_HEADINGS]
    assert found == wanted, f'headings are {found}, wanted are {wanted}'


def check_orders(text):
    """Each explicit order is argued in a comment close above it, or beside it."""
    lines, code = text.split('\n'), code_only(text).split('\n')
    for number, line in enumerate(code):
        for order in set(ORDERS.findall(line)):
            near = '\n'.join(lines[max(0, number - 12):number + 1])
            comments = ' '.join(re.findall(r'/\*.*?\*/|/\*.*|^ +\*.*|.*\*/', near, flags=re.S | re.M))
            argued = order in comments or 'as above' in comments or \
                (order == 'acq_rel' and 'acquire' in comments and 'release' in comments)
            assert argued, \
                f'line {number + 1}: memory_order_{order} has no reason'
            if order in ('acquire', 'release') and order in comments:
                assert 'pairs with' in comments.lower(), \
                    f'line {number + 1}: memory_order_{order} names no partner'
        for name in ATOMIC.findall(line):
            assert name in WITHOUT_ORDER or name.endswith('_explicit'), \
                f'line {number + 1}: atomic_{name} without an explicit order'


def check_assembly(path, text):
    if re.search(r'platform\.h$|per_cpu|rseq', path):
        return
    found = ASSEMBLY.search(code_only(text))
    assert not found, f'{found.group()} belongs in locks/platform.h'


def check_includes(root, room, text):
    for included in re.findall(r'#include "([^"]+)"', text):
        other = included.split('/')[0]
        assert other in MAY_INCLUDE[room], f'{included} is not for {room}/'
        name = os.path.basename(included)[:-2]
        if other == room and room != 'locks':
            assert name not in dict(strategies(root, room)), f'{included} is another strategy'


def check_floors(path, text):
    room = path.split('/')[1]
    for other in re.findall(r'#include "bench/(\w+)/', text):
        assert other == room or FLOORS[other] < FLOORS[room], f'{other}/ is not below {room}/'


def closing(code, start):
    """The index of the parenthesis that closes the one at `start`."""
    depth = 0
    for index in range(start, len(code)):
        depth += (code[index] == '(') - (code[index] == ')')
        if depth == 0:
            return index
    return len(code) - 1


def check_spins(text):
    """A loop without a body must rest: every turn of a spin loop calls contend_cpu_relax()."""
    code = code_only(text)
    for match in re.finditer(r'\bwhile\s*\(', code):
        end = closing(code, match.end() - 1)
        loop = code[match.start():end + 1]
        is_do = code[:match.start()].rstrip().endswith('}')
        empty = code[end + 1:].lstrip().startswith(';') and not is_do
        assert not (empty and 'atomic_' in loop), f'an empty spin loop: {loop}'


def check_text(path, text):
    lines = text.split('\n')
    assert len(lines) <= MAX_LINES + 1, f'{len(lines)} lines; {MAX_LINES} are enough'
    for number, line in enumerate(lines, 1):
        assert line == line.rstrip(), f'line {number} ends in blanks'
        assert not re.search(r'(?<![\w.])/(home|root|work|usr/local)/', line), \
            f'line {number} names a place on somebody\'s machine'
        if path.endswith(('.c', '.h', '.cc')):
            assert '\t' not in line, f'line {number} has a tab'
            assert not re.search(r'\b(' + 'TO' + 'DO|FIX' + 'ME|X' + r'XX)\b', line), \
                f'line {number} is unfinished'
    if path.endswith(('.c', '.h', '.cc')):
        assert text.startswith('/*'), 'does not begin by saying what it is'
        for match in re.finditer(r'\bassert\s*\(([^;]*)\);', code_only(text)):
            assert not re.search(r'\+\+|--|[^=!<>]=[^=]', match.group(1)), \
                f'a side effect in {match.group()}'


def tracked(root):
    """The project's own text files."""
    listed = subprocess.run(['git', '-C', root, 'ls-files'], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, text=True)
    if listed.returncode == 0 and listed.stdout:
        names = listed.stdout.split('\n')
    else:  # an unpacked archive
        names = [os.path.relpath(os.path.join(d, f), root) for d, dirs, files in os.walk(root)
                 for f in files if not re.search(r'/(build|\.git)', d)]
    for name in names:
        if name.endswith(('.c', '.h', '.cc', '.py', '.sh', '.md', '.build', '.in')) \
                and os.path.exists(os.path.join(root, name)):
            with open(os.path.join(root, name)) as f:
                yield name, f.read()


def must_complain(check, *args):
    try:
        check(*args)
    except AssertionError:
        return
    raise AssertionError(f'{check.__name__} accepted {args[-1]!r}')


def check_the_checks():
    """Each check rejects a small sample that is wrong: a check that cannot fail proves nothing."""
    must_complain(check_headings, 'counters', '/*\n * Idea: x\n * Progress: y\n */')
    must_complain(check_orders, 'atomic_load_explicit(&x, memory_order_relaxed);')
    must_complain(check_orders, '/* acquire: good */\natomic_load_explicit(&x, memory_order_acquire);')
    must_complain(check_orders, '/* relaxed: value */\natomic_load(&x);')
    must_complain(check_assembly, 'counters/x.h', 'int x = __atomic_load_n(&y, 0);')
    must_complain(check_spins, 'while (atomic_load_explicit(&x, y)) ;')
    must_complain(check_floors, 'bench/log/x.c', '#include "bench/floors/y.h"')
    must_complain(check_text, 'x.c', '/* x */\nint x; \n')
    must_complain(check_text, 'x.c', 'int x;\n')
    must_complain(check_text, 'x.c', '/* x */\nvoid f(void) { assert(x++); }\n')
    must_complain(check_text, 'x.c', '/* x */\n' + 'int x;\n' * 600)
    with tempfile.TemporaryDirectory() as root:
        os.makedirs(os.path.join(root, 'counters'))
        with open(os.path.join(root, 'counters', 'faa.h'), 'w') as f:
            f.write('static const struct counter_traits counter_faa_traits = {};')
        must_complain(check_includes, root, 'counters', '#include "counters/faa.h"')
        must_complain(check_includes, root, 'locks', '#include "counters/counter.h"')


def main():
    root = sys.argv[1]
    cases = tap.Cases()
    cases.run('the checks reject what is wrong', check_the_checks)
    for room in ROOMS:
        for name, text in strategies(root, room):
            cases.run(f'{room}/{name}.h has its headings', check_headings, room, text)
        for name in sorted(os.listdir(os.path.join(root, room))):
            if not name.endswith('.h'):
                continue
            path = f'{room}/{name}'
            with open(os.path.join(root, path)) as f:
                text = f.read()
            cases.run(f'{path} argues its memory orders', check_orders, text)
            cases.run(f'{path} is portable', check_assembly, path, text)
            cases.run(f'{path} rests while it spins', check_spins, text)
            if name != 'emit.h':
                cases.run(f'{path} includes downwards', check_includes, root, room, text)
    for path, text in tracked(root):
        cases.run(f'{path} is tidy', check_text, path, text)
        if re.match(r'bench/\w+/.*\.(c|h|cc)$', path):
            cases.run(f'{path} includes only from below', check_floors, path, text)
    cases.finish()


if __name__ == '__main__':
    main()
