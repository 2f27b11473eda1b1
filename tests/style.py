#!/usr/bin/env python3
"""Style test: what the headers promise to their readers, checked on the text.

Usage: style.py SOURCE_ROOT
"""

import os
import re
import subprocess
import sys

import tap
import tree

MAX_LINES = 500
MAX_WIDTH = 120 # columns of a script or a style sheet
LOCK_HEADINGS = ['Idea', 'Invariant', 'Progress', 'Cost', 'Breaks when', 'Use when', 'Reference']
OBJECT_HEADINGS = ['Idea', 'Invariant', 'Linearisation points', 'Progress', 'Read guarantee',
                   'Cost', 'Breaks when', 'Use when', 'Reference']
# What the headers of each folder may include: whole folders, or one file of them.
MAY_INCLUDE = {'locks/parts': ['locks/parts'],
               'locks': ['locks/parts', 'locks/lock.h'],
               'counters/parts': ['locks/parts', 'counters/parts', 'counters/counter.h'],
               'counters': ['locks/parts', 'counters/parts', 'counters/counter.h'],
               'counters/claps/parts': ['locks/parts', 'counters/parts', 'counters/claps.h',
                                        'counters/claps/parts'],
               'counters/claps': ['locks/parts', 'counters/claps/parts', 'counters/claps.h'],
               'counters/distinct/parts': ['counters/distinct.h'],
               'counters/distinct': ['locks/parts', 'counters/parts/attached.h',
                                     'counters/distinct.h'],
               'presence_map/expiry': ['locks/parts', 'presence_map/expiry/expiry.h',
                                       'presence_map/expiry/links.h',
                                       'presence_map/presence_map.h'],
               'presence_map/rows': ['locks/parts', 'presence_map/rows/wide.h'],
               'presence_map/writes': ['locks/parts', 'presence_map/presence_map.h'],
               'presence_map/reclaim/parts': ['locks/parts', 'presence_map/reclaim/parts',
                                              'presence_map/reclaim/reclaim.h'],
               'presence_map/reclaim': ['locks/parts', 'presence_map/reclaim/parts',
                                        'presence_map/reclaim/reclaim.h'],
               'presence_map/parts': ['locks/parts', 'presence_map/parts',
                                      'presence_map/expiry/chosen.h', 'presence_map/rows/chosen.h',
                                      'presence_map/reclaim/parts', 'presence_map/reclaim/reclaim.h',
                                      'presence_map/presence_map.h'],
               'presence_map': ['locks/parts', 'presence_map/parts', 'presence_map/reclaim/parts',
                                'presence_map/expiry/chosen.h', 'presence_map/rows/chosen.h',
                                'presence_map/writes/chosen.h', 'presence_map/presence_map.h']}
# What templates are composed with is described as locks are, though it is no family.
AXES = ('presence_map/expiry', 'presence_map/reclaim', 'presence_map/rows', 'presence_map/writes')
CHOICE = re.compile(r'(?:%s)/(?!expiry\.h$|links\.h$|reclaim\.h$|chosen\.h$)\w+\.h$' % '|'.join(AXES))
# Parts of the service, each a contract and a header per means: they argue their orders as well.
MEANS = re.compile(r'bench/serve/(posts|detect|cache|push|wait)\b')
# The folders of bench/, from the ground up: each includes only itself and what is before it.
LAYERS = ['base', 'machine', 'check', 'floors', 'log', 'peers', 'stores', 'engine', 'measure', 'judge', 'report',
          'replay', 'serve', 'course', 'tool']
# What names one family, and the files of bench/ that are for one: they alone may.
OBJECTS = '|'.join(tree.PREFIX.values())
ONE_FAMILY = re.compile(r'\b(FAMILY|family|workloads|promises|list|costs|scenarios)_'
                        rf'({OBJECTS})\b|'
                        rf'\b({OBJECTS})_(ops|traits|registry|missing|find|config)\b')
FOR_ONE_FAMILY = re.compile(rf'_({OBJECTS})\.[ch]$|bench/base/family\.[ch]$|'
                            r'bench/peers/\w+\.(c|cc|h|hh)$|bench/stores/.+\.[ch]$|'
                            r'bench/engine/(subject_)?posts\.[ch]$|'
                            r'bench/replay/(feed|maps|posts)\.[ch]$|'
                            r'bench/check/((lock|counter|claps|distinct|map)_\w+|copies)\.[ch]$')
ORDERS = re.compile(r'memory_order_(relaxed|acquire|release|acq_rel|seq_cst)')
ATOMIC = re.compile(r'\batomic_(\w+)\s*\(')
ASSEMBLY = re.compile(r'\b(__asm__|asm|__sync_\w+|__atomic_\w+)\b')
WITHOUT_ORDER = {'init', 'signal_fence', 'thread_fence', 'flag_test_and_set', 'flag_clear'}


