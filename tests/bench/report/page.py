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
import time

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
        question = 'Must the others go on when a thread stands still?'
        row = lambda name, times, debts, **more: {
            'strategy': name, 'times': times, 'least_per_s': times * 1e7, 'bytes': 25 - 5 * times, 'debts': debts,
            'asks': 'asks for nothing', 'at_floor': False, **more}
        data['answers'] = [{'object': 'counter', 'heading': 'OF THE TEST',
                            'what': 'Why it is there.', 'cells': 1, 'beaten': 1,
                            'questions': [question], 'candidates': [
                                row('faa', 2, 1, p999_ns=1e3, because='the fastest', not_if=[]),
                                row('mutex', 1, 0, p999_ns=1e4, because='simpler than faa', not_if=[question])],
                            'others': [row('cas', 1, 1, beaten_by=['faa'])]}]
        for cell in data['cells']:
            cell.update(ranked=True, pick='faa', reason='faa, 2.00 [1.90, 2.10] times the reference: the fastest')
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

    def part(self, name):
        return self.text('#' + name)

    def open_all(self):
        """Sections and what is folded within them, so that every plot is drawn."""
        self.js("document.querySelectorAll('#main details').forEach(d => { d.open = true; })")
        self.wait('return waiting.length === 0')

    def wait(self, condition):
        """What a click leads to comes with an event of its own."""
        for _ in range(200):
            if self.js(condition):
                return
            time.sleep(.05)
        raise AssertionError(condition)


def draws_everything(pages):
    with Browser() as b:
        b.show(pages.made('after', 'latency', 'stall', *BEYOND))
        headings = b.js("return [...document.querySelectorAll('h2')].map(h => h.textContent)")
        for wanted in ('How to read this page', 'The short answer', 'What to take, load by load',
                       'All of it at a glance', 'Rate over threads',
                       'Against the reference', 'Latency in an open loop',
                       'When a thread stands still', 'More threads than processors', 'What broken harnesses say', 'Memory, and what is let go',
                       'How operations are shared out', 'The machine, and what it cannot say'):
            assert wanted in headings, headings
        assert headings[:3] == ['How to read this page', 'The short answer', 'What to take, load by load'], headings
        answer = b.part('the-short-answer')
        for words in ('Why it is there.', 'Begin with mutex', '2 of 3 are not beaten', 'in 1 of 2 loads; the others',
                      'it carries 100 Mu: plan for half of that', 'More than 100 Mu: faa, up to 200 Mu',
                      'Must the others go on when a thread stands still? Then faa', 'Memory counts most: faa',
                      'late operation in a thousand hurts: faa, 1 us instead of 10 us', 'on a quiet machine: 1 load could not be ranked', 'simpler than faa', 'is beaten by',
                      'Presence maps: not decided', 'None of 2 loads', 'Until then begin with mutex'):
            assert words in answer, (words, answer)
        assert 'Do not rely on it' not in answer, answer
        b.open_all()
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


def one_advice_from_top_to_bottom(pages):
    """The strategy to begin with is the same load by load, where the fastest stands beside it; and so it is by needs."""
    with Browser() as b:
        b.show(pages.made('after'))
        for need, begin in ((None, 'mutex'), ('lock-free', 'faa')):
            if need:
                b.js(f"document.querySelector('input[value={need}]').click()")
            assert f'Begin with {begin}' in b.part('the-short-answer'), need
            loads = b.part('what-to-take-load-by-load')
            assert f'{begin} carries' in loads and 'faa, 2' in loads, loads
        # The page's rule and the tool's are one: what the file says is what the page finds.
        b.show(pages.made('real'))
        for name, found in (('candidates', 'notBeaten(a)'), ('ladder', 'ladder(a, notBeaten(a))')):
            same = b.js(f"""return of('contend.run').flatMap(f => f.data.answers).every(a =>
                String(a.{name}.map(r => r.strategy)) === String({found}.map(r => r.strategy)))""")
            assert same, name
        b.quiet()


