#!/usr/bin/env python3
"""A mutant fits its source whatever happens to the comments and to the order of functions.

Usage: mutation_cases.py SOURCE_ROOT BUILD_ROOT
"""

import os
import re
import subprocess
import sys
import tempfile

import mutants_table
import mutation
import tap

SOURCE = '''/* Two functions, and a macro. */
struct place { int taken; };
#define PLACE_TEMPLATE(NAME)                                  \\
    static inline int place_##NAME##_take(struct place *p)    \\
    {                                                         \\
        p->taken++;                                           \\
        return 0;                                             \\
    }

static int take(struct place *p)
{
    if (p->taken)
        return -1; /* somebody was faster */
    p->taken = 1;
    return 0;
}

static void leave(struct place *p)
{
    p->taken = 0;
    take(p);
    p->taken = 0;
}
'''


def mutant(place, change):
    return mutation.Mutant(f'It is wrong.\nSubject: textbook/place\nFile: place.c\n\nIn: {place}\n'
                           + change)


def code(text):
    return [t.text for t in mutation.tokens(text)]


def same_code(one, other):
    assert code(one) == code(other), f'{one}\n--- and\n{other}'


def refused(message, work, *arguments):
    try:
        work(*arguments)
    except mutation.Mistake as mistake:
        assert re.search(message, str(mistake), flags=re.S), f'it said: {mistake}'
        return
    raise AssertionError('it was accepted')


def noisy(text):
    """With a comment after each statement, and another line break where there may be one."""
    source = mutation.Source(text)
    for token in reversed(source.tokens):
        if token.text in (';', '{', '}'):
            noise = ' /* if (x) { y; } */' + ('' if source.is_in_macro(token.start) else '\n  ')
            text = text[:token.end] + noise + text[token.end:]
    return text


STORES_TWO = mutant('take', '- p->taken = 1;\n+ p->taken = 2;\n')


def one_line_changes():
    same_code(STORES_TWO.apply(SOURCE), SOURCE.replace('p->taken = 1;', 'p->taken = 2;'))


def comments_may_come():
    same_code(STORES_TWO.apply(noisy(SOURCE)), STORES_TWO.apply(SOURCE))
    twice = mutant('take', '- if (p->taken)\n      return -1;\n  p->taken = 1;\n')
    wrapped = SOURCE.replace('if (p->taken)', 'if (\n   // whether it is\n   p->taken)')
    same_code(twice.apply(wrapped), SOURCE.replace('if (p->taken)', ''))


def functions_may_move():
    head, take, leave = re.split(r'(?=^static \w+ (?:take|leave))', SOURCE, flags=re.M)
    moved = STORES_TWO.apply(head + leave + take)
    same_code(moved, head + leave + take.replace('= 1', '= 2'))


def macros_are_no_lines():
    change = mutant('place_##NAME##_take', '+ if (p->taken)\n+     return -1;\n  p->taken++;\n')
    changed = change.apply(SOURCE)
    same_code(changed, SOURCE.replace('p->taken++;', 'if (p->taken) return -1; p->taken++;'))
    assert changed.count('\\\n') == SOURCE.count('\\\n'), 'the macro has fallen apart'


def directives_take_nothing_in():
    """Code behind a line of the preprocessor would be a part of it, and no code at all."""
    guarded = SOURCE.replace('    p->taken = 1;',
                             '#ifdef COUNTED\n    count(p);\n#endif\n    p->taken = 1;')
    wanted = guarded.replace('    p->taken = 1;', '    spin(p);\n    p->taken = 1;')
    for change in ('+ spin(p);\n  p->taken = 1;\n', '  #endif\n+ spin(p);\n'):
        changed = mutant('take', change).apply(guarded)
        assert [line.strip() for line in changed.split('\n')] == \
            [line.strip() for line in wanted.split('\n')], changed
    early = mutant('take', '+ spin(p);\n  #ifdef COUNTED\n').apply(guarded)
    assert re.search(r'faster \*/\n\s*spin\(p\);\n\s*#ifdef COUNTED\n', early), early
    defined = mutant('take', '  p->taken = 1;\n+ #undef COUNTED\n  return 0;\n').apply(SOURCE)
    assert re.search(r'= 1;\n\s*#undef COUNTED\n\s*return 0;', defined), defined
    longer = '#define GREET wave()\n' + SOURCE
    same_code(mutant('GREET', '  wave()\n+ , smile()\n').apply(longer),
              longer.replace('wave()', 'wave() , smile()'))
    assert 'wave() , smile()\n' in mutant('GREET', '  wave()\n+ , smile()\n').apply(longer)