def is_strategy(path, text):
    """Whether a header of a family's folder defines traits."""
    folder, name = os.path.split(path)
    prefix = tree.PREFIX.get(folder)
    return prefix and f'struct {prefix}_traits {prefix}_{name[:-2]}_traits' in text


def code_only(text):
    """The text with comments and strings blanked, line by line."""
    blank = lambda m: re.sub(r'[^\n]', ' ', m.group())
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


def check_headings(folder, text):
    head = text[:text.index('*/')]
    wanted = LOCK_HEADINGS if folder in ('locks', *AXES) else OBJECT_HEADINGS
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
    assert not found, f'{found.group()} belongs in locks/parts/platform.h'


def check_includes(path, text):
    """A strategy includes another one only if its head says that it is composed with it."""
    folder = os.path.dirname(path)
    head = ' '.join(text[:text.find('*/')].replace('\n *', ' ').split())
    for included in re.findall(r'#include "([^"]+)"', text):
        if os.path.dirname(included) == folder and f'composed with {os.path.basename(included)}' in head:
            continue
        assert included in MAY_INCLUDE[folder] or os.path.dirname(included) in MAY_INCLUDE[folder], \
            f'{included} is not for {folder}/'


def check_layers(path, text):
    folder = path.split('/')[1]
    for other in re.findall(r'#include "bench/(\w+)/', text):
        assert LAYERS.index(other) <= LAYERS.index(folder), f'{other}/ is not below {folder}/'


def check_families(text):
    """Whatever is for all families asks their descriptors and hooks."""
    found = ONE_FAMILY.search(code_only(text))
    assert not found, f'{found.group()} belongs in a file of that family'


def check_threads(path, text):
    """Above bench/floors/ only the crew makes threads, has barriers and reads the meters of threads."""
    folder = path.split('/')[1]
    if LAYERS.index(folder) < LAYERS.index('engine') or \
            path in ('bench/engine/crew.c', 'bench/engine/stint.c'):
        return
    found = re.search(r'\bpthread_(create|barrier_wait)\b|RUSAGE_THREAD|CLOCK_THREAD_CPUTIME_ID',
                      code_only(text))
    assert not found, f'{found.group()} belongs in the crew'


def check_product(path, text):
    """Nothing but a test depends on the tests."""
    found = re.search(r'#include "(tests/[^"]+)"', text)
    assert not found, f'{found.group(1)} is a test\'s'


def check_bounds(text):
    """Texts are written within the size of their buffer."""
    found = re.search(r'\b(v?sprintf|strcpy|strcat)\s*\(', code_only(text))
    assert not found, f'{found.group(1)}() knows no size: snprintf() does'


# Private habits of wording, each with what to write instead.
PERSON = r'(?<!\buser )(?<!\busers )(?<!\bvisitor )(?<!\bvisitors )(?<!\breader )(?<!\breaders )'
HABITS = [(re.compile(pattern), instead) for pattern, instead in [
    (PERSON + r'\bwho (reads|writes|waits|inserts|removes|destroys|polls|sweeps|asks|beats|holds|spins|'
     r'comes|runs)\b', 'a thread, a caller or a function is no "who"'),
    (r'\bWho [a-z]+(?![^.?]*\?)', 'name what does it: "a thread that ..."'),
    (r'\b[Ww]hoever\b', 'name what does it: "any thread that ..."'),
    (r'\b([Gg]o|[Gg]oes|[Gg]one) home\b', 'a thread ends'),
    (r'\b[Rr]ooms?\b', 'a folder, a family, or free space'),
    (r'\bkin\b', 'name the others'),
    (r'\b[Ss]eldomer\b', 'less often'),
    (r'\b(1|[Oo]ne) seed (of|is all|is the load)\b|\bseeds a second\b|\b(1|[Oo]ne) seed \(',
     'the load is 1 Mu; a seed starts a random generator')]]