def needs_and_objects_reach_everything(pages):
    """What does not meet a need is neither advised nor drawn, and what was beaten by it alone comes back."""
    with Browser() as b:
        b.show(pages.made('after', 'fairness'))
        advice = ('the-short-answer', 'what-to-take-load-by-load', 'all-of-it-at-a-glance')
        strategies = """return [...document.querySelectorAll('#%s tbody')].flatMap(t => [...t.rows]).flatMap(r =>
            [...r.cells]).flatMap(c => (c.querySelector('b') || c).textContent)"""
        drawn = "return charts.flatMap(c => c.data.datasets.map(d => d.label)).includes('mutex')"
        assert all('mutex' in b.js(strategies % part) for part in ('the-short-answer', 'all-of-it-at-a-glance')) and b.js(drawn)
        b.js("document.querySelector('input[value=lock-free]').click()")
        for part in advice:
            assert 'mutex' not in b.js(strategies % part), part
        assert not b.js(drawn) and 'lock-free' in b.part('needed'), b.part('needed')
        b.js("document.querySelector('input[value=lock-free]').click()")
        assert b.js(drawn)
        # An object, and a load of it.
        for value, wanted in (('counter/', {'Clap counters'}), ('presence/heartbeats', {'Presence maps'})):
            b.js(f"const s = document.getElementById('object'); s.value = '{value}'; s.dispatchEvent(new Event('change'))")
            headings = b.js("return [...document.querySelectorAll('#what-to-take-load-by-load h3')].map(h => h.textContent)")
            assert set(headings) == wanted, headings
            titles = b.js("return [...document.querySelectorAll('.panel canvas')].map(c => c.getAttribute('aria-label'))")
            assert titles and all(f': {value.split("/")[0]}' in title for title in titles), titles
            assert ('over all loads' in b.part('the-short-answer')) == (value[-1] != '/'), value
        with open(pages.path('after') + '.json') as f:
            data = json.load(f)
        data['answers'][0]['others'][0]['beaten_by'] = ['mutex']
        with open(pages.path('back') + '.json', 'w') as f:
            json.dump(data, f)
        b.show(pages.made('back'))
        rows = "return notBeaten(of('contend.run')[0].data.answers[0]).map(r => r.strategy)"
        assert 'cas' not in b.js(rows)
        b.js("document.querySelector('input[value=lock-free]').click()")
        assert 'cas' in b.js(rows), b.js(rows)
        # A reason names nobody whom the needs leave out; and what spins has its condition.
        assert 'none of those that meet your needs beats it' not in b.part('the-short-answer')
        data['answers'][0]['candidates'][0].update(because='smaller than mutex', asks='asks for a processor for each waiting thread')
        with open(pages.path('back') + '.json', 'w') as f:
            json.dump(data, f)
        b.show(pages.made('back'))
        assert 'smaller than mutex' in b.part('the-short-answer')
        assert 'only where there are never more threads than processors' in b.part('the-short-answer')
        b.js("document.querySelector('input[value=lock-free]').click()")
        assert 'smaller than mutex' not in b.part('the-short-answer')
        assert 'none of those that meet your needs beats it' in b.part('the-short-answer')
        # What nothing meets is named, with what there is without it.
        data['answers'][0].update(candidates=[c for c in data['answers'][0]['candidates'] if c['strategy'] == 'mutex'], others=[])
        with open(pages.path('back') + '.json', 'w') as f:
            json.dump(data, f)
        b.show(pages.made('back'))
        b.js("document.querySelector('input[value=lock-free]').click()")
        assert 'Nothing that was measured here meets lock-free. Without that begin with mutex' in b.part('the-short-answer'), \
            b.part('the-short-answer')
        b.quiet()


def says_its_words_first(pages):
    """Each word of the house is explained before it is used, and each strategy, load and floor by what it is."""
    with Browser() as b:
        b.show(pages.made('after'))
        explained = b.js("return [...document.querySelectorAll('#how-to-read-this-page dt')].map(d => d.textContent)")
        for word in ('object', 'strategy', 'load', 'Mu', 'reference', 'not beaten', 'simplicity', 'promises', 'progress',
                     'exact', 'ranked', 'p99.9'):
            assert word in explained, explained
        text = b.part('how-to-read-this-page')
        for word in ('blocking:', 'lock-free:', 'wait-free:', 'Disturbed:'):
            assert word in text, text
        loads = b.part('what-to-take-load-by-load')
        assert 'claps only, one hot post' in loads and 'claps, 1 thread' in loads, loads
        assert 'etch-and-add' in b.part('the-short-answer'), b.part('the-short-answer')
        assert 'one locked add, uncontended' in b.js('return words.floors.locked_ns.title')
        b.quiet()


