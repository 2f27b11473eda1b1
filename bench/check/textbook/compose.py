#!/usr/bin/env python3
"""Writes one file of C for each textbook program and each of its mutants, and their list.

Usage: compose.py FOLDER OUTPUT_FOLDER NAME...

NAME is a program, "treiber", or with a mutant "treiber_no_tag".  FOLDER/treiber.c becomes
OUTPUT_FOLDER/treiber.c, whose test has a name of its own; FOLDER/mutants/treiber_no_tag.mutant
is applied to a copy, OUTPUT_FOLDER/treiber_no_tag.c.  textbook_registry.c lists them.
"""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import mutation  # noqa: E402, after the path is known


def quoted(text):
    return '"' + text.replace('\\', '\\\\').replace('"', '\\"') + '"'


def program_of(name, folder):
    """The program that a mutant changes: the longest whose name it begins with."""
    parts = name.split('_')
    for count in range(len(parts), 0, -1):
        program = '_'.join(parts[:count])
        if os.path.exists(os.path.join(folder, program + '.c')):
            return program
    sys.exit(f'compose.py: {name}: there is no such program')


def applied(change, text, folder):
    """The program with the change; a header that is changed stands in it in place of its include."""
    root = os.path.normpath(os.path.join(folder, '..', '..', '..'))
    if os.path.dirname(os.path.join(root, change.path)) == os.path.normpath(folder):
        return change.apply(text)
    with open(os.path.join(root, change.path)) as f:
        header = change.apply(f.read())
    include = f'#include "{change.path}"\n'
    if include not in text:
        raise mutation.Mistake(f'{change.path} is not included by the program')
    return text.replace(include, header)


def compose(name, folder):
    """(program, mutant or None, a sentence about it, the text)"""
    program = program_of(name, folder)
    with open(os.path.join(folder, program + '.c')) as f:
        text = f.read()
    about = re.match(r'/\* \w+\.c - (.*?) \*/', text, flags=re.S).group(1)
    mutant = None
    if name != program:
        change = mutation.read(os.path.join(folder, 'mutants', name + '.mutant'))
        mutant, about, text = name[len(program) + 1:], change.wrong, applied(change, text, folder)
    return program, mutant, ' '.join(about.split()), f'#define textbook textbook_{name}\n{text}'


def main():
    folder, output, names = sys.argv[1], sys.argv[2], sys.argv[3:]
    found = []
    for name in names:
        try:
            program, mutant, about, text = compose(name, folder)
        except mutation.Mistake as mistake:
            sys.exit(f'compose.py: {mistake}')
        found.append((name, program, mutant, about))
        with open(os.path.join(output, name + '.c'), 'w') as f:
            f.write(text)
    with open(os.path.join(output, 'textbook_registry.c'), 'w') as f:
        f.write('#include "bench/check/textbook/registry.h"\n\n')
        f.writelines(f'extern const struct check_test textbook_{name};\n' for name, *_ in found)
        f.write('\nconst struct textbook_program textbook_programs[] = {\n')
        for name, program, mutant, about in found:
            f.write(f'    {{ "{program}", {quoted(mutant) if mutant else "NULL"},\n'
                    f'      {quoted(about)}, &textbook_{name} }},\n')
        f.write('    { NULL, NULL, NULL, NULL },\n};\n')


if __name__ == '__main__':
    main()
