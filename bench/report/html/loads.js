/* loads.js - what to take load by load, and the words of the page. */
'use strict';

/* The fastest of those that meet the needs; of several that are not told apart the simplest. */
function fastest(c) {
  const rows = real(c).filter(s => !s.peer && (entry(c.object, s.strategy) || { taken: true }).taken &&
    !demandOf(c.object, s.strategy));
  const picked = rows.find(s => s.strategy === c.pick);
  if (picked) return { row: picked, why: c.reason.replace(/^take /, '') }; // as older files have it
  const some = rows.filter(s => s.ratio && s.ratio.median !== null);
  const top = some.reduce((x, y) => !x || y.ops_per_s > x.ops_per_s ? y : x, null);
  if (!top) return null;
  const debts = s => (entry(c.object, s.strategy) || { debts: 0 }).debts;
  const level = some.filter(s => s === top || (s.ratio.high !== null && s.ratio.high >= top.ratio.low));
  const row = level.reduce((x, y) => debts(y) < debts(x) ? y : x);
  const others = level.filter(s => s !== row).map(s => s.strategy);
  return { row, why: `${row.strategy}, ${ratio(row.ratio)} times the reference: of those that meet your needs ` +
    (others.length ? `it is not told apart from ${listed(others)}, and it is the simplest of these` : 'the fastest') };
}

/* It is among those that anybody can take; where some need small numbers as ids, that is said. */
const fastestOf = object => !Object.values((words.objects[object] || {}).strategies || {}).some(s => s.demand)
  ? 'the fastest' : `the fastest for any ${object === 'presence' ? 'ids' : 'readers'}`;

function loadByLoad(run) {
  const cells = cellsOf(run);
  if (!cells.length) return;
  const s = section('What to take, load by load', 'First what the strategy to begin with carries: if that is more ' +
    'than you need, take it. The fastest is for those who need more; in brackets stands the 95 % interval of its ' +
    'rate against the reference.', null);
  for (const object of objectsOf(cells)) {
    const begin = beginOf(run, object);
    s.append(element('h3', headingOf(object)));
    if (!begin) {
      s.append(element('p', 'None meets all that you ask for.', { class: 'none' }));
      continue;
    }
    const rows = cellsOf(run, object).map(c => {
      const own = real(c).find(x => x.strategy === begin.strategy), best = c.pick ? fastest(c) : null;
      const load = element('span', c.title || c.workload);
      load.append(element('small', titleOf(c)));
      const rate = own ? mu(own.ops_per_s) : '-';
      if (!best)
        return [load, c.ranked ? rate : `(${rate})`, '-', '-', `not ranked: ${c.reason.replace('no pick: ', '')}`];
      const times = own ? best.row.ops_per_s / own.ops_per_s : NaN;
      const same = best.row.strategy === begin.strategy;
      return [load, rate, element('b', best.row.strategy), same ? 'the same'
        : `${mu(best.row.ops_per_s)}, ${number(times, 2)} times as much`, best.why];
    });
    s.append(table(['load', `${begin.strategy} carries`, fastestOf(object), 'carries', 'why that one'], rows,
      { kind: 'reasons loads' }));
  }
}

/* ---- words ---- */

const GLOSSARY = [
  ['object', 'what threads share and must not spoil: a lock, a counter of claps, a map of who is online.'],
  ['strategy', 'one way to build such an object; mutex, for one, puts a lock around all of it. All strategies of an ' +
    'object do the same.'],
  ['load', 'what the threads do with the object meanwhile: which operations, on how many users or posts, by how many ' +
    'threads.'],
  ['Mu', 'a unit of load: a million users, each heard of every ten seconds, which is 100,000 operations a second.'],
  ['reference', 'the plain strategy, mostly mutex, that others are compared with. 2.0 [1.9, 2.1]: twice its rate; ' +
    'with 95 % certainty between 1.9 and 2.1 times.'],
  ['not beaten', 'no other strategy is as fast, as small and as simple, promises as much, and is better in one of ' +
    'these.'],
  ['simplicity', 'what it asks of your program, such as a library or a thread of its own, each with a weight; 0 asks ' +
    'for nothing.'],
  ['promises', 'what holds on any machine, measured or not: exact answers, a map that grows, progress.'],
  ['progress', 'blocking: if one thread stands still, others may wait for it. lock-free: some thread always goes on. ' +
    'wait-free: each does, in a bounded number of steps.'],
  ['exact', 'each answer is right at the instant of the call, while others write, batches and undos included.'],
  ['attach', 'a call with which a thread makes itself known first. To announce quiescent states is more: each moment ' +
    'in which it holds nothing of the object.'],
  ['dense ids', 'numbers 0, 1, 2 and so on, so that an id can be a place in an array; the opposite is sparse.'],
  ['ranked', 'the machine was quiet enough to tell strategies apart. Disturbed: something else had the processors.'],
  ['preemption', 'with more threads than processors, one loses its processor while others wait for what it holds.'],
  ['section', 'of a lock: what a thread does while it has the lock.'],
  ['p99.9', 'of a thousand operations one takes longer than this, counted from when it was due.'],
];

function glossary() {
  const s = section('How to read this page', 'It compares ways to share data among threads, as measured on one ' +
    'machine. Choose your object or a load of it, tick what you need, and say how much load you have; the short ' +
    'answer and the figures of strategies below follow your choice.');
  const list = element('dl');
  for (const [word, meaning] of GLOSSARY) {
    const pair = element('div');
    pair.append(element('dt', word), ': ', element('dd', meaning));
    list.append(pair);
  }
  s.append(list);
}