def has_contents_and_a_short_way_down(pages):
    with Browser() as b:
        b.show(pages.made('after', 'latency', 'stall', *BEYOND))
        missing = b.js("""return [...document.querySelectorAll('#contents a')].filter(a =>
            !document.querySelector(a.getAttribute('href') + ' h2')).length""")
        links = b.js("return document.querySelectorAll('#contents a').length")
        assert links == b.js("return document.querySelectorAll('h2').length") > 5 and not missing, (links, missing)
        # A closed section is opened by its link, drawn then, and stays open when something else is chosen.
        assert not b.js("return document.getElementById('against-the-reference').open")
        before = b.js('return charts.length')
        b.js("[...document.querySelectorAll('#contents a')].find(a => a.textContent === 'Against the reference').click()")
        b.wait("return document.getElementById('against-the-reference').open")
        b.wait(f'return charts.length > {before}')
        b.js("document.getElementById('beaten').click()")
        assert b.js("return document.getElementById('against-the-reference').open")
        b.quiet()


INSIDE = """return charts.flatMap(c => c.data.datasets.flatMap((set, i) => c.getDatasetMeta(i).data.filter(p =>
    set.type !== 'bar' && c.config.type !== 'bar' && (p.x < c.chartArea.left - 1 || p.x > c.chartArea.right + 1 ||
    p.y < c.chartArea.top - 1 || p.y > c.chartArea.bottom + 1)).map(p => [c.canvas.ariaLabel, set.label, p.x, p.y])))"""
TICKS = """return charts.flatMap(c => Object.values(c.scales).filter(s => s.type === 'logarithmic' && s.ticks.length < 2)
    .map(s => [c.canvas.ariaLabel, s.id, s.min, s.max]))"""
NAMES = """return charts.flatMap(c => (c.names || []).flatMap((a, i, all) => [
    ...all.slice(i + 1).filter(b => overlap(a, b)).map(b => [a.text, b.text]),
    ...(a.x < 0 || a.x + a.w > c.width || a.y < -1 || a.y + a.h > c.height ? [[a.text, 'outside', c.canvas.ariaLabel, a.x, a.y, c.width, c.height]] : [])]))"""
LOOKS = """return charts.flatMap(c => {
    const sets = c.data.datasets.filter(d => d.label !== 'ideal' && d.label !== 'front');
    const looks = sets.map(d => `${d.borderColor} ${d.pointStyle} ${d.borderWidth}`);
    return c.config.type === 'line' && new Set(looks).size < looks.length ? [looks] : [];
})"""


def plots_can_be_read(pages):
    """Nothing is cut off or written over something else, and no two lines look alike."""
    with open(pages.path('after') + '.json') as f:
        data = json.load(f)
    names = ['mutex', 'faa', 'cas', 'ttas', 'rcu', 'per_thread', 'per_cpu', 'striped', 'adaptive', 'threshold', 'mcs',
             'futex', 'flat_combining']
    for cell in data['cells']:  # many, and close together but for the last one
        if cell['object'] == 'counter':
            cell['strategies'] = [{**cell['strategies'][0], 'strategy': name, 'again': False, 'bytes_per_item': (16 + i % 4) * (1 + 99 * (i == 12)),
                                   'ops_per_s': 1e7 * (1 + i / 50) * (1 + 99 * (i == 12))} for i, name in enumerate(names)]
    data['answers'][0]['candidates'] += [{**data['answers'][0]['candidates'][0], 'strategy': name}
                                         for name in ('rcu', 'per_cpu', 'adaptive')]
    with open(pages.path('many') + '.json', 'w') as f:
        json.dump(data, f)
    with Browser() as b:
        b.show(pages.made('many', 'latency', *BEYOND))
        lines = "return charts.find(c => c.canvas.ariaLabel.includes('claps')).data.datasets.map(d => d.label)"
        few = b.js(lines)
        assert set(few) == {'faa', 'mutex', 'rcu', 'per_cpu', 'adaptive', 'ideal'}, few
        b.js("document.getElementById('beaten').click()")
        assert set(b.js(lines)) == {*names, 'ideal'}, b.js(lines)
        b.open_all()
        for script in (INSIDE, TICKS, NAMES, LOOKS):
            wrong = b.js(script)
            assert not wrong, wrong[:5]
        assert b.js("return charts.filter(c => c.names && c.names.length > 1).length") > 3
        b.quiet()


