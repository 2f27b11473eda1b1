#!/usr/bin/env python3
"""`contend report`: the page, and the page in a browser.

Usage: page.py CONTEND

The browser is Debian's Chromium, without a window; where it or its driver is missing, what needs
it is skipped.
"""

import json
import os
import re
import tempfile

import browser
import tap
from tool import contend, expect

BEYOND = ['memory', 'oversubscribe', 'fairness', 'gallery']


class Pages:
    """The files that are drawn, and the pages of them."""

    def __init__(self, folder):
        self.folder = folder
        quick = ['--quiet', '--no-floors', '--threads=1,2', '--blocks=3', '--window=5']
        expect(contend('run', *quick, '--workload=claps,heartbeats', '--users=1000', 'mutex',
                       'faa', 'cas', 'packed', f'--json={self.path("real")}.json'), 0)
        self.measure('before', 1)
        self.measure('after', 1.5)
        expect(contend('latency', '--quiet', '--rate=0.5,1', '--length=40', '--object=counter', 'faa',
                       f'--json={self.path("latency")}.json'), 0)
        expect(contend('stall', '--quiet', '--trials=3', '--object=counter', 'faa', 'mutex',
                       f'--json={self.path("stall")}.json'), 0)
        expect(contend('memory', '--quiet', '--grow-to=5000', '--crowd=2000', '--users=1k,10k', 'packed',
                       'presence_map/mutex', f'--json={self.path("memory")}.json'), 0)
        expect(contend('gallery', '--quiet', '--blocks=3', '--length=2', '--broken=unpadded,closed-loop', 'faa',
                       'counters/mutex', 'packed', f'--json={self.path("gallery")}.json'), 0)
        for command in ('oversubscribe', 'fairness'):
            expect(contend(command, '--quiet', '--length=5', '--object=counter', 'faa', 'mutex',
                           f'--json={self.path(command)}.json'), 0)

    def measure(self, name, factor):
        """The real file with figures as an idle machine would give them."""
        with open(self.path('real') + '.json') as f:
            data = json.load(f)
        # Nor need a busy machine have ranked anything.
        names, question = ['mutex', 'faa'], 'Must it be so?'
        data['answers'] = [{'object': data['cells'][0]['object'], 'heading': 'OF THE TEST',
                            'what': 'Why it is there.', 'cells': 1, 'beaten': 3,
                            'questions': [question], 'candidates': [
                                {'strategy': name, 'times': 2 - i, 'bytes': 16 - i, 'p999_ns': 1e4, 'debts': 1 - i,
                                 'at_floor': False, 'not_if': [question] if i else []}
                                for i, name in enumerate(names)]}]
        for cell in data['cells']:
            cell['ranked'] = True
            for i, s in enumerate(cell['strategies']):
                ratio = factor * (i + 1) * cell['threads']
                s.update(ops_per_s=ratio * 1e7, jain=1, cpu_ns_per_op=10, bytes_per_item=16 + i,
                         ratio={'low': ratio * .9, 'median': ratio, 'high': ratio * 1.1})
        with open(self.path(name) + '.json', 'w') as f:
            json.dump(data, f)

    def path(self, name):
        return os.path.join(self.folder, name)

    def made(self, *names):
        out = self.path('page.html')
        done = expect(contend('report', f'--out={out}', *(self.path(n) + '.json' for n in names)), 0,
                      ['saved', 'page.html'])
        assert not done.stderr, done.stderr
        return out


def needs_no_network(pages):
    """Nothing in it is fetched, and it is small enough to send."""
    with open(pages.made('before', 'after', 'latency', 'stall', *BEYOND)) as f:
        text = f.read()
    assert len(text) < 2000000, len(text)
    ours = re.sub(r'<script>/\*!.*?</script>', '', text, count=1, flags=re.S)
    assert 'Chart.js' in text and len(ours) < len(text), 'the library is not in it'
    assert not re.search(r'(?:src|href)\s*=|url\(|@import|https?://(?!www\.w3\.org)', ours), ours[:2000]
    assert '"probe_before_ns"' not in ours  # raw windows


def holds_any_text(pages):
    """A name that would end the script, or begin markup, is a name."""
    with open(pages.path('stall') + '.json') as f:
        data = json.load(f)
    data['strategies'][0]['strategy'] = '</script><b>x'
    with open(pages.path('odd') + '.json', 'w') as f:
        json.dump(data, f)
    with open(pages.made('odd')) as f:
        assert '</script><b>x' not in f.read()


