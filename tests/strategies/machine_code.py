#!/usr/bin/env python3
"""What the compiler made of the hot loops, read from the disassembly.

A counter declares COUNTER_PLAIN_ADD if and only if its loop of adds has neither an atomic
instruction nor a call.  The counters are those of the library.

Usage: machine_code.py LIBRARY MACHINE
"""

import os
import re
import subprocess
import sys

import disassembly
import tap

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')


def counters_of(library, machine):
    """Every counter of the library, by the name of its loop."""
    listed = subprocess.run([disassembly.binutil('nm', machine), '--defined-only', library],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    return re.findall(r' T contend_counter_(\w+)_loop_add$', listed.stdout, flags=re.M)


def declares_plain(name):
    """Whether the header says so; an entry without one of its name is made of a template."""
    path = os.path.join(ROOT, 'counters', name + '.h')
    if not os.path.exists(path):
        return False  # a template calls its lock
    with open(path) as f:
        return 'COUNTER_PLAIN_ADD' in f.read()


def is_what_it_declares(library, machine, name):
    if machine not in disassembly.ATOMIC:
        raise tap.Skip(f'the instructions of {machine} are not listed')
    symbol = f'contend_counter_{name}_loop_add'
    # GCC keeps what is rare in a part of its own.
    lines = [text for part in (symbol, symbol + '.cold') for _, text in
             disassembly.instructions(library, machine, f'--disassemble={part}')]
    assert lines, f'{symbol} is not in the library'
    costly = [line for line in lines if disassembly.is_atomic(line, machine)
              or disassembly.CALL[machine].match(line)]
    if declares_plain(name):
        assert not costly, f'{symbol} declares COUNTER_PLAIN_ADD and has {costly[0]}'
    else:
        assert costly, f'{symbol} has no atomic instruction and no call: COUNTER_PLAIN_ADD'


def main():
    library, machine = sys.argv[1], sys.argv[2]
    cases = tap.Cases()
    names = counters_of(library, machine)
    # The gate can see both: some counter is of either kind.
    assert {declares_plain(name) for name in names} == {True, False}, names
    for name in names:
        cases.run(f'{name}: add is what it declares', is_what_it_declares, library, machine, name)
    cases.finish()


if __name__ == '__main__':
    main()