def prose(path, text):
    """A page, or the comments of a source, and its messages where it is C; line breaks are blanks."""
    if path.endswith(('.md', '.1', '.3')):
        found = [text]
    elif path.endswith(('.c', '.h', '.cc')):
        found = re.findall(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', text, flags=re.S)
    elif path.endswith(('.js', '.css')):
        found = re.findall(r"/\*.*?\*/|//[^\n]*|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`", text, flags=re.S)
    else:
        found = re.findall(r'"""(?:.*?)"""|(?<!\S)#[^\n]*(?:\n[ \t]*#[^\n]*)*', text, flags=re.S)
    return [re.sub(r'\n\s*(\*(?!/)|#)?\s*', ' ', part) for part in found]


def check_words(path, text):
    """Pages, comments and messages are free of private habits of wording."""
    for part in prose(path, text):
        for habit, instead in HABITS:
            found = habit.search(part)
            assert not found, f'"{part[max(0, found.start() - 20):found.end() + 20]}": {instead}'


def check_name(path):
    folder, name = os.path.split(path)
    prefix = os.path.basename(folder) + '_'
    assert not name.startswith(prefix), f'{prefix} is the folder\'s name already'


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
    # A manual page has a paragraph for each option, and this table a row for each mutant.
    if not path.endswith(('.1', '.3')) and path != 'docs/mutants.md':
        assert len(lines) <= MAX_LINES + 1, f'{len(lines)} lines; {MAX_LINES} are enough'
    for number, line in enumerate(lines, 1):
        assert line == line.rstrip(), f'line {number} ends in blanks'
        assert not re.search(r'(?<![\w.])/(home|root|work|usr/local)/', line), \
            f'line {number} names a place on somebody\'s machine'
        if path.endswith(('.c', '.h', '.cc')):
            assert '\t' not in line, f'line {number} has a tab'
            assert not re.search(r'\b(' + 'TO' + 'DO|FIX' + 'ME|X' + r'XX)\b', line), \
                f'line {number} is unfinished'
        if path.endswith(('.js', '.css')):
            assert len(line) <= MAX_WIDTH, f'line {number} has {len(line)} columns; {MAX_WIDTH} are enough'
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
        if name.endswith(('.c', '.h', '.cc', '.py', '.sh', '.md', '.build', '.in', '.1',
                           '.3', '.js', '.css')) \
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
    must_complain(check_layers, 'bench/floors/x.c', '#include "bench/log/y.h"')
    must_complain(check_threads, 'bench/replay/x.c', 'pthread_create(&t, NULL, f, NULL);')
    must_complain(check_product, 'bench/log/x.c', '#include "tests/support/y.h"')
    must_complain(check_families, 'return c->family == &family_counter ? 1 : 2;')
    must_complain(check_families, 'const struct presence_ops *ops = who->ops;')
    must_complain(check_bounds, 'void f(char *s) { strcpy(s, "x"); }')
    must_complain(check_name, 'bench/log/log_x.c')
    for sample in ('/* For a thread\n * who waits. */', '// Who inserts counts.', '"Whoever is late loses."',
                   '/* NULL: go\n * home */', '/* the room for counters */', '/* see x.c and its kin */',
                   '/* seldomer */', '/* enough for one seed (the load) */'):
        must_complain(check_words, 'x.c', sample)
    must_complain(check_words, 'x.py', '# one line\n# who waits\nx = 1\n')
    must_complain(check_words, 'x.md', 'A thread who\nwaits.')
    check_words('x.c', 'int room; /* a user who comes back */ /* Who runs now? */')
    must_complain(check_includes, 'counters/x.h', '#include "counters/faa.h"')
    must_complain(check_includes, 'locks/x.h', '#include "counters/counter.h"')
    must_complain(check_includes, 'locks/parts/x.h', '#include "locks/lock.h"')
    must_complain(check_text, 'x.c', '/* x */\nint x; \n')
    must_complain(check_text, 'x.c', 'int x;\n')
    must_complain(check_text, 'x.c', '/* x */\nvoid f(void) { assert(x++); }\n')
    must_complain(check_text, 'x.c', '/* x */\n' + 'int x;\n' * 600)
    must_complain(check_text, 'x.js', f'const x = {"1" * 120};\n')
    must_complain(check_words, 'x.js', "const x = 'a thread who waits';\n")


def main():
    root = sys.argv[1]
    cases = tap.Cases()
    cases.run('the checks reject what is wrong', check_the_checks)
    for path, text in tracked(root):
        cases.run(f'{path} is tidy', check_text, path, text)
        cases.run(f'{path} is in plain words', check_words, path, text)
        folder = os.path.dirname(path)
        if not path.endswith(('.c', '.h', '.cc')):
            continue
        cases.run(f'{path} is named for itself', check_name, path)
        if not path.startswith('tests/'):
            cases.run(f'{path} needs no test', check_product, path, text)
        if path.startswith('bench/'):
            cases.run(f'{path} includes only from below', check_layers, path, text)
            cases.run(f'{path} leaves threads to the crew', check_threads, path, text)
            cases.run(f'{path} writes within bounds', check_bounds, text)
        if path.startswith('bench/') and not FOR_ONE_FAMILY.search(path):
            cases.run(f'{path} is for every family', check_families, text)
        if folder in MAY_INCLUDE or MEANS.match(folder):
            cases.run(f'{path} argues its memory orders', check_orders, text)
            cases.run(f'{path} is portable', check_assembly, path, text)
            cases.run(f'{path} rests while it spins', check_spins, text)
        if folder in MAY_INCLUDE:
            if os.path.basename(path) not in ('emit.h', 'loops.h', 'chosen.h'):
                cases.run(f'{path} includes downwards', check_includes, path, text)
        if is_strategy(path, text) or CHOICE.match(path):
            cases.run(f'{path} has its headings', check_headings, folder, text)
    cases.finish()


if __name__ == '__main__':
    main()
