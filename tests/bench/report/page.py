#!/usr/bin/env python3
"""`contend report`: the page, and the page in a browser; advice.py tests what it says to take.

Usage: page.py CONTEND

The browser is Debian's Chromium, without a window; where it or its driver is missing, what needs
it is skipped.
"""

import json
import os
import re
import tempfile

import tap
from pages import BEYOND, Browser, Pages, with_blocks
from tool import contend, expect


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
        for words in ('Why it is there.', 'Begin with mutex', '2 of 3 are not beaten', 'in 1 of 2 loads; the other could',
                      'it carries 100 Mu: plan for half of that', 'More than 100 Mu: faa, up to 200 Mu',
                      'Must the others go on when a thread stands still? Then faa', 'Memory counts most: faa',
                      'late operation in a thousand hurts: faa, 1 us instead of 10 us', 'simpler than faa', 'is beaten by',
                      'Presence maps: not decided', 'None of 2 loads', 'Until then begin with mutex'):
            assert words in answer, (words, answer)
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
# Of a plot of bars: names that are left out, cut off, or one over the other.
LABELS = """return charts.flatMap(c => Object.values(c.scales).filter(s => s.type === 'category').flatMap(s => {
    c.ctx.font = Chart.helpers.toFont(s.options.ticks.font).string;
    const wide = Math.max(...s.ticks.map(t => c.ctx.measureText(t.label).width)), each = s.height / s.ticks.length;
    return s.axis !== 'y' || s.ticks.length < c.data.labels.length || wide > s.width || each < 14
        ? [[c.canvas.ariaLabel, s.axis, s.ticks.length, c.data.labels.length, wide, s.width, each]] : [];
}))"""
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
             'futex', 'flat_combining', 'a_strategy_with_a_long_name[option=10]']
    for cell in data['cells']:  # many, and close together but for the last one
        if cell['object'] == 'counter':
            cell['strategies'] = [{**cell['strategies'][0], 'strategy': name, 'again': False, 'bytes_per_item': (16 + i % 4) * (1 + 99 * (i == 12)),
                                   'ops_per_s': 1e7 * (1 + i / 50) * (1 + 99 * (i == 12))} for i, name in enumerate(names)]
    data['answers'][0]['candidates'] += [{**data['answers'][0]['candidates'][0], 'strategy': name}
                                         for name in ('rcu', 'per_cpu', 'adaptive')]
    for name, step in (('many_as_they_were_before_the_change', .1), ('many', .15)):
        for cell in data['cells']:
            with_blocks(cell, {s['strategy']: 1e7 * (1 + i * step) for i, s in enumerate(cell['strategies'])})
        pages.save(name, data)
    with Browser() as b:
        b.show(pages.made('many_as_they_were_before_the_change', 'many', 'latency', *BEYOND))
        lines = "return charts.find(c => c.canvas.ariaLabel.includes('claps')).data.datasets.map(d => d.label)"
        few = b.js(lines)
        assert set(few) == {'faa', 'mutex', 'rcu', 'per_cpu', 'adaptive', 'ideal'}, few
        b.js("document.getElementById('beaten').click()")
        assert set(b.js(lines)) == {*names, 'ideal'}, b.js(lines)
        b.open_all()
        for script in (INSIDE, TICKS, NAMES, LABELS, LOOKS):
            wrong = b.js(script)
            assert not wrong, wrong[:5]
        assert b.js("return charts.filter(c => c.names && c.names.length > 1).length") > 3
        b.quiet()


def many_bars_can_be_read(pages):
    """Two files of long names, and many strategies of long names: each has a line of its own, and is not cut off."""
    data = pages.read('after')
    names = [f'a_strategy_of_a_long_name_[{i}]' for i in range(24)]
    files = ['2026-12-01T093659Z-before-the-change', '2026-12-02T093659Z-after-the-change']
    for file in files:
        for cell in data['cells']:
            cell['strategies'] = [cell['strategies'][0]] + [
                {**cell['strategies'][0], 'strategy': name, 'again': False, 'verdict': 'faster'} for name in names]
            with_blocks(cell, {'mutex': 1e7, **{name: 1e7 + 1e6 * i for i, name in enumerate(names)}})
        pages.save(file, data)
    with Browser() as b:
        b.show(pages.made(*files))
        b.open_all()
        bars = b.js("return charts.filter(c => c.config.type === 'bar').map(c => c.data.labels)")
        assert len(bars) == 8 and all(set(names) <= set(labels) for labels in bars), bars
        wrong = b.js(LABELS)
        assert not wrong, wrong[:5]
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


BARS = """return charts.filter(c => c.canvas.ariaLabel.includes('Others')).map(c => {
    const rows = [...c.canvas.closest('.panel').querySelectorAll('tbody tr')].map(r => [...r.cells].map(x => x.textContent));
    return { axis: c.scales[c.options.indexAxis === 'y' ? 'x' : 'y'].options.title.text,
      heads: [...c.canvas.closest('.panel').querySelectorAll('th[scope=col]')].map(h => h.textContent),
      bars: c.data.labels.map((name, i) => [name, ...c.data.datasets.map(d => d.data[i] ? duration(d.data[i]) : '-')]),
      cells: rows.map(r => r.filter((_, i) => !i || i % 2)) };
})"""


