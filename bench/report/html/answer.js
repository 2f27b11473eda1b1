/* answer.js - what to begin with for each object, and what would change that. */
'use strict';

/* ---- the same rules as in judge/pareto.c, for what meets the reader's needs ---- */

/* All rows of an answer, beaten or not, the fastest first. */
const rowsOf = a => [...a.candidates, ...(a.others || [])].sort((x, y) => y.times - x.times);
/* A row that is beaten comes back when none of those that beat it may be taken. */
function notBeaten(a, needs = asked.needs) {
  const meets = row => !lacks(row, a.object).some(word => needs.has(word));
  const rows = rowsOf(a).filter(meets);
  return rows.filter(row => !(row.beaten_by || []).some(name => rows.some(other => other.strategy === name)));
}
/* What a strategy can be taken only with, such as "ids are dense"; '' if anybody can. */
const demandOf = (object, name) => (entry(object, name) || {}).demand || '';
const simplest = (a, rows) => rows.filter(row => !demandOf(a.object, row.strategy))
  .reduce((best, row) => !best || row.debts < best.debts ? row : best, null);
const least = row => row.least_per_s;
const spins = row => /processor for each waiting thread/.test(row.asks);
function next(a, rows, row) {
  const more = rows.filter(other => least(other) >= 1.25 * least(row) && !demandOf(a.object, other.strategy));
  return more.reduce((best, other) => !best || other.debts < best.debts ||
    (other.debts === best.debts && least(other) > least(best)) ? other : best, null);
}
/* The strategies that one takes in turn as the load grows. */
function ladder(a, rows) {
  const steps = [];
  for (let row = simplest(a, rows); row; row = next(a, rows, row)) steps.push(row);
  return steps;
}

/* ---- what is known of an object ---- */

const answerOf = (run, object) => (run.data.answers || []).find(a => a.object === object);

/* Where nothing could be ranked: the simplest by what it asks for, if it has a rate in each load. */
function unrankedBegin(run, object) {
  const cells = run.data.cells.filter(c => c.object === object && real(c).length);
  const rate = (c, name) => (real(c).find(s => s.strategy === name && !s.peer) || {}).ops_per_s;
  return Object.entries((words.objects[object] || {}).strategies || {})
    .filter(([name, known]) => known.taken && !known.demand && cells.length && cells.every(c => rate(c, name)))
    .map(([strategy, known]) => ({ strategy, ...known, least_per_s: Math.min(...cells.map(c => rate(c, strategy))) }))
    .reduce((best, row) => !best || row.debts < best.debts ? row : best, null);
}

/* What to begin with, whatever is known; null if nothing meets the needs. */
function beginOf(run, object) {
  const a = answerOf(run, object);
  return a ? simplest(a, notBeaten(a)) : unrankedBegin(run, object);
}

/* How small a share the slowest thread had, in the load where it had least. */
const smallestShare = (run, object, name) => Math.min(...run.data.cells.filter(c => c.object === object && c.ranked)
  .flatMap(c => c.strategies).filter(s => s.strategy === name && s.min_share !== null && s.min_share !== undefined)
  .map(s => s.min_share));

/* Older files do not have the least rate of a row. */
function complete(run) {
  for (const a of run.data.answers || [])
    for (const row of rowsOf(a)) {
      const known = entry(a.object, row.strategy);
      row.asks = row.asks || (known ? known.asks : '');
      if (row.least_per_s === undefined)
        row.least_per_s = Math.min(...run.data.cells.filter(c => c.ranked && c.object === a.object).flatMap(c =>
          c.strategies).filter(s => s.strategy === row.strategy && s.ops_per_s).map(s => s.ops_per_s));
    }
}

/* ---- the short answer ---- */

