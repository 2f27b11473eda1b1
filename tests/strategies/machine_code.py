#!/usr/bin/env python3
"""What the compiler made of the hot loops, read from the disassembly.

Usage: machine_code.py LIBRARY MACHINE
"""

import sys

import disassembly
import tap


def loop_of(library, machine, symbol):
    """The instructions of a function."""
    if machine not in disassembly.ATOMIC:
        raise tap.Skip(f'the instructions of {machine} are not listed')
    lines = [text for _, text in
             disassembly.instructions(library, machine, f'--disassemble={symbol}')]
    assert lines, f'{symbol} is not in the library'
    return lines


def has_no_atomic_instruction(library, machine, symbol):
    for line in loop_of(library, machine, symbol):
        assert not disassembly.is_atomic(line, machine), f'{symbol}: {line}'


def has_no_call(library, machine, symbol):
    for line in loop_of(library, machine, symbol):
        assert not disassembly.CALL[machine].match(line), f'{symbol}: {line}'


def is_atomic(library, machine, symbol):
    """The gate can see: a loop that must have an atomic instruction has one."""
    assert any(disassembly.is_atomic(line, machine)
               for line in loop_of(library, machine, symbol)), symbol


def main():
    library, machine = sys.argv[1], sys.argv[2]
    cases = tap.Cases()
    for name in ('per_thread', 'rcu', 'null'):
        symbol = f'counter_{name}_loop_add'
        cases.run(f'{name}: add has no atomic instruction', has_no_atomic_instruction, library,
                  machine, symbol)
        cases.run(f'{name}: add makes no call', has_no_call, library, machine, symbol)
    for name in ('faa', 'striped', 'cas'):
        cases.run(f'{name}: add is atomic', is_atomic, library, machine,
                  f'counter_{name}_loop_add')
    cases.finish()


if __name__ == '__main__':
    main()
