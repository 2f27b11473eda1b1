#!/usr/bin/env python3
"""What the tool shows on a terminal: within its width, without what it cannot do, one bar.

Usage: screen.py CONTEND
"""

import os
import re
import subprocess
import tempfile

import tap
from terminal import OnTerminal
from tool import contend, expect

LOG = 'time,user,post\n' + ''.join(f'{1_500_000_000 + i},u{i % 50},p{i % 7}\n' for i in range(4000))
# Long enough that the bar is drawn in each of its parts.
REPLAY = ['replay', '--no-floors', '--budget=4', '--window=100', '--threads=1',
          '--strategy=counters/mutex,presence_map/mutex']
CONTROLS = re.compile(r'[\x00-\x09\x0b-\x1f\x7f\x80-\x9f]')


def put(folder, name, text=LOG):
    path = os.path.join(folder, name)
    with open(path, 'w') as f:
        f.write(text)
    return path


def lines_of(seen):
    """What was shown, one after the other, without the escape that clears the rest."""
    return [line.replace('\x1b[K', '') for line in re.split(r'[\r\n]+', seen)]


def a_dumb_terminal_gets_whole_lines():
    with tempfile.TemporaryDirectory() as folder:
        log = put(folder, 'a.csv')
        for term in ('dumb', ''):
            tool = OnTerminal(*REPLAY, '--blocks=2', log, term=term)
            status, out = tool.read_to_the_end()
            assert status == 0 and '\x1b' not in tool.seen + out, (status, tool.seen)
            assert '\r' not in tool.seen.replace('\r\n', ''), repr(tool.seen)
        tool = OnTerminal('run', '--workload=claps', '--threads=1', '--blocks=1', '--window=1', 'faa',
                          term='dumb')
        status, out = tool.read_to_the_end()
        assert '\x1b' not in tool.seen + out, repr(tool.seen)


def a_line_fits_into_the_terminal():
    """One that is longer begins a new line, and is not rewritten."""
    with tempfile.TemporaryDirectory() as folder:
        log = put(folder, 'a_rather_long_name_' * 6 + '.csv')
        for columns in (80, 40):
            tool = OnTerminal(*REPLAY, log, columns=columns)
            status, _ = tool.read_to_the_end()
            shown = [line for line in lines_of(tool.seen) if line]
            assert status == 0 and len(shown) > 5, (status, tool.seen)
            assert max(map(len, shown)) < columns, max(shown, key=len)


def one_bar_for_all_parts():
    """Checking does not end at 100 %, and measuring does not begin anew."""
    with tempfile.TemporaryDirectory() as folder:
        tool = OnTerminal(*REPLAY, put(folder, 'a.csv'))
        tool.read_to_the_end()
        shown = re.findall(r'(\d+) %, about \d+ s left: (\w+)', tool.seen)
        checking = [int(part) for part, what in shown if what == 'checking']
        measuring = [int(part) for part, what in shown if what != 'checking']
        assert measuring, shown
        if not checking:
            raise tap.Skip('the checks were over before the bar was due')
        assert max(checking) < 100 and measuring[0] >= max(checking) / 2, shown


def names_cannot_write_on_the_terminal():
    """Whatever is in the name of a file: in complaints, in the report and in the progress."""
    bad = 'a\x1b[31m\x07\r\x7f\u009bb'
    with tempfile.TemporaryDirectory() as folder:
        log = put(folder, bad + '.csv', LOG + 'broken\n')
        damaged = put(folder, bad + '.gz')
        with open(log, 'rb') as f:
            packed = subprocess.run(['gzip', '-c'], input=f.read(), stdout=subprocess.PIPE, check=True).stdout
        with open(damaged, 'wb') as f:
            f.write(packed[:-20])
        results = os.path.join(folder, bad + '.json')
        done = contend(*REPLAY, '--quiet', '--tolerate=90', f'--json={results}', log, damaged)
        said = done.stdout + done.stderr
        assert done.returncode == 0 and 'A part of the log is missing' in said, done
        assert not CONTROLS.search(said), CONTROLS.findall(said)
        assert os.path.exists(results)
        for command in (['replay', '/nonexistent/' + bad], ['run', f'--json=/nonexistent/{bad}'],
                        ['run', bad], ['compare', '/nonexistent/' + bad, log], ['lift', bad, folder],
                        ['list', bad], ['run', '--' + bad], [bad]):
            done = contend(*command)
            assert done.returncode in (1, 2) and '?[31m?' in done.stderr, (command, done)
            assert not CONTROLS.search(done.stderr), (command, done.stderr)
        tool = OnTerminal(*REPLAY, log)
        tool.read_to_the_end()
        assert not CONTROLS.search(''.join(lines_of(tool.seen))), tool.seen


def main():
    cases = tap.Cases()
    for case in (a_dumb_terminal_gets_whole_lines, a_line_fits_into_the_terminal,
                 one_bar_for_all_parts, names_cannot_write_on_the_terminal):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
