#!/usr/bin/env python3
"""A conformance test over a broken copy: it fails for the entry that was broken, and for no other.

Usage: broken.py MUTANT SOURCE_ROOT FOLDER STAMP   writes the changed file below FOLDER, and STAMP
       broken.py --run MUTANT PROGRAM              runs the test, which is linked with that copy

MUTANT is written as bench/check/mutation.py says.  This is for entries that the checker cannot
explore, since their libraries are not instrumented.
"""

import os
import re
import subprocess
import sys

import mutation
import tap


def write(path, root, folder, stamp):
    mutant = mutation.read(path)
    with open(os.path.join(root, mutant.path)) as f:
        changed = mutant.apply(f.read())
    copy = os.path.join(folder, mutant.path)
    os.makedirs(os.path.dirname(copy), exist_ok=True)
    for name, text in ((copy, changed), (stamp, '')):
        with open(name, 'w') as f:
            f.write(text)


def is_found(path, program):
    subject = mutation.read(path).subject
    environment = {k: v for k, v in os.environ.items() if k != 'CONTEND_ROTATION'} | {'CMOCKA_MESSAGE_OUTPUT': 'TAP'}
    done = subprocess.run([program], env=environment, text=True, timeout=120,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    failed = re.findall(r'^not ok \d+ - ([^\s:]+)', done.stdout, flags=re.M)
    assert done.returncode != 0 and failed, f'{subject} passes though it is broken\n{done.stdout}'
    assert all(subject.endswith('/' + f) for f in failed), done.stdout


def main():
    if sys.argv[1] != '--run':
        write(*sys.argv[1:])
        return
    cases = tap.Cases()
    cases.run(os.path.basename(sys.argv[2])[:-len('.mutant')] + ' fails, and no other entry', is_found, *sys.argv[2:])
    cases.finish()


if __name__ == '__main__':
    main()
