#!/usr/bin/env python3
"""What the compiler made of the hot loops, read from the disassembly.

Usage: machine_code.py LIBRARY MACHINE
"""

import re
import subprocess
import sys

import tap

LOCKED = re.compile(r'\b(lock|xchg|cmpxchg\w*|mfence)\b')


def loop_of(library, symbol):
    """The instructions of a function, without addresses."""
    text = subprocess.run(['objdump', '-d', '--no-show-raw-insn', f'--disassemble={symbol}',
                           library], stdout=subprocess.PIPE, text=True, check=True).stdout
    lines = re.findall(r'^\s+[0-9a-f]+:\t(.*)$', text, flags=re.M)
    assert lines, f'{symbol} is not in the library'
    return lines


def has_no_locked_instruction(library, symbol):
    for line in loop_of(library, symbol):
        assert not LOCKED.search(line), f'{symbol}: {line}'


def has_no_call(library, symbol):
    for line in loop_of(library, symbol):
        assert not re.match(r'call', line), f'{symbol}: {line}'


def is_locked(library, symbol):
    """The gate can see: a loop that must have a locked instruction has one."""
    assert any(LOCKED.search(line) for line in loop_of(library, symbol)), symbol


def main():
    library, machine = sys.argv[1], sys.argv[2]
    cases = tap.Cases()

    def only_x86(check, *args):
        if machine != 'x86_64':
            raise tap.Skip(f'the instructions are those of x86-64, this is {machine}')
        check(*args)

    for name in ('per_thread', 'rcu', 'null'):
        symbol = f'counter_{name}_loop_add'
        cases.run(f'{name}: add has no locked instruction', only_x86, has_no_locked_instruction,
                  library, symbol)
        cases.run(f'{name}: add makes no call', only_x86, has_no_call, library, symbol)
    for name in ('faa', 'striped', 'cas'):
        cases.run(f'{name}: add is locked', only_x86, is_locked, library,
                  f'counter_{name}_loop_add')
    cases.finish()


if __name__ == '__main__':
    main()