def ambiguous_is_refused():
    refused(r'place\.c, in leave: .*there 2 times.*p->taken = 0;', mutant(
        'leave', '- p->taken = 0;\n').apply, SOURCE)
    with_a_neighbour = mutant('leave', '  take(p);\n- p->taken = 0;\n')
    same_code(with_a_neighbour.apply(SOURCE), SOURCE.replace('take(p);\n    p->taken = 0;', 'take(p);'))


def vanished_is_refused():
    refused(r'in take: this code is not there; after "p -> taken =" it says "1 ;.*p->taken = 7;',
            mutant('take', '- p->taken = 7;\n').apply, SOURCE)
    refused('place.c no longer defines grab', mutant('grab', '- return 0;\n').apply, SOURCE)
    refused('not there', STORES_TWO.apply, STORES_TWO.apply(SOURCE))


def elsewhere_is_not_here():
    """What another function says does not count, nor what only a comment says."""
    refused('not there', mutant('leave', '- p->taken = 1;\n').apply, SOURCE)
    refused('not there', STORES_TWO.apply, SOURCE.replace('p->taken = 1;', '/* p->taken = 1; */'))


def nonsense_is_refused():
    refused('"Subject: ..." is missing', mutation.Mutant, 'It is wrong.\nFile: x\n\n- y;\n')
    refused('changes nothing', mutant, 'take', '  return 0;\n')
    refused('says only what to insert', mutant('take', '+ return 0;\n').apply, SOURCE)
    refused('not understood.*return', mutant, 'take', 'return 0;\n')


def overlaps_are_refused():
    refused('overlap', mutant('take', '- p->taken = 1;\n\n- p->taken = 1;\n  return 0;\n').apply,
            SOURCE)


def all_fit(root):
    """Each mutant of the tree, on its source as it is and with comments everywhere."""
    folder = os.path.join(root, 'tests', 'bench', 'check', 'mutants')
    names = sorted(os.listdir(folder))
    assert len(names) >= 100, f'only {len(names)} mutants'
    wrong = []
    for name in names:
        try:
            one = mutation.read(os.path.join(folder, name))
            with open(os.path.join(root, one.path)) as f:
                text = f.read()
            changed = one.apply(text)
            assert code(changed) != code(text), f'{name} changes nothing'
            same_code(one.apply(noisy(text)), changed)
        except mutation.Mistake as mistake:
            wrong.append(f'{name.split(".")[0]}: {mistake}')
    assert not wrong, '\n'.join(wrong)


def page_is_current(root):
    """Exactly the mutants that there are, and what is wrong with each."""
    with open(os.path.join(root, 'docs', 'mutants.md')) as f:
        shown = f.read()
    found, rows = mutants_table.all_mutants(), mutants_table.rows_of(mutants_table.PAGE)
    changed = sorted(set(found) ^ set(rows))
    assert not changed, (f'without a row, or without a mutant: {", ".join(changed)}; renew it with '
                         f'{mutants_table.COMMAND}')
    assert shown == mutants_table.page(found, rows), f'stale: {mutants_table.COMMAND} renews it'


def its_command_works(root, build):
    """As it is printed, from the top folder, but with one mutant only and into another file."""
    with open(os.path.join(root, 'docs', 'mutants.md')) as f:
        command = re.search(r'^    ninja -C build && (\S+)$', f.read(), flags=re.M).group(1)
    bare = {k: v for k, v in os.environ.items() if k != 'PYTHONPATH'}
    with tempfile.TemporaryDirectory() as folder:
        made = os.path.join(folder, 'mutants.md')
        done = subprocess.run([command, '--only=ttas_release_relaxed', '--seeds=3',
                               '--output=' + made, os.path.abspath(build)], cwd=root, env=bare,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0, done.stdout
        rows = mutants_table.rows_of(made)
    assert rows['ttas_release_relaxed'].startswith('3 of 3 | '), rows['ttas_release_relaxed']
    assert set(rows) == set(mutants_table.all_mutants()), 'a row is lost'


def main():
    cases = tap.Cases()
    for case in (one_line_changes, comments_may_come, functions_may_move, macros_are_no_lines,
                 directives_take_nothing_in,
                 ambiguous_is_refused, vanished_is_refused, elsewhere_is_not_here,
                 nonsense_is_refused, overlaps_are_refused):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.run('all mutants fit their sources', all_fit, sys.argv[1])
    cases.run('docs/mutants.md is current', page_is_current, sys.argv[1])
    cases.run('the command that it prints works', its_command_works, *sys.argv[1:])
    cases.finish()


if __name__ == '__main__':
    main()