def bad_files_are_refused(pages):
    out = f'--out={pages.path("no.html")}'
    expect(contend('report', '--help'), 0, ['Usage: contend report', 'Exit status'])
    expect(contend('report', out), 2, err=['which FILE'])
    expect(contend('report', out, '/nonexistent/x'), 1, err=['/nonexistent/x', 'No such file'])
    for text, why in (('{', 'not a JSON file'), ('{"schema": "x"}', 'its schema'),
                      ('{"schema": "contend.stall", "version": 1}', 'no strategies'),
                      ('{"schema": "contend.run", "version": 99, "cells": []}', 'newer')):
        with open(pages.path('bad.json'), 'w') as f:
            f.write(text)
        expect(contend('report', out, pages.path('bad.json')), 1, err=['bad.json', why])
    expect(contend('report', '--out=/nonexistent/r', pages.path('stall') + '.json'), 1,
           err=['/nonexistent/r'])
    assert not os.path.exists(pages.path('no.html'))


def bars_are_for_those_without_a_browser(pages):
    """As far to the right as the ratio is large, the median within its interval."""
    file = pages.path('before') + '.json'
    done = expect(contend('report', '--bars', file, env={**os.environ, 'LC_ALL': 'C'}), 0)
    assert max(map(len, done.stdout.splitlines())) <= 80, done.stdout
    with open(file) as f:
        cells = json.load(f)['cells']
    for cell in cells:
        part = done.stdout.split(cell['name'] + '\n')[1].split('\n\n')[0].split('\n')
        seen = []
        for s in (s for s in cell['strategies'] if not s['again']):
            line = next(line for line in part if line.split()[0] == s['strategy'])
            assert float(line.split()[1]) == float(f"{s['ratio']['median']:.3g}"), (line, s['ratio'])
            chart = line[32:]
            low = chart.index('[')
            assert low < chart.index('*') < chart.rindex(']'), line
            seen.append((s['ratio']['median'], chart.index('*')))
        places = [place for _, place in sorted(seen)]
        assert places == sorted(places) and len(set(places)) > 2, (places, done.stdout)
    expect(contend('report', '--bars', pages.path('stall') + '.json'), 1, err=['has no ratios'])
    expect(contend('report', '--bars', '--out=x', file), 2, err=['--out would be ignored'])


class Browser(browser.Browser):
    def show(self, path):
        self.open('file://' + path)
        assert self.js('return window.reportIsDrawn'), self.driver.get_log('browser')


def draws_everything(pages):
    with Browser() as b:
        b.show(pages.made('after', 'latency', 'stall', *BEYOND))
        headings = b.js("return [...document.querySelectorAll('h2')].map(h => h.textContent)")
        for wanted in ('The short answer', 'What to take', 'All of it at a glance', 'Rate over threads',
                       'Against the reference', 'Latency in an open loop',
                       'When a thread stands still', 'More threads than processors', 'What broken harnesses say', 'Memory, and what is let go',
                       'How operations are shared out', 'The machine, and what it cannot say'):
            assert wanted in headings, headings
        assert headings[:2] == ['The short answer', 'What to take'], headings
        answer = b.js("return document.querySelector('section').textContent")
        for words in ('OF THE TEST: 2 of 5', 'Why it is there.', 'Begin with ', 'is the fastest', 'Must it be so? Then not ',
                      'least Mu', '10 us', 'in 1 of 2 loads, the others', 'presence: not decided', 'None of 2 loads'):
            assert words in answer, answer
        assert 'Do not rely on it' not in answer, answer
        assert b.js('return charts.length') >= 5
        assert b.js("return charts.every(c => c.data.datasets.some(d => d.data.length > 0))")
        response = "return charts.find(c => c.options.scales.x.title.text.startsWith('offered'))" \
                   ".data.datasets[0].data.map(p => p.y)"
        due = b.js(response)
        b.js("document.getElementById('closed').click()")
        assert b.js(response) != due, due  # a closed loop says something else
        # A plot's pixels: something is drawn in each.
        blank = b.js("""return [...document.querySelectorAll('canvas')].filter(c =>
            !c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(x => x)).length""")
        assert blank == 0, f'{blank} blank plots'
        b.quiet()


def draws_a_run_as_it_comes(pages):
    """On a busy machine it may have no ratio at all."""
    with Browser() as b:
        b.show(pages.made('real'))
        assert 'What to take' in b.js("return document.getElementById('main').textContent")
        b.quiet()