def shows_who_got_nothing(pages):
    """A share of nothing is a point at the bottom, and not one that is left out."""
    with open(pages.path('fairness') + '.json') as f:
        data = json.load(f)
    for point in data['points']:
        point['min_share'] = 0 if point['strategy'] == 'mutex' else .5
    with open(pages.path('starved') + '.json', 'w') as f:
        json.dump(data, f)
    with Browser() as b:
        b.show(pages.made('starved'))
        shares = b.js("""return charts.find(c => c.canvas.ariaLabel.includes('smallest share')).data.datasets
            .find(d => d.label === 'mutex').data.map(p => p.y)""")
        assert len(shares) > 1 and set(shares) == {0}, shares
        b.quiet()


def fits_its_window(pages):
    """At the width of a laptop nothing of the advice or of the machine needs to be scrolled sideways."""
    with open(pages.path('after') + '.json') as f:
        data = json.load(f)
    data['session']['libraries'] = 'a library of this name, ' * 20
    with open(pages.path('wordy') + '.json', 'w') as f:
        json.dump(data, f)
    with Browser() as b:
        b.show(pages.made('wordy', 'stall', 'latency', 'memory', 'gallery', 'oversubscribe', 'fairness'))
        b.open_all()
        for part in ('the-short-answer', 'what-to-take-load-by-load', 'the-machine-and-what-it-cannot-say'):
            cut = b.js(f"return [...document.querySelectorAll('#{part} .scroll')].map(s => s.scrollWidth - s.clientWidth)")
            assert cut and max(cut) <= 0, (part, cut)
        b.quiet()


def themes_and_legends_change_plots(pages):
    with Browser() as b:
        b.show(pages.made('after'))
        paper = "return getComputedStyle(document.body).backgroundColor"
        before = b.js(paper)
        b.js("document.getElementById('theme').click()")
        assert b.js(paper) != before
        # A click in a legend hides a curve, and its name.
        b.js("const c = charts[0]; c.legend.options.onClick.call(c.legend, null, "
             "c.legend.legendItems[0], c.legend)")
        assert not b.js('return charts[0].isDatasetVisible(0)')
        assert b.js('return charts[0].names.every(n => n.text !== charts[0].data.datasets[0].label)')
        b.quiet()


CONTRAST = '''
const css = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
const light = colour => colour.slice(1).match(/../g).map(x => parseInt(x, 16) / 255)
  .map(x => x <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4).reduce((sum, x, i) => sum + x * [.2126, .7152, .0722][i], .05);
const text = [...['ink', 'dim', 'accent', 'good', 'bad'].map(css), ...(isDark() ? DARK : LIGHT)]; // and names in plots
return text.flatMap(colour => ['paper', 'panel'].map(ground => {
  const [a, b] = [light(colour), light(css(ground))];
  return [`${colour} on ${ground}`, Math.max(a, b) / Math.min(a, b)];
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
        assert b.js("return document.querySelectorAll('.section:not([open])').length") == 0
        b.js("dispatchEvent(new Event('afterprint'))")
        assert b.js("return document.documentElement.dataset.theme === 'dark'")
        b.driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'media': 'print'})
        assert b.js("return getComputedStyle(document.querySelector('.controls')).display") == 'none'
        b.driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'media': 'screen'})
        # From the first element by the key Tab: what is asked for, the theme, contents, sections, tables that scroll.
        reached = set()
        for _ in range(60):
            b.driver.switch_to.active_element.send_keys('\ue004')
            reached.add(b.js('return document.activeElement.tagName'))
        assert {'INPUT', 'SELECT', 'SUMMARY', 'A', 'BUTTON', 'DIV'} <= reached, reached
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
                     one_advice_from_top_to_bottom, needs_and_objects_reach_everything,
                     says_its_words_first, has_contents_and_a_short_way_down, plots_can_be_read,
                     shows_who_got_nothing, fits_its_window, themes_and_legends_change_plots,
                     can_be_read_printed_and_used_by_keys, two_runs_are_before_and_after,
                     fits_a_phone):
            cases.run(case.__name__.replace('_', ' '), case, pages)
    cases.finish()


if __name__ == '__main__':
    main()
