#!/usr/bin/env python3
"""What a failure prints: the access that decides, operands, names, and no line 300 times.

Usage: prints.py SOURCE_ROOT LIBRARY
"""

import itertools
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile

import tap

ROOT, LIBRARY = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
HERE = os.path.join(ROOT, 'tests', 'bench', 'check')
SHAPES = [
    ('UNTAGGED', 'write deque1.bottom := 2'),
    ('LISTS', 'load given = node2', 'read node2.next = node1', 'read counts[3] = 1'),
    ('ON_STACKS', 'store line := &thread1.self', 'load line = &thread1.self', 'store thread1.self.go := 1'),
    ('STRUCTURE', 'fetch_add hash.buckets[1]: 1 -> 2'),
]
# For the cases of operands.c: the condition that is false, and its operands.
OPERANDS = [
    (1, 'counts[i] == 8', 'counts[i] = 7, i = 1'),
    (2, 'queue.slots[queue.head] == 4 && grid[1][2] == 9',
     'queue.slots[queue.head] = 3, queue.head = 2, grid[1][2] = 6'),
    (3, 'share > 1 && exact > 1', 'share = 0.5, exact = 0.25'),
    (4, 'wide == 2', 'wide = -3'),
    (5, 'table->rows[2].value == 3 && pool[1]->value == 4', 'table->rows[2].value = 5, pool[1]->value = 6'),
    (6, 'strcmp(word, "two limit") == 0', 'word = "one"'),
    (7, "letter == 'c'", 'letter = 98'),
    (8, 'strcmp(name, "xz") == 0', 'name = "xy"'),
    (9, 'flags.ready == 4 && own->step == 2', 'flags.ready = 3, own->step = -1'),
    (10, 'seen == 2', 'gate = 1, seen = 1'),
    (11, 'ring.cur == ring.begin', 'ring.cur = ring.begin+16'),
]
VALUES = [
    (2, 'read grid[1][2] = 6'),
    (3, 'read share = 0.5'),
    (9, 'read flags.{kind, ready', '} = {1, 3'),
    (8, 'name[0] = "xy"'),
    (11, 'read ring.cur = ring.begin+16'),
    (12, 'read message = "hello"'),
]