def bars_are_of_one_percentile(pages):
    """Where the table has a dash there is no bar: two strategies are never compared at different percentiles."""
    data = pages.read('memory')
    late = lambda p999: {'count': 1000, 'p50': 1e3, 'p99': 1e4, 'p999': p999, 'max': 1e6}
    for some in (True, False):
        for i, point in enumerate(p for p in data['points'] if p['part'] == 'crowd'):
            point.update(calm_ns=late(1e5 if some else None), beats_ns=late(None),
                         expiry_ns=late(2e5 if some and i else None), complete=True)
        pages.save('crowd', {**data, 'points': [p for p in data['points'] if p['part'] == 'crowd']})
        with Browser() as b:
            b.show(pages.made('crowd'))
            b.open_all()
            [plot] = b.js(BARS)
            name = 'p99.9' if some else 'p99'
            assert plot['axis'] == f'{name} of the others' and f'calm: {name}' in plot['heads'], plot
            assert plot['bars'] == plot['cells'] and len(plot['bars']) > 1, plot
            assert ('-' in plot['bars'][0]) == some, plot
            b.quiet()


def curves_are_of_one_percentile(pages):
    """What one strategy alone has leaves the others' points out, so it is not what is drawn; and a rate is one point."""
    data = pages.read('latency')
    point = lambda rate, p999: {'mu': rate, 'per_s': rate * 1e5, **{kind: {
        'p50_ns': 1e3, 'p90_ns': 5e3, 'p99_ns': 1e4 * rate, 'p999_ns': p999, 'max_ns': 1e6} for kind in ('response', 'service')}}
    curve = data['curves'][0]
    data['curves'] = [{**curve, 'strategy': name, 'points': [point(1, p999), point(2, p999), point(2, p999)]}
                      for name, p999 in (('faa', 1e5), ('mutex', None), ('cas', None))]
    pages.save('curves', data)
    with Browser() as b:
        b.show(pages.made('curves'))
        [axis, sets] = b.js("""const c = charts.find(x => x.canvas.ariaLabel.includes('claps'));
            return [c.options.scales.y.title.text, c.data.datasets.map(d => [d.label, d.data.map(p => [p.x, p.y])])]""")
        assert axis == 'p99' and sorted(name for name, _ in sets) == ['cas', 'faa', 'mutex'], (axis, sets)
        assert all(points == [[1, 1e4], [2, 2e4]] for _, points in sets), sets
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
        for part in ('#the-short-answer', '#what-to-take-load-by-load', '#the-machine-and-what-it-cannot-say', '.panel'):
            cut = b.js(f"""return [...document.querySelectorAll('{part} .scroll')].map(s =>
                [s.scrollWidth - s.clientWidth, s.textContent.slice(0, 40)])""")
            assert cut and max(cut)[0] <= 0, (part, max(cut))
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


def fits_a_phone(pages):
    """A cell's name, too, which has no blanks; and a row of words is a block that needs no scrolling."""
    with open(pages.path('stall') + '.json') as f:
        text = f.read()
    with open(pages.path('long') + '.json', 'w') as f:
        f.write(text.replace('/threads:', '/users:1000000/sparse64/readers:2/threads:'))
    with Browser() as b:
        b.driver.execute_cdp_cmd('Emulation.setDeviceMetricsOverride',
                                 {'width': 360, 'height': 800, 'deviceScaleFactor': 1, 'mobile': True})
        b.show(pages.made('after', 'latency', 'long'))
        outside = b.js("""return [...document.querySelectorAll('#the-short-answer .reasons *, .loads *')].filter(e =>
            e.tagName !== 'THEAD' && !e.closest('thead') && e.textContent && !e.closest('details:not([open])'))
            .map(e => [e.getBoundingClientRect().right, e.textContent]).filter(e => e[0] > 360)""")
        assert not outside, outside[:3]
        # What a load is to be carried by is seen at once, with its head beside it.
        first = b.js("""const b = document.querySelector('.loads tbody b'), box = b.getBoundingClientRect();
            return [b.textContent, box.left, box.right, b.closest('td').dataset.label, b.closest('tr').offsetHeight]""")
        assert first[0] == 'faa' and 0 < first[1] < first[2] <= 360 and 'the fastest' in first[3], first
        assert first[4] < 250, first
        # A table of figures scrolls, and its names stay.
        kept = b.js("""document.getElementById('all-of-it-at-a-glance').open = true;
            const s = document.querySelector('.heat').closest('.scroll');
            s.style.width = '10rem';
            s.scrollLeft = 60;
            return [s.scrollLeft, s.querySelector('tbody th').getBoundingClientRect().left - s.getBoundingClientRect().left]""")
        assert kept[0] > 0 and kept[1] == 0, kept
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
                     has_contents_and_a_short_way_down, plots_can_be_read, many_bars_can_be_read,
                     shows_who_got_nothing, bars_are_of_one_percentile,
                     curves_are_of_one_percentile, fits_its_window, themes_and_legends_change_plots,
                     can_be_read_printed_and_used_by_keys, fits_a_phone):
            cases.run(case.__name__.replace('_', ' '), case, pages)
    cases.finish()


if __name__ == '__main__':
    main()