/* What would make one take another strategy, and which. */
function alternatives(a, rows, begin) {
  const items = [], steps = ladder(a, rows);
  const say = (before, name, after = '') => {
    const item = element('span', before);
    item.append(element('b', name), after);
    items.push(item);
  };
  steps.slice(1).forEach((step, i) => say(`More than ${mu(least(steps[i]))}: `, step.strategy,
    `, up to ${mu(least(step))}; it ${step.asks}` +
    (spins(step) ? ': only where there are never more threads than processors.' : '.')));
  for (const row of rows.filter(r => demandOf(a.object, r.strategy) && r !== begin &&
                                     (least(r) > least(begin) || r.debts < begin.debts)))
    say(`If ${demandOf(a.object, row.strategy)}: `, row.strategy, `, up to ${mu(least(row))}.`);
  for (const need of words.needs.filter(n => !asked.needs.has(n.word) && lacks(begin, a.object).includes(n.word))) {
    const left = notBeaten(a, new Set([...asked.needs, need.word])), then = simplest(a, left) || left[0];
    const demand = then && demandOf(a.object, then.strategy);
    const burns = then && spins(then) && need.word !== 'crowded' && !asked.needs.has('crowded');
    if (then) say(`${need.question} Then `, then.strategy, `, up to ${mu(least(then))}${demand && `, if ${demand}`}` +
      (burns ? '; and never more threads than processors.' : '.'));
  }
  const smallest = rows.filter(row => !demandOf(a.object, row.strategy)).reduce((x, y) => y.bytes < x.bytes ? y : x);
  if (smallest.bytes * 1.1 < begin.bytes)
    say('Memory counts most: ', smallest.strategy,
      `, ${number(smallest.bytes)} bytes each instead of ${number(begin.bytes)}.`);
  const timely = rows.filter(r => r.p999_ns).reduce((x, y) => !x || y.p999_ns < x.p999_ns ? y : x, null);
  if (timely && begin.p999_ns > 2 * timely.p999_ns)
    say('One late operation in a thousand hurts: ', timely.strategy,
      `, ${duration(timely.p999_ns)} instead of ${duration(begin.p999_ns)}.`);
  return items;
}

const HEADS = reference => ['strategy',
  ['carries', 'operations a second in the hardest of the loads that could be ranked, in Mu'],
  [`times ${reference}`, 'its rate against that of the reference, as the mean over the loads'],
  ['p99.9', 'one of a thousand operations is later than this, when 1 Mu comes'],
  ['bytes', 'memory for each lock, counter, reader or user'],
  ['least share', 'what the slowest thread did, as a part of an equal share, in the worst load: 0 is starved'],
  ['simplicity', 'the sum of what it asks of the program: 0 is simplest'],
  ['progress: writes/reads', 'whether others wait for a thread that stands still'],
  ['not if you need', 'needs that it does not meet and another one does'],
  ['why it is not beaten', 'what it has ahead of each that is as fast']];

/* The needs that tell these rows apart. */
const telling = (object, rows) => words.needs.map(n => n.word).filter(word =>
  rows.some(r => lacks(r, object).includes(word)) && rows.some(r => !lacks(r, object).includes(word)));

function candidates(run, a, rows, begin) {
  const cells = run.data.cells.filter(c => c.object === a.object), tells = telling(a.object, rows);
  const progress = name => (cells.flatMap(c => c.strategies).find(s => s.strategy === name) || {}).progress || '';
  const ask = row => {
    const cell = element('span', String(row.debts));
    cell.append(element('small', row.asks));
    return cell;
  };
  return table(HEADS(cells[0].reference), rows.map(row => [
    named(a.object, row.strategy, row === begin ? ' (begin here)' : ''), mu(least(row)),
    number(row.times) + (row.at_floor ? ' *' : ''), duration(row.p999_ns), number(row.bytes),
    number(smallestShare(run, a.object, row.strategy), 2), ask(row), progress(row.strategy),
    lacks(row, a.object).filter(word => tells.includes(word)).join(', ').replace(/-/g, '\u2011') || '-',
    reasonAmong(a, row, rows)]), { kind: 'reasons' });
}

/* The file's reason is one among all: it goes where it names a strategy that the needs have left out. */
function reasonAmong(a, row, rows) {
  const gone = rowsOf(a).map(r => r.strategy).filter(name => !rows.some(r => r.strategy === name));
  if (!row.because) return 'what beats it does not meet your needs';
  return gone.some(name => row.because.split(/[ ,]+/).includes(name)) ? 'none of those that meet your needs beats it'
    : row.because;
}

function beatenOnes(a, rows) {
  const others = rowsOf(a).filter(row => !rows.includes(row) && shown(row, a.object));
  if (!others.length) return [];
  const details = element('details'), by = row => (row.beaten_by || []).join(', ');
  details.append(element('summary', others.length > 1 ? `The ${others.length} others, and what beats each`
    : 'The other one, and what beats it'),
  table(['strategy', 'carries', 'times', 'bytes', 'simplicity', 'is beaten by'], others.map(row =>
      [named(a.object, row.strategy), mu(least(row)), number(row.times), number(row.bytes), row.debts, by(row)]),
    { kind: 'reasons' }));
  return [details];
}

