#!/usr/bin/env python3
"""contend check --page: the page is valid, says what the terminal says, and comes whole or not.

Usage: page.py CONTEND
"""

import html.parser
import itertools
import os
import re
import tempfile
import xml.etree.ElementTree

import tap
from tool import contend, expect

VOID = {'meta', 'br', 'hr', 'link', 'img', 'input'}


class Strict(html.parser.HTMLParser):
    """Every tag is closed in its order, nothing is loaded; the text is collected by tag."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.texts, self.classes = [], {}, set()

    def handle_starttag(self, tag, attributes):
        assert not {'src', 'href', 'onclick'} & {name for name, _ in attributes}, (tag, attributes)
        self.classes |= set((dict(attributes).get('class') or '').split())
        if tag not in VOID:
            self.open.append(tag)
            self.texts.setdefault(tag, []).append('')

    def handle_startendtag(self, tag, attributes):
        assert tag in VOID, f'<{tag} />'

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f'</{tag}> closes {self.open}'
        self.open.pop()

    def handle_data(self, data):
        for tag in self.open:
            self.texts[tag][-1] += data


def parsed(path):
    with open(path, encoding='utf-8') as f:
        text = f.read()
    assert text.startswith('<!DOCTYPE html>\n')
    page = Strict()
    page.feed(text)
    page.close()
    page.source = text
    assert page.open == [], f'left open: {page.open}'
    xml.etree.ElementTree.fromstring(text)  # well-formed as well
    return page


def check_to_page(folder, *arguments, status=1):
    path = os.path.join(folder, 'page.html')
    done = expect(contend('check', f'--page={path}', '-q', *arguments), status)
    return done.stdout, path


def says_the_same(name, wanted):
    with tempfile.TemporaryDirectory() as folder:
        said, path = check_to_page(folder, name)
        page = parsed(path)
        assert f'The page is {path}' in said
        whole = page.texts['body'][0]
        steps = re.findall(r'^ +\d+  (.*)$', said, flags=re.M)
        assert len(steps) > 3
        for step in steps:
            source, text = step[:20].strip(), step[20:].strip()
            assert text in page.texts['td'] or any(t.startswith(text) for t in page.texts['td']), \
                f'{text!r} is not on the page'
            assert not source or source in page.texts['td'], source
        verdict = re.search(r'\n\n((?:assertion|data race): .*?)\n\n', said, flags=re.S).group(1)
        assert verdict in page.texts['pre'], f'{verdict}\n{page.texts["pre"]}'
        assert re.search(r"contend check --replay '[^']+'", said).group(0) in page.texts['pre']
        for text in wanted:
            assert text in whole, text
        assert {'write', 'call', 'aside', 'step'} <= page.classes, page.classes
        assert os.listdir(folder) == ['page.html']


def stale_reads_have_a_colour():
    """Two choices make the reader pass over the newest value: which two, is looked for."""
    with tempfile.TemporaryDirectory() as folder:
        for first, second in itertools.combinations(range(12), 2):
            replay = f'counters/faa@o2@=a1+r@weak@quarantine@{first}:1,{second}:1'
            said, path = check_to_page(folder, '--replay', replay, status=0)
            if 'stale: passes over 1 newer store; written by the setup' in said:
                assert re.search(r'<td class="stale inside"', parsed(path).source), said
                return
        raise AssertionError('no choices lead to a stale read')


def nothing_found_no_page():
    with tempfile.TemporaryDirectory() as folder:
        said, path = check_to_page(folder, 'faa', '--budget=10', status=0)
        assert 'No page was written' in said and not os.path.exists(path)


def the_first_failure_is_kept():
    with tempfile.TemporaryDirectory() as folder:
        said, path = check_to_page(folder, 'counters/plain', 'lost_heartbeat')
        assert said.count('The page is') == 1
        assert 'counters/plain' in parsed(path).texts['title'][0]


def an_unwritable_page_is_refused():
    with tempfile.TemporaryDirectory() as folder:
        for path, why in ((folder, 'Is a directory'), ('', 'No such file'),
                          (f'{folder}/none/page.html', 'No such file')):
            done = expect(contend('check', f'--page={path}', 'faa'), 1, err=['--page=', why])
            assert 'executions' not in done.stdout, 'it checks before it looks'
        expect(contend('check', '--page=/dev/full', 'counters/plain'), 1, ['data race'],
               ['--page=/dev/full: could not be written: No space left'])


def main():
    cases = tap.Cases()
    cases.run('a lost heartbeat', says_the_same, 'lost_heartbeat',
              ['up to +30000 ms', 'h0a/h0c+sd', '-> 1000030000', 'Linearisation points', 'kept'])
    cases.run('a race', says_the_same, 'counters/plain',
              ['not ordered with the last step', 'HERE: data race', 'sequentially consistent'])
    for case in (stale_reads_have_a_colour, nothing_found_no_page, the_first_failure_is_kept,
                 an_unwritable_page_is_refused):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
