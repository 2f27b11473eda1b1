#!/usr/bin/env python3
"""What docs/presence.md says of the bytes and the times of quotient maps is what they take and keep.

Usage: quotient_sizes.py [--write] PROGRAM SOURCE_ROOT
  --write   renews the tables in the page
"""

import os
import re
import subprocess
import sys

# Also by hand, where nobody says where the tests' shared modules are.
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, 'support'))
import tap  # noqa: E402

PART = re.compile(r'(<!-- sizes: [^>]*-->\n\n)(.*?)(<!-- end -->)', flags=re.S)


def with_tables(page, program):
    made = subprocess.run([program], stdout=subprocess.PIPE, text=True, check=True).stdout.split('\n\n')
    assert len(PART.findall(page)) == len(made), f'{len(made)} tables have no place in the page'
    return PART.sub(lambda m: m.group(1) + made.pop(0).rstrip('\n') + '\n\n' + m.group(3), page)


def page_is_current(path, program):
    with open(path) as f:
        page = f.read()
    assert page == with_tables(page, program), (
        'docs/presence.md is stale; in the source folder this renews it:\n'
        f'python3 tests/presence_map/quotient_sizes.py --write {os.path.relpath(program)} .')


def main():
    arguments = [a for a in sys.argv[1:] if a != '--write']
    program, root = arguments
    path = os.path.join(root, 'docs', 'presence.md')
    if '--write' in sys.argv:
        with open(path) as f:
            page = with_tables(f.read(), program)
        with open(path, 'w') as f:
            f.write(page)
        return
    cases = tap.Cases()
    cases.run('the page has the tables of this build', page_is_current, path, program)
    cases.finish()


if __name__ == '__main__':
    main()
