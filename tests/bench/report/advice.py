#!/usr/bin/env python3
"""What the page of `contend report` says to take, and how that follows what its reader asks for.

Usage: advice.py CONTEND
"""

import json
import tempfile

import tap
from pages import Browser, Pages, with_blocks
from tool import contend


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
        for value, wanted in (('counter/', {'Clap counters'}), ('counter/claps', {'Clap counters'}),
                              ('presence/heartbeats', {'Presence maps'})):
            b.js(f"const s = document.getElementById('object'); s.value = '{value}'; s.dispatchEvent(new Event('change'))")
            headings = b.js("return [...document.querySelectorAll('#what-to-take-load-by-load h3')].map(h => h.textContent)")
            assert set(headings) == wanted, headings
            titles = b.js("return [...document.querySelectorAll('.panel canvas')].map(c => c.getAttribute('aria-label'))")
            assert titles and all(f': {value.split("/")[0]}' in title for title in titles), titles
            assert ('a matter of all loads' in b.part('the-short-answer')) == (value == 'counter/claps'), value
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
        answer = b.part('the-short-answer')
        assert 'Nothing that was measured here meets lock-free. Without that begin with mutex' in answer, answer
        assert 'The nearest:mutex lacks only lock-free; up to 100 Mu.' in answer, answer
        b.quiet()


def broken_harnesses_follow_the_choice(pages):
    """The figures of another object's strategies go, and so do those of strategies that the needs leave out."""
    drawn = """return charts.filter(c => c.canvas.closest('#what-broken-harnesses-say')).flatMap(c => c.data.labels)"""
    with Browser() as b:
        b.show(pages.made('after', 'gallery'))
        b.open_all()
        every = set(b.js(drawn))
        assert {'faa', 'mutex'} <= every, every
        b.js("document.querySelector('input[value=lock-free]').click()")
        b.open_all()
        assert set(b.js(drawn)) == every - {'mutex'}, b.js(drawn)
        b.js("const s = document.getElementById('object'); s.value = 'presence/'; s.dispatchEvent(new Event('change'))")
        b.open_all()
        assert 'faa' not in b.js(drawn), b.js(drawn)
        b.quiet()


def says_what_each_need_costs(pages):
    """A need without which more is carried has a line; and one that is left alone is not "1 of 1"."""
    data = pages.read('after')
    faa, mutex = data['answers'][0]['candidates']
    mutex['least_per_s'] = 9e7
    pages.save('costs', data)
    with Browser() as b:
        b.show(pages.made('costs'))
        assert 'Without' not in b.part('the-short-answer')
        b.js("document.querySelector('input[value=wait-free]').click()")
        answer = b.part('the-short-answer')
        assert 'Without wait-free: mutex, up to 900 Mu.' in answer, answer
        assert 'No other one meets your needs; seen in 1 of 2 loads; the other could not be ranked.' in answer, answer
        # Three needs of which two exclude each other in what was measured.
        data['answers'][0].update(candidates=[mutex], others=[])
        pages.save('costs', data)
        b.show(pages.made('costs'))
        for need in ('wait-free', 'signal-safe', 'exact'):
            b.js(f"document.querySelector('input[value={need}]').click()")
        assert 'mutex lacks only wait-free and signal-safe; up to 900 Mu.' in b.part('the-short-answer')
        b.quiet()


ASK = "const f = document.getElementById('mine'); f.value = '%s'; f.dispatchEvent(new Event('input'))"


def takes_a_load_of_ones_own(pages):
    """The first step of the ladder that carries twice as much, over all loads or over the one that is chosen."""
    data = pages.read('after')
    with Browser() as b:
        b.show(pages.made('after'))
        for mine, words in ((40, ['For 40 Mu begin with mutex', 'it carries 100 Mu, 2.5 times your load']),
                            (60, ['For 60 Mu begin with faa', 'it carries 200 Mu, 3.3 times your load']),
                            (150, ['None that anybody can take carries twice 150 Mu', 'faa carries most']),
                            ('', ['Begin with mutex'])):
            b.js(ASK % mine)
            b.wait(f"return asked.mine === {mine or 0}")
            for text in words:
                assert text in b.part('the-short-answer'), (mine, b.part('the-short-answer'))
            begin = 'faa' if mine in (60, 150) else 'mutex'
            assert f'{begin} carries' in b.part('what-to-take-load-by-load'), mine
        # Over the chosen load alone what each carries is another figure.
        cells = [c for c in data['cells'] if c['workload'] == 'claps']
        least = {name: min(s['ops_per_s'] for c in cells for s in c['strategies'] if s['strategy'] == name and not s['again'])
                 for name in ('faa', 'mutex')}
        b.js("const s = document.getElementById('object'); s.value = 'counter/claps'; s.dispatchEvent(new Event('change'))")
        carried = b.js("return of('contend.run').flatMap(r => rowsOf(answerOf(r, 'counter')).map(w => [w.strategy, least(w)]))")
        assert dict(carried)['faa'] == least['faa'] != 2e7 and dict(carried)['mutex'] == least['mutex'], carried
        mine = 1.01 * min(least.values()) / 2e5
        b.js(ASK % mine)
        b.wait(f'return asked.mine === {mine}')
        name = max(least, key=least.get)
        assert f'Mu begin with {name}' in b.part('the-short-answer'), (least, b.part('the-short-answer'))
        assert 'In the hardest load of claps that could be ranked' in b.part('the-short-answer')
        b.quiet()