def said(program, *arguments, source='prints.c', compiler='gcc', flags=(), status=1):
    with tempfile.TemporaryDirectory() as folder:
        made, run = os.path.join(folder, 'prints.o'), os.path.join(folder, 'prints')
        subprocess.run([compiler, '-std=c11', '-D_GNU_SOURCE', '-g', '-I' + os.path.join(ROOT, 'bench'),
                        *flags, '-fsanitize=thread', '-include', 'machine/redirect.h', '-D' + program,
                        '-c', os.path.join(HERE, source), '-o', made], check=True)
        subprocess.run([compiler, made, LIBRARY, '-ldw', '-o', run], check=True)
        done = subprocess.run([run, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=120)
        assert done.returncode == status, f'{done.returncode}\n{done.stdout}'
        return done.stdout


def shows(text, *wanted):
    for line in wanted:
        assert line in text, f'{line!r} is not in\n{text}'


def lost_clap():
    """Past the race: both read 0, one clap is lost, and the assertion says what claps was."""
    text = said('LOST_CLAP', '--past-races')
    assert len(re.findall(r'read claps = 0', text)) == 2, text
    shows(text, 'claps == 2 is false', ', where claps = 1', 'races: no order')
    shows(said('LOST_CLAP'), 'data race: ')


def one_thread_touches_it():
    """The write that decides is shown, although no other thread touches that variable."""
    text = said('ONE_TOUCHES')
    shows(text, 'write claps := 1', 'afterwards: read claps = 1', 'where claps = 1')


def what_an_assertion_has_read_is_shown():
    """In a thread as well, though steps of others' interest lie between."""
    text = said('ONE_DECIDES')
    assert re.search(r'read claps = 1\n.*store given := 2.*HERE: assertion', text, flags=re.S), text


def long_names_keep_the_columns():
    text = said('ONE_TOUCHES')
    head = next(line for line in text.splitlines() if line.startswith(' step  source'))
    at, second = head.index('thread 1'), head.index('thread 2')
    assert re.search(r'\n +\d+  \.\.\S+_long\.h:\d+', text), text
    for line in text.splitlines():
        step = re.match(r' +\d+  \S+:\d+ +', line)
        if step and 'afterwards' not in line:
            assert step.end() in (at, second), f'{line}\n{head}'


def operands_are_shown(compiler):
    """Locals, members behind pointers, and what an atomic load on that line has returned."""
    shows(said('LOCAL_OPERANDS', compiler=compiler), 'where letter = 0, first->next->value = 7, first->value = 3')


def operand_of(text, condition):
    """What is said behind a false condition."""
    found = re.search(re.escape(condition) + r' is false at \S+?:\d+(?:, where (.*))?', text)
    assert found, f'{condition!r} is not false in\n{text}'
    return found[1] or ''


def has_operands(compiler):
    """Elements, floating-point numbers, texts, bit-fields; and nothing out of a literal."""
    for number, condition, values in OPERANDS:
        text = said(f'CASE={number}', source='operands.c', compiler=compiler)
        assert operand_of(text, condition) == values, f'not {values!r} in\n{text}'


def has_values(compiler):
    """The steps show bit-fields by their bits, floating-point numbers and letters as such."""
    for number, *wanted in VALUES:
        text = said(f'CASE={number}', source='operands.c', compiler=compiler)
        shows(text, *wanted)


def a_name_too_long_keeps_its_line():
    with tempfile.TemporaryDirectory() as folder:
        long = os.path.join(folder, 'a_name_that_goes_on_' + 5 * 'and_on_' + 'for_a_file_of_one_test.c')
        shutil.copy(os.path.join(HERE, 'prints.c'), long)
        text = said('LOCAL_OPERANDS', source=long, flags=['-I' + HERE])
    assert re.search(r'^ +\d+  \.\.\S*_one_test\.c:\d+ ', text, flags=re.M), text
    shows(text, 'where letter = 0, first->next->value = 7')
    for line in re.findall(r'^ +\d+  \.\.\S+', text, flags=re.M):
        assert re.search(r'\.c:\d+$', line), line


def naive_spinner_is_brief():
    text = said('NAIVE_SPIN')
    assert len(re.findall(r'exchange lock: 1 -> 1', text)) <= 5, text
    shows(text, 'livelock: ')


def volatile_spinner_waits():
    """It races; past that, it waits for the other thread, sees its letter or not, and for ever if none comes."""
    shows(said('VOLATILE_SPIN'), 'data race: ')
    shows(said('VOLATILE_SPIN', '--past-races'), 'letter == 7 is false')
    shows(said('VOLATILE_SPIN', '--past-races', flags=['-DFORGETS']), 'livelock: ', 'thread 1 spins at prints.c:')


def a_pause_has_the_place_of_its_loop():
    """Not that of the compiler's header, in which it is a function."""
    if platform.machine() != 'x86_64':
        raise tap.Skip('there is no _mm_pause()')
    text = said('PAUSED_SPIN')
    shows(text, 'thread 1 spins at prints.c:')
    assert 'intrin.h' not in text, text


def many_turns_are_folded():
    text = said('PATIENT_SPIN')
    assert len(re.findall(r'exchange lock: 1 -> 1', text)) <= 5, text
    assert re.search(r'\(the same [23] rows \d+ times more\)', text), text
    shows(text, 'it gives up')


def pointers_have_names():
    """Those to statics and to locals as well; no number in hexadecimal stands anywhere."""
    text = said('POINTERS')
    shows(text, 'store head := &tail, ', 'store head := &thread1.mine', 'where head = &thread1.mine')
    assert '0x' not in text, text


def has_its_shape(program, compiler, *wanted):
    """Members, elements and variables have their names, also where variables alone point to them."""
    text = said(program, source='shapes.c', compiler=compiler)
    shows(text, *wanted)
    assert not re.search(r'block\d|local\d|\+\d', text), text


def both_halves_have_one_row():
    text = said('WIDE', source='shapes.c')
    shows(text, 'cas stack.head: {0, 0} -> {&only, 1}, seq_cst',
          'cas stack.head fails: is {&only, 1}, not {0, 0}, seq_cst')
    assert len(re.findall(' cas ', text)) == 2 and 'stack.head.' not in text, text


def the_read_that_gave_the_address_is_shown():
    """Of a crash; and the read that crashed returned nothing."""
    text = said('CRASHES')
    shows(text, 'load place = 0', 'HERE: crash')
    assert not re.search(r'read \(nil\)\S* = ', text), text


def models_of_locks_are_told_by_their_own_names():
    text = said('MEETS')
    shows(text, 'begin once first', 'come to barrier meeting', 'wait at barrier meeting', 'waits for others at a barrier',
          'let the others pass', 'times out')
    assert 'lock meeting' not in text and 'lock first' not in text, text


def a_destroyed_semaphore_is_called_so():
    shows(said('SEMAPHORE'), 'uses a semaphore that was destroyed')


def main():
    cases = tap.Cases()
    for case in (lost_clap, one_thread_touches_it, what_an_assertion_has_read_is_shown, long_names_keep_the_columns, naive_spinner_is_brief,
                 volatile_spinner_waits, a_pause_has_the_place_of_its_loop, many_turns_are_folded, pointers_have_names,
                 the_read_that_gave_the_address_is_shown, models_of_locks_are_told_by_their_own_names,
                 a_destroyed_semaphore_is_called_so):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.run('both halves have one row', both_halves_have_one_row)
    for compiler, (program, *wanted) in itertools.product(('gcc', 'clang'), SHAPES):
        cases.run(f'{program} has its shape, {compiler}', has_its_shape, program, compiler, *wanted)
    cases.run('a name too long keeps its line', a_name_too_long_keeps_its_line)
    for compiler in ('gcc', 'clang'):
        cases.run(f'elements, floats, texts and bits are operands, {compiler}', has_operands, compiler)
        cases.run(f'values have the form of their type, {compiler}', has_values, compiler)
        cases.run(f'operands are shown, {compiler}', operands_are_shown, compiler)
    cases.finish()


if __name__ == '__main__':
    main()
