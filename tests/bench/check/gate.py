#!/usr/bin/env python3
"""The gate: nothing in an instrumented copy of the strategies goes past the checker.

Usage: gate.py MACHINE LIBRARY...

No instruction that is atomic or a fence is left in the machine code, and every
function that is called from outside is one of the checker's.
"""

import os
import re
import subprocess
import sys
import tempfile

import disassembly
import tap
from disassembly import binutil

# What may be called besides the checker: the addresses of errno and of thread-local variables, what
# compilers call for memory, and to count the bits of a word where the processor need not know how,
# the comparison of names by which entries and options are found, and the advice for huge pages,
# which changes nothing that a thread can see.
MAY_CALL = re.compile(r'^(__tsan_\w+|check_\w+|\w+_o[02](?:_ops)?|__errno_location|__tls_get_addr|memcpy|memset|memmove|'
                      r'madvise|pthread_mutexattr_\w+|'
                      r'strcmp|strncmp|strlen|__popcountdi2|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_)$')

# Clang 14 leaves the atomic load whose value the checker's call replaced: it is read and
# dropped.  On x86-64 it looks like any other load; on aarch64 its acquire is seen.
DROPPED_LOAD = re.compile(r'ldap?r[bh]?\b')


def check_instructions(library, machine):
    if machine not in disassembly.ATOMIC:
        raise tap.Skip(f'the instructions of {machine} are not listed')
    count = 0
    for function, text in disassembly.instructions(library, machine):
        count += 1
        if not DROPPED_LOAD.match(text):
            assert not disassembly.is_atomic(text, machine), f'{function} {text}'
    assert count > 500, f'only {count} instructions: is this the right library?'


def check_calls(library, machine):
    text = subprocess.run([binutil('nm', machine), '-u', library], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    called = set(re.findall(r'^\s+[Uw] (\S+)$', text, flags=re.M))
    assert any(name.startswith('__tsan_atomic') for name in called), 'not instrumented'
    for name in sorted(called):
        assert MAY_CALL.match(name), f'{name} is called past the checker: redirect.h must know it'


def must_fail(check, *args):
    try:
        check(*args)
    except AssertionError:
        return
    raise AssertionError('the gate lets it pass')


def check_the_gate(machine):
    """A library that was not instrumented, and calls what it likes, is rejected."""
    with tempfile.TemporaryDirectory() as folder:
        source, binary = os.path.join(folder, 'x.c'), os.path.join(folder, 'x.o')
        with open(source, 'w') as f:
            f.write('#include <stdatomic.h>\n#include <stdlib.h>\n_Atomic int x;\n'
                    'void *f(void) { atomic_fetch_add(&x, 1); return malloc(1); }\n' +
                    ''.join(f'int g{i}(int y) {{ return y * {i} + 1; }}\n' for i in range(600)))
        subprocess.run([binutil('gcc', machine), '-O1', '-c', source, '-o', binary], check=True)
        if machine in disassembly.ATOMIC:
            must_fail(check_instructions, binary, machine)
        must_fail(check_calls, binary, machine)


def main():
    machine = sys.argv[1]
    cases = tap.Cases()
    cases.run('the gate rejects what is not instrumented', check_the_gate, machine)
    for library in sys.argv[2:]:
        name = os.path.basename(library)
        cases.run(f'{name}: no atomic instruction is left', check_instructions, library, machine)
        cases.run(f'{name}: only the checker is called', check_calls, library, machine)
    cases.finish()


if __name__ == '__main__':
    main()
