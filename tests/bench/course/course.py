#!/usr/bin/env python3
"""The labs of the course: each shape is shown, or not shown here for a reason; their pages are whole.

Usage: course.py CONTEND SOURCE_ROOT
"""

import json
import os
import re
import shlex
import sys
import tempfile

import tap
from tool import contend, expect

COURSE = os.path.join(os.path.abspath(sys.argv[2]), 'docs', 'course')
# "Recorded" stands behind "Try" once there is a recording, which tests/docs.py looks at.
SECTIONS = ['Question', 'Predict', 'See', 'Why', 'Try', 'Quizzes', 'Reading']


def pages():
    return sorted(name for name in os.listdir(COURSE) if re.match(r'\d\d-.*\.md$', name))


def text_of(page):
    with open(os.path.join(COURSE, page)) as f:
        return f.read()


def commands_of(page):
    return [line.strip() for line in re.findall(r'^ {4}(contend [^\n]*)', text_of(page), flags=re.M)]


def is_whole(page):
    """What every lab has: its sections in order, three quizzes, a command whose shape is checked, what others found."""
    text = text_of(page)
    assert re.match(rf'# {int(page[:2])}\. [A-Z]', text), text[:40]
    assert re.findall(r'^## (?!Recorded)(.*)$', text, flags=re.M) == SECTIONS, page
    assert text.count('<details><summary>') == 3 == text.count('</details>'), page
    assert re.search(r'^    contend [^\n]*\n\n```expect\n', text, flags=re.M), page
    assert re.search(r'^answer [a-z]( if |$)', text, flags=re.M), f'{page}: no prediction is judged'
    assert re.search('(Published|Measured elsewhere)[ ,:]', text), f'{page}: nothing of others beside it'


def named_exist(page):
    """What its sentences name, as `contend gallery` or `contend lab new stack DIR`: commands, and their options."""
    text = re.sub(r'^## Recorded$.*?^## ', '', text_of(page), flags=re.S | re.M)
    for line in sorted(set(re.findall(r'`contend ([^`]+)`', text.replace('\n', ' ')))):
        words = line.split()
        told = expect(contend(words[0], *(w for w in words[1:2] if words[0] == 'lab' and w in ('new', 'judge')), '--help'), 0).stdout
        for word in words[1:]:
            assert not word.startswith('-') or word.split('=')[0] in told, f'contend {line}\n{told}'
            assert not re.fullmatch('[a-z]+', word) or words[0] != 'lab' or word in told, f'contend {line}\n{told}'


def shape_is_there(page):
    name = re.match(r'\d\d-(.*)\.md', page).group(1)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'l.json')
        expect(contend('lab', '--check', f'--json={path}', name), 0)
        with open(path) as f:
            lab, = json.load(f)['labs']
    for shape in lab['shapes']:
        print(f'# {lab["name"]}: {shape["outcome"]} {shape["why"]} ({shape["seconds"]:.1f} s)')


def command_runs(page, line):
    """As it is printed.  One that finds a failure on purpose says so by its status, and so does one that
    could not tell."""
    with tempfile.TemporaryDirectory() as folder:
        done = contend(*shlex.split(line)[1:], cwd=folder, timeout=600)
    assert done.returncode in (0, 1), (line, done.returncode, done.stdout, done.stderr)
    said = any(word in done.stdout for word in ('FAILED', 'assertion: ', 'WRONG', 'NOT SHOWN', 'not reached', 'NOISY'))
    assert done.returncode == 0 or said, (line, done.stdout)


def main():
    cases = tap.Cases()
    printed = 'printed' in sys.argv[3:]
    for page in tap.share(pages() + ['README.md'] * printed):
        if not printed:
            cases.run(f'{page}: its shape is there', shape_is_there, page)
            continue
        for line in commands_of(page):
            cases.run(f'{page}: {line}', command_runs, page, line)
    if not printed:
        for page in pages():
            cases.run(f'{page} is whole', is_whole, page)
        cases.run('what sentences name exists', lambda: [named_exist(page) for page in pages() + ['README.md']])
    cases.finish()


if __name__ == '__main__':
    main()