def filters_by_promise_and_changes_the_theme(pages):
    with Browser() as b:
        b.show(pages.made('after'))
        cells = "return document.querySelector('tbody').textContent"
        assert 'mutex' in b.js(cells)
        b.js("document.querySelector('input[value=blocking]').click()")
        assert 'mutex' not in b.js(cells) and 'faa' in b.js(cells)
        b.js("document.querySelector('input[value=blocking]').click()")
        assert 'mutex' in b.js(cells)
        paper = "return getComputedStyle(document.body).backgroundColor"
        before = b.js(paper)
        b.js("document.getElementById('theme').click()")
        assert b.js(paper) != before
        # A click in a legend hides a curve.
        b.js("const c = charts[0]; c.legend.options.onClick.call(c.legend, null, "
             "c.legend.legendItems[0], c.legend)")
        assert not b.js('return charts[0].isDatasetVisible(0)')
        b.quiet()


CONTRAST = '''
const rgb = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim().slice(1).match(/../g)
  .map(x => parseInt(x, 16) / 255).map(x => x <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4);
const light = name => rgb(name).reduce((sum, x, i) => sum + x * [.2126, .7152, .0722][i], .05);
return ['ink', 'dim', 'accent', 'good', 'bad'].flatMap(text => ['paper', 'panel'].map(ground => {
  const [a, b] = [light('--' + text), light('--' + ground)];
  return [`${text} on ${ground}`, Math.max(a, b) / Math.min(a, b)];
}));'''


def can_be_read_printed_and_used_by_keys(pages):
    with Browser() as b:
        b.show(pages.made('after'))
        for _ in range(2):  # as the WCAG has it for text, in either theme
            poor = [pair for pair in b.js(CONTRAST) if pair[1] < 4.5]
            assert not poor, poor
            b.js("document.getElementById('theme').click()")
        if not b.js("return document.documentElement.dataset.theme === 'dark'"):
            b.js("document.getElementById('theme').click()")
        b.js("dispatchEvent(new Event('beforeprint'))")
        assert b.js("return getComputedStyle(document.body).backgroundColor") == 'rgb(255, 255, 255)'
        b.js("dispatchEvent(new Event('afterprint'))")
        assert b.js("return document.documentElement.dataset.theme === 'dark'")
        b.driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'media': 'print'})
        assert b.js("return getComputedStyle(document.querySelector('.controls')).display") == 'none'
        b.driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'media': 'screen'})
        # From the first element by the key Tab: boxes, the theme, tables that scroll, figures behind plots.
        reached = set()
        for _ in range(12):
            b.driver.switch_to.active_element.send_keys('\ue004')
            reached.add(b.js('return document.activeElement.tagName'))
        assert {'INPUT', 'BUTTON', 'DIV'} <= reached, reached
        b.quiet()


def two_runs_are_before_and_after(pages):
    with Browser() as b:
        b.show(pages.made('before', 'after'))
        assert 'Before and after' in b.js("return document.getElementById('main').textContent")
        labels = b.js("return charts.flatMap(c => c.data.labels || [])")
        for name in ('(before.json)', '(after.json)'):
            assert any(name in label for label in labels), labels
        b.quiet()


def fits_a_phone(pages):
    """A cell's name, too, which has no blanks."""
    with open(pages.path('stall') + '.json') as f:
        text = f.read()
    with open(pages.path('long') + '.json', 'w') as f:
        f.write(text.replace('/threads:', '/users:1000000/sparse64/readers:2/threads:'))
    with Browser() as b:
        b.driver.execute_cdp_cmd('Emulation.setDeviceMetricsOverride',
                                 {'width': 360, 'height': 800, 'deviceScaleFactor': 1, 'mobile': True})
        b.show(pages.made('after', 'latency', 'long'))
        wide = b.js('return document.documentElement.scrollWidth - 360')
        assert wide <= 0, f'{wide} pixels too wide'
        named = b.js("return [...document.querySelectorAll('canvas')].every(c => c.getAttribute('aria-label'))")
        assert named
        b.quiet()


def main():
    cases = tap.Cases()
    with tempfile.TemporaryDirectory() as folder:
        pages = Pages(folder)
        for case in (needs_no_network, holds_any_text, bad_files_are_refused,
                     bars_are_for_those_without_a_browser, draws_everything, draws_a_run_as_it_comes,
                     filters_by_promise_and_changes_the_theme,
                     can_be_read_printed_and_used_by_keys, two_runs_are_before_and_after,
                     fits_a_phone):
            cases.run(case.__name__.replace('_', ' '), case, pages)
    cases.finish()


if __name__ == '__main__':
    main()