def says_why_loads_are_not_ranked(pages):
    """A quiet machine helps where something disturbed; more blocks or fewer threads where the reference is coarse."""
    data = pages.read('after')
    data['session']['cpus_allowed'] = '2: 0 1'
    none = {'ranked': False, 'pick': None}
    coarse = 'no pick: the reference may differ from itself by more than 25 %, so nothing can be ranked'
    data['cells'][1].update(none, threads=8, reason=coarse)
    data['cells'][2].update(none, reason='no pick: more than 30 % of the blocks were disturbed')
    pages.save('some', data)
    data['cells'][3].update(none, threads=8, reason=coarse)
    pages.save('more', data)
    colour = """return document.querySelector('#the-short-answer > p.none') ? 'red' : 'dim'"""
    with Browser() as b:
        b.show(pages.made('some'))
        answer = b.part('the-short-answer')
        for text in ('2 of 4 loads could not be ranked', '1 load was disturbed', 'measure again on a quiet machine',
                     '1 load is too coarse', '(--publish or --blocks=40) or fewer threads tell more; a quieter machine does not',
                     'What still holds: what strategies promise, their memory and what they ask, and the loads that are ranked.',
                     'Another measurement of 1 load that could not be ranked: with more blocks or fewer threads.'):
            assert text in answer, (text, answer)
        assert b.js(colour) == 'dim'
        # Of the counters alone none was disturbed, so no quiet machine is asked for.
        b.js("const s = document.getElementById('object'); s.value = 'counter/'; s.dispatchEvent(new Event('change'))")
        answer = b.part('the-short-answer')
        assert '1 of 2 loads could not' in answer and 'quiet machine' not in answer and b.js(colour) == 'dim', answer
        b.show(pages.made('more'))
        assert '3 of 4 loads could not be ranked' in b.part('the-short-answer') and b.js(colour) == 'red'
        b.quiet()


def says_what_its_columns_mean(pages):
    """The order of the rows, which load the bytes are of, how inexact answers are, and for whom the fastest is."""
    data = pages.read('after')
    packed, mutex = (dict(row) for row in data['answers'][0]['candidates'])
    packed.update(strategy='packed', debts=14, asks='asks for patience with inexact answers')
    data['answers'].append({**data['answers'][0], 'object': 'presence', 'candidates': [packed, mutex], 'others': []})
    data['answers'][0]['candidates'][0].update(strategy='per_thread', debts=7, asks='asks for patience with inexact answers')
    for cell in data['cells']:
        if cell['object'] == 'counter':
            for s in cell['strategies']:
                s.update(strategy='per_thread' if s['strategy'] == 'faa' else s['strategy'])
            cell['pick'] = 'per_thread'
    pages.save('columns', data)
    stall = pages.read('stall')
    against = {**stall['strategies'][0], 'object': 'presence', 'cell': 'presence/churn/threads:4', 'strategy': 'packed',
               'progress': 'lock-free/wait-free'}
    against['pairs'] = [{'stopped': stopped, 'watched': watched, 'trials': 40, 'blocked': 3, 'starved': 0,
                         'contradicts': (stopped, watched) == ('write', 'read')}
                        for stopped in ('read', 'write') for watched in ('read', 'write')]
    pages.save('against', {**stall, 'strategies': [against]})
    with Browser() as b:
        b.show(pages.made('columns', 'against'))
        answer = b.part('the-short-answer')
        for text in ('In order of the mean rate; what one carries is that of its hardest load, so the order may differ.',
                     'inexact: claps one by one are exact; a batch or an undo may be seen half done',
                     'inexact: a user may seem online up to 1 s too long',
                     'More than 200 Mu: none of those measured here carries it in the load that could be ranked',
                     'contradicts its declaration, lock-free/wait-free: in 3 of 40 trials no other thread completed a read '
                     'while a writer stood still'):
            assert text in answer, (text, answer)
        row = "return [...document.querySelectorAll('#the-short-answer tr')].filter(r => /contradicts/.test(r.textContent)).map(" \
              "r => r.querySelector('b').textContent)"
        assert b.js(row) == ['packed'], b.js(row)
        heads = b.js("return [...document.querySelectorAll('#the-short-answer th')].map(h => h.title)")
        assert any('in the load where it needs most' in title for title in heads), heads
        heads = b.js("return [...document.querySelectorAll('.loads thead th:nth-child(3)')].map(h => h.textContent)")
        assert heads == ['the fastest', 'the fastest for any ids'], heads
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


