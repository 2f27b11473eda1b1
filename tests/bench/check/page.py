#!/usr/bin/env python3
"""contend check --page: the page is valid, says what the terminal says, and comes whole or not.

Usage: page.py CONTEND
"""

import html.parser
import itertools
import os
import re
import shutil
import subprocess
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


def shows_the_source(page):
    """Each step with a source has an excerpt, in which its line is marked."""
    excerpts = dict(re.findall(r'<pre id="(c\d+)" hidden="hidden">(.*?)</pre>', page.source, flags=re.S))
    used = set(re.findall(r' data-code="(c\d+)"', page.source))
    assert used and used == set(excerpts), f'{used} {set(excerpts)}'
    for text in excerpts.values():
        name, line = re.match(r'([\w.]+):(\d+)\n', text).groups()
        marked = re.findall(r'<mark> *(\d+)  .*?</mark>', text)
        assert marked == [line], f'{name}:{line} is not marked in\n{text}'


def arrows_lead_from_store_to_load():
    """What a thread reads of another one's names that step, and the row of that step is there."""
    with tempfile.TemporaryDirectory() as folder:
        said, path = check_to_page(folder, 'textbook/treiber', '--mutant=no_tag')
        page = parsed(path)
        links = re.findall(r'<tr id="s(\d+)" data-step="\d+" data-thread="(\d)" data-from="(\d+)"',
                           page.source)
        assert links, said
        for step, thread, source in links:
            row = re.search(rf'<tr id="s{source}" [^>]*data-thread="(\d)"', page.source)
            assert row and row.group(1) != thread and int(source) < int(step), (step, source)
            assert f'from thread {row.group(1)}, step {source}' in page.texts['body'][0]


def a_browser_steps():
    """The script draws the arrows; the page is whole without it, as the other cases show."""
    browser = shutil.which('chromium')
    if not browser:
        raise tap.Skip('there is no chromium (Debian: chromium)')
    with tempfile.TemporaryDirectory() as folder:
        _, path = check_to_page(folder, 'textbook/treiber', '--mutant=no_tag')
        with open(path, encoding='utf-8') as f:
            text = f.read()
        press = '''<script>document.dispatchEvent(new KeyboardEvent('keydown', {key: 'j'}));
document.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowDown'}));</script></body>'''
        with open(path, 'w', encoding='utf-8') as f:
            f.write(text.replace('</body>', press))
        done = subprocess.run([browser, '--headless', '--no-sandbox', '--disable-gpu',
                               f'--user-data-dir={folder}/profile', '--dump-dom', 'file://' + path],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=120)
        dom = done.stdout
        links = len(re.findall(r'data-from=', text))
        assert len(re.findall(r'<path ', dom)) == links > 0, dom[-2000:]
        rows = re.findall(r'<tr id="s(\d+)"[^>]*>', dom)
        now = re.search(r'<tr id="s(\d+)"[^>]*class="now"[^>]*aria-current="step"', dom)
        assert now and now.group(1) == rows[1], f'{now} {rows[:3]}'
        code = re.search(r'<tr id="s%s"[^>]*data-code="(c\d+)"' % rows[1], dom)
        assert not code or re.search(r'<pre id="%s">' % code.group(1), dom), 'its source is hidden'


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
        shows_the_source(page)
        assert os.listdir(folder) == ['page.html']


def stale_reads_have_a_colour():
    """Two choices make the reader pass over the newest value: which two, is looked for."""
    with tempfile.TemporaryDirectory() as folder:
        for first, second in itertools.combinations(range(12), 2):
            replay = f'counters/faa@o2@=a1+r@weak@quarantine@{first}:1,{second}:1'
            said, path = check_to_page(folder, '--replay', replay, status=0)
            if 'stale: passes over 1 newer store; written by the setup' in said:
                assert re.search(r'<td class="main stale inside"', parsed(path).source), said
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
    for case in (stale_reads_have_a_colour, arrows_lead_from_store_to_load, a_browser_steps, nothing_found_no_page, the_first_failure_is_kept,
                 an_unwritable_page_is_refused):
        cases.run(case.__name__.replace('_', ' '), case)
    cases.finish()


if __name__ == '__main__':
    main()
