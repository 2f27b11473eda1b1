#!/usr/bin/env python3
"""Records what the labs' commands give on this machine, and writes it into their pages.

Usage: record.py [--busy] CONTEND [LAB]...
       record.py --pages

  CONTEND   runs the commands of every lab, or of those named, as they are printed; for a
            machine that is idle, on which all of them take about nine minutes
  --busy    also where others use the machine; for trying this out in a copy of this folder
  --pages   only writes the pages anew, from what is recorded

A lab is recorded in recorded/NN-name.json if each of its shapes was shown and nobody else used the
machine meanwhile.  It is tried twice.  Exit status: 1 if one could not be recorded.
"""

import json
import math
import os
import re
import shlex
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
MOST_OTHERS = 0.05  # as in bench/course/lesson.c
TRIES = 2
BEGIN, END = '## Recorded\n', '## Quizzes\n'
MACHINE = ('cpu_model', 'cpus_allowed', 'hypervisor', 'kernel', 'compiler', 'commit', 'time')


# ---- pages ----

def pages(folder):
    return sorted(name for name in os.listdir(folder) if re.match(r'\d\d-.*\.md$', name))


def read(*path):
    with open(os.path.join(*path)) as f:
        return f.read()


def asked(text):
    """What a page runs and expects: [(command, [claim])], without answers and conditions."""
    found = re.findall(r'^ {4}(contend [^\n]*)\n\n```expect\n(.*?)```', text, flags=re.S | re.M)
    return [(command, [line for line in lines.split('\n')
                       if line and not line.startswith(('answer ', 'quick: ', 'needs: '))])
            for command, lines in found]


def recorded(folder, page):
    """The recording of a page, or None."""
    path = os.path.join(folder, 'recorded', page[:-3] + '.json')
    return json.loads(read(path)) if os.path.exists(path) else None


def is_of(record, text):
    """Whether a recording is of the page as it is now."""
    shapes = record['labs'][0]['shapes']
    return [(s['command'], [c['claim'] for c in s['claims']]) for s in shapes] == asked(text)


def number(x):
    """Three digits that count, and thousands set apart."""
    if x == 0 or not math.isfinite(x):
        return f'{x:g}'
    digits = 2 - math.floor(math.log10(abs(x)))
    return f'{round(x, digits):,.{max(digits, 0)}f}'


def section(record):
    """What a page tells of its recording."""
    lab, session = record['labs'][0], record['session']
    machine = '; '.join(f'{key.replace("_", " ")}: {session[key]}' for key in MACHINE
                        if session.get(key, 'unavailable') != 'unavailable')
    seconds = sum(s['seconds'] for s in lab['shapes'])
    answers = ''.join(s['answers'] for s in lab['shapes'])
    lines = [BEGIN, '<!-- Written by record.py from the recording beside this page. -->', '',
             f'The commands of this page took {seconds:.0f} s on another machine, and gave what is expected of '
             'them. Compare orders and ratios with yours, not figures.'
             + (f' The prediction that came true there: {answers[0]}.' if answers else ''), '']
    for shape in lab['shapes']:
        claims = [c for c in shape['claims'] if c['left'] is not None]
        if not claims:
            continue
        lines += [f'`{shape["command"]}`', '']
        lines += [f'- `{c["claim"]}`: {number(c["left"])} against {number(c["right"])}' for c in claims] + ['']
    return '\n'.join(lines + [f'The machine: {machine}.', '', ''])


def with_section(text, record):
    """The page with what is recorded; without a recording, without it."""
    end = text.index(END)
    begin = text.index(BEGIN) if BEGIN in text else end
    return text[:begin] + (section(record) if record else '') + text[end:]


def write_pages(folder):
    for page in pages(folder):
        text, record = read(folder, page), recorded(folder, page)
        changed = with_section(text, record)
        if changed != text:
            with open(os.path.join(folder, page), 'w') as f:
                f.write(changed)


# ---- recording ----

def why_not(record, busy):
    """Why a run is not worth recording, or None."""
    lab = record['labs'][0]
    if lab['outcome'] != 'shown':
        return f'{lab["outcome"]}: {lab["why"]}'
    others = max((s['others'] or 0 for s in lab['shapes'] if any(c['left'] is not None for c in s['claims'])),
                 default=0)
    if others > MOST_OTHERS and not busy:
        return f'others used {100 * others:.0f} % of the machine meanwhile'
    return None


def record_lab(contend, page, busy):
    """Runs a lab whole and keeps what it gave.  Why not, or None."""
    why = None
    for _ in range(TRIES):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'lab.json')
            done = subprocess.run([contend, 'lab', f'--from={HERE}', '--check', '--whole', f'--json={path}',
                                   page[3:-3]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if not os.path.exists(path):
                return f'{shlex.join(done.args)}: exit status {done.returncode}: {done.stdout}'
            record = json.loads(read(path))
        why = why_not(record, busy)
        if not why:
            os.makedirs(os.path.join(HERE, 'recorded'), exist_ok=True)
            with open(os.path.join(HERE, 'recorded', page[:-3] + '.json'), 'w') as f:
                f.write(json.dumps(record, indent=1) + '\n')
            return None
    return why


def main():
    words = sys.argv[1:]
    if not words or '--help' in words:
        print(__doc__.strip(), file=sys.stdout if words else sys.stderr)
        sys.exit(0 if words else 2)
    busy, only_pages = '--busy' in words, '--pages' in words
    names = [w for w in words if not w.startswith('--')]
    missing = 0
    for page in [] if only_pages else pages(HERE):
        if not names[1:] or page[3:-3] in names[1:]:
            why = record_lab(os.path.abspath(names[0]), page, busy)
            missing += why is not None
            print(f'{page[:-3]}: {"not recorded: " + why if why else "recorded"}', flush=True)
    write_pages(HERE)
    sys.exit(missing > 0)


if __name__ == '__main__':
    main()
