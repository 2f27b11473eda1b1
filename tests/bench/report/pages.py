"""The pages that the tests of the report look at: what they are made of, and a browser that shows them."""

import json
import os
import time

import browser
from tool import contend, expect

BEYOND = ['memory', 'oversubscribe', 'fairness', 'gallery']


def with_blocks(cell, rates):
    """Gives a cell six blocks as a quiet machine would: the strategies' rates, and a little noise."""
    cell.update(noisy=False, placement='near', blocks=[
        {'rejected': None, 'windows': [{'strategy': name, 'placement': 'near', 'ops_per_s': rate * (1 + .001 * (i * k % 5))}
                                       for k, (name, rate) in enumerate(rates.items())]} for i in range(6)])


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

    def save(self, name, data):
        with open(self.path(name) + '.json', 'w') as f:
            json.dump(data, f)

    def read(self, name):
        with open(self.path(name) + '.json') as f:
            return json.load(f)

    def path(self, name):
        return os.path.join(self.folder, name)

    def made(self, *names):
        out = self.path('page.html')
        done = expect(contend('report', f'--out={out}', *(self.path(n) + '.json' for n in names)), 0,
                      ['saved', 'page.html'])
        assert not done.stderr, done.stderr
        return out


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