function answerPanel(parent, run, a) {
  const rows = notBeaten(a), begin = simplest(a, rows);
  const measured = run.data.cells.filter(c => c.object === a.object).length;
  const p = panel(parent, headingOf(a.object));
  p.append(element('p', a.what || words.objects[a.object].what, { class: 'dim' }));
  if (!begin) {
    p.append(element('div', 'None meets all that you ask for', { class: 'pick none' }), element('p', wayOut(a)));
    return;
  }
  const ranked = run.data.cells.filter(c => c.object === a.object && c.ranked);
  const columns = element('div', null, { class: 'columns' }), left = element('div'), right = element('div');
  const known = entry(a.object, begin.strategy);
  left.append(element('div', `Begin with ${begin.strategy}`, { class: 'pick' }),
    element('p', (known ? `${capital(known.title)}. ` : '') + 'It is the simplest that ' +
      `${rows.some(r => r.debts < begin.debts) ? 'anybody can take and that is' : 'is'} not beaten: ` +
      `it ${begin.asks}. In the ` +
      `${a.cells > 1 ? 'hardest of the loads' : 'one load'} that could be ranked it carries ${mu(least(begin))}: ` +
      'plan for half of that, since nothing else ran beside it.'),
    element('p', `${rows.length} of ${rowsOf(a).filter(r => shown(r, a.object)).length} are not beaten, by what was ` +
      `seen in ${a.cells < measured ? `${a.cells} of ${several(measured, 'load')}; the others could not be ranked.`
        : `${several(a.cells, 'load')}.`}`,
    { class: 'dim' }));
  if (ranked.every(c => c.threads === 1))
    left.append(element('p', 'Only loads of one thread could be ranked: what happens when threads meet is not known.',
      { class: 'none' }));
  right.append(element('div', 'What would change that', { class: 'pick' }));
  const items = alternatives(a, rows, begin);
  if (a.cells < measured)
    items.push(element('span', 'Another measurement, on a quiet machine: ' +
      `${several(measured - a.cells, 'load')} could not be ranked.`));
  if (items.length) bullets(right, items);
  else
    right.append(element('p', 'Nothing that was measured here: no other carries more, meets a need that it does ' +
      'not, or is smaller.'));
  columns.append(left, right);
  p.append(columns, candidates(run, a, rows, begin));
  if (rows.some(row => row.at_floor))
    p.append(element('p', '* level with the harness itself: it may be faster than this', { class: 'dim' }));
  p.append(...beatenOnes(a, rows));
}

/* Which needs nothing meets, and what there is without them. */
function wayOut(a) {
  const unmet = [...asked.needs].filter(word => rowsOf(a).every(row => lacks(row, a.object).includes(word)));
  const left = unmet.length ? new Set([...asked.needs].filter(word => !unmet.includes(word))) : new Set();
  const rest = notBeaten(a, left), without = simplest(a, rest) || rest[0];
  const numbered = unmet.some(word => word === 'sparse-ids' || word === 'ids64');
  return (unmet.length ? `Nothing that was measured here meets ${unmet.join(' and ')}.`
    : 'Each of your needs is met, but not by one and the same.') +
    (without ? ` ${unmet.length ? 'Without that' : 'Of all'} begin with ${without.strategy}, which carries ` +
      `${mu(least(without))}${numbered ? ': the program has to number what it counts, 0, 1, 2 ...' : ''}.` : '');
}

/* An object of which nothing can be ranked is not left out without a word. */
function undecidedPanel(parent, run, object) {
  const p = panel(parent, `${headingOf(object)}: not decided`), begin = unrankedBegin(run, object);
  const cells = run.data.cells.filter(c => c.object === object).length;
  p.append(element('p', `None of ${several(cells, 'load')} could be ranked, so which one is faster is not known. ` +
    'Their medians are below; measure again on a quiet machine before you take one for its speed.',
  { class: 'none' }));
  if (begin)
    p.append(element('div', `Until then begin with ${begin.strategy}`, { class: 'pick' }),
      element('p', `${capital(begin.title)}. By what strategies ask of the program it is the simplest: it ` +
        `${begin.asks}. Its lowest median is ${mu(begin.least_per_s)}, and a disturbance only makes it lower.`));
}

function shortAnswer(run) {
  const objects = objectsOf(cellsOf(run));
  if (!objects.length) return;
  const s = section('The short answer', 'For each object what to begin with, and what would change that.' +
    (changes ? ` It is of ${run.name}, the last of the files of runs.` : ''), null);
  const cells = cellsOf(run), unranked = cells.filter(c => !c.pick).length;
  if (asked.load)
    s.append(element('p', 'It is over all loads of the object. What the chosen one says stands below, load by load.',
      { class: 'none' }));
  if (unranked > cells.length / 4)
    s.append(element('p', `Do not rely on it yet: ${unranked} of ${several(cells.length, 'load')} could not be ` +
      'ranked, as something else had the processors meanwhile. Measure again on a quiet machine.', { class: 'none' }));
  for (const object of objects) {
    const a = answerOf(run, object);
    if (a) answerPanel(s, run, a);
    else undecidedPanel(s, run, object);
  }
}