def a_pair(pages):
    """Two runs: of the second, faa is twice as fast, cas half, and one load was disturbed."""
    for name, faa, cas in (('first', 2e7, 3e7), ('second', 4e7, 1.5e7)):
        data = pages.read('after')
        for cell in data['cells']:
            with_blocks(cell, {'mutex': 1e7, 'faa': faa, 'cas': cas, 'packed': 5e7})
        data['cells'][1]['noisy'] = name == 'second'
        del data['cells'][3 if name == 'first' else 4:]
        pages.save(name, data)
    return 'first', 'second'


def what_changed_comes_first(pages):
    """Of two runs: what became faster or slower, in the words and figures of `contend compare`."""
    pair = a_pair(pages)
    contend('compare', f'--json={pages.path("compared")}.json', *(pages.path(name) + '.json' for name in pair))
    compared = pages.read('compared')['cells']
    with Browser() as b:
        b.show(pages.made(*pair))
        assert b.js("return document.querySelector('h2').textContent") == 'What changed'
        text = b.part('what-changed')
        verdicts = [s['verdict'] for cell in compared for s in cell['strategies']]
        assert sorted(verdicts) == ['faster', 'reference', 'reference', 'slower', 'tie'], verdicts
        assert text.startswith('What changedsecond.json against first.json: 1 faster, 1 slower, 1 tie and 1 load not '
                               'compared.'), text[:200]
        assert 'In one of the files only: presence: heartbeats, 1,000 users, 2 threads.' in text, text
        assert 'Not compared, as more than 30 %' in text and 'faa under counter: claps, 1 thread: 2 [' in text, text
        assert b.js('return changes.cells') == [
            {**cell, 'strategies': [{**s, **{key: rounded(s[key]) for key in s}} for s in cell['strategies']]}
            for cell in compared]
        rows = b.js("""return [...document.querySelectorAll('#what-changed tbody tr')].map(r =>
            [r.cells[0].textContent, r.cells[1].textContent])""")
        assert any(name == 'faa' and cell.startswith('2.00 faster') for name, cell in rows), rows
        assert any(name == 'cas' and cell.startswith('0.500 slower') for name, cell in rows), rows
        assert 'It is of second.json' in b.part('the-short-answer')
        # A dataset for each verdict, in its own colour; no name of a file is beside a strategy.
        b.open_all()
        sets = b.js("""return charts.filter(c => c.canvas.closest('#what-changed')).map(c =>
            [c.data.labels, c.data.datasets.map(d => [d.label, d.backgroundColor])])""")
        assert len(sets) == 2, sets
        labels, kinds = sets[0]
        assert sorted(labels) == ['cas', 'faa'] and [k[0] for k in kinds] == ['faster', 'slower', 'median'], sets
        assert len({k[1] for k in kinds}) == 3, kinds
        # What is asked for is all that is compared.
        b.js("document.querySelector('input[value=wait-free]').click()")
        assert '1 faster, 0 slower' in b.part('what-changed'), b.part('what-changed')
        b.show(pages.made('second'))
        assert 'What changed' not in b.js("return document.getElementById('main').textContent")
        b.quiet()


def rounded(value):
    """As the page has numbers: with six digits."""
    if isinstance(value, dict):
        return {key: rounded(v) for key, v in value.items()}
    return float(f'{value:.6g}') if isinstance(value, float) else value


def replays_of_two_logs_are_not_compared(pages):
    data = pages.read('first')
    for name, requests in (('one_log', 100), ('another', 200)):
        pages.save(name, {**data, 'replay': {'log': {'requests': requests}}})
    with Browser() as b:
        b.show(pages.made('one_log', 'another'))
        assert 'cannot be compared: the log has other requests' in b.part('what-changed'), b.part('what-changed')
        b.quiet()


def main():
    cases = tap.Cases()
    with tempfile.TemporaryDirectory() as folder:
        pages = Pages(folder)
        for case in (one_advice_from_top_to_bottom, needs_and_objects_reach_everything,
                     broken_harnesses_follow_the_choice,
                     says_what_each_need_costs, takes_a_load_of_ones_own, says_why_loads_are_not_ranked,
                     says_what_its_columns_mean, says_its_words_first, what_changed_comes_first,
                     replays_of_two_logs_are_not_compared):
            cases.run(case.__name__.replace('_', ' '), case, pages)
    cases.finish()


if __name__ == '__main__':
    main()
