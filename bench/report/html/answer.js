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

/* A row by the figures of these loads alone; null if it has no rate in one of them. */
function rowOver(cells, row) {
  const own = cells.map(c => c.strategies.find(s => s.strategy === row.strategy && !s.again && s.ops_per_s));
  if (!own.every(s => s && s.ratio && s.ratio.median)) return null;
  return { ...row, least_per_s: Math.min(...own.map(s => s.ops_per_s)),
    times: Math.exp(own.reduce((sum, s) => sum + Math.log(s.ratio.median), 0) / own.length),
    bytes: Math.max(...own.map(s => s.bytes_per_item)), at_floor: own.every(s => s.at_floor) };
}

/*
 * The answer for an object.  With a chosen load it is of that load alone, but which rows are beaten is a matter of all
 * of them; it is undefined where nothing that is asked for could be ranked.
 */
function answerOf(run, object) {
  const a = (run.data.answers || []).find(one => one.object === object);
  if (!a || !asked.load) return a;
  const cells = cellsOf(run, object).filter(c => c.ranked);
  const over = rows => rows.map(r => rowOver(cells, r)).filter(Boolean);
  return cells.length ? { ...a, cells: cells.length, candidates: over(a.candidates), others: over(a.others || []) }
    : undefined;
}

/* What the reader's own load needs: twice as much, since nothing else ran beside a measurement. */
const needed = () => 2 * asked.mine * MU;

/* The step of the ladder that carries what the reader needs; the one that carries most where none does. */
function beginAmong(a, rows) {
  const free = rows.filter(row => !demandOf(a.object, row.strategy));
  return ladder(a, rows).find(step => least(step) >= needed()) ||
    simplest(a, free.filter(row => least(row) >= needed())) ||
    free.reduce((most, row) => !most || least(row) > least(most) ? row : most, null);
}

/* Where nothing could be ranked: the simplest by what it asks for, if it has a rate in each load. */
function unrankedBegin(run, object) {
  const cells = cellsOf(run, object).filter(c => real(c).length);
  const rate = (c, name) => (real(c).find(s => s.strategy === name && !s.peer) || {}).ops_per_s;
  const rows = Object.entries((words.objects[object] || {}).strategies || {})
    .filter(([name, known]) => known.taken && !known.demand && cells.length && cells.every(c => rate(c, name)))
    .map(([strategy, known]) => ({ strategy, ...known, least_per_s: Math.min(...cells.map(c => rate(c, strategy))) }));
  const enough = rows.filter(row => least(row) >= needed());
  return (enough.length ? enough : rows).reduce((best, row) => !best || row.debts < best.debts ? row : best, null);
}

/* What to begin with, whatever is known; null if nothing meets the needs. */
function beginOf(run, object) {
  const a = answerOf(run, object);
  return a ? beginAmong(a, notBeaten(a)) : unrankedBegin(run, object);
}

/* How small a share the slowest thread had, in the load where it had least. */
const smallestShare = (run, object, name) => Math.min(...cellsOf(run, object).filter(c => c.ranked)
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

/* ---- loads without a ranking ---- */

/* These loads by the reason why they could not be ranked. */
function byReason(left) {
  const coarse = left.filter(c => /may differ from itself/.test(c.reason));
  const disturbed = left.filter(c => /disturbed|reference differs/.test(c.reason));
  return { coarse, disturbed, others: left.filter(c => !coarse.includes(c) && !disturbed.includes(c)) };
}

/* Why they could not be ranked, and what would help: it is not always a quiet machine. */
function whyUnranked(run, left) {
  const { coarse, disturbed, others } = byReason(left), items = [];
  const processors = parseInt((run.data.session || {}).cpus_allowed, 10) || Infinity;
  const crowded = coarse.filter(c => c.threads > processors);
  if (disturbed.length)
    items.push(`${several(disturbed.length, 'load')} ${disturbed.length > 1 ? 'were' : 'was'} disturbed, as ` +
      'something else had the processors: measure again on a quiet machine.');
  if (coarse.length)
    items.push(`${several(coarse.length, 'load')} ${coarse.length > 1 ? 'are' : 'is'} too coarse, as the reference ` +
      'may differ from itself by more than 25 %: more blocks (--publish or --blocks=40) ' + (!crowded.length
      ? 'tell more.' : crowded.length === coarse.length
        ? 'or fewer threads tell more; a quieter machine does not, as there are more threads than processors.'
        : `tell more; where there are more threads than processors, as in ${crowded.length} of them, so do fewer ` +
          'threads, and a quieter machine does not.'));
  for (const reason of new Set(others.map(c => c.reason)))
    items.push(`${several(others.filter(c => c.reason === reason).length, 'load')}: ` +
      `${reason.replace('no pick: ', '')}.`);
  return items.join(' ');
}

/* The same in brief, after the whole of it. */
function anotherMeasurement(left) {
  const { coarse, disturbed, others } = byReason(left);
  return `Another measurement of ${several(left.length, 'load')} that could not be ranked: ` + listed([
    [disturbed, 'on a quiet machine'], [coarse, 'with more blocks or fewer threads'], [others, 'with more time']]
    .filter(([some]) => some.length).map(([some, how]) => left.length > 1 ? `${some.length} ${how}` : how)) + '.';
}

/* ---- the short answer ---- */

const inLoads = a => asked.load ? `the ${a.cells > 1 ? 'hardest' : 'one'} load of ${asked.load}`
  : a.cells > 1 ? 'the hardest of the loads' : 'the one load';

/* What would make one take another strategy, and which. */
function alternatives(a, rows, begin) {
  const items = [], steps = ladder(a, rows);
  const say = (before, name, after = '') => {
    const item = element('span', before);
    item.append(element('b', name), after);
    items.push(item);
  };
  let reached = begin;
  for (const step of steps.filter(row => least(row) > least(begin))) {
    say(`More than ${mu(least(reached))}: `, step.strategy, `, up to ${mu(least(step))}; it ${step.asks}` +
      (spins(step) ? ': only where there are never more threads than processors.' : '.'));
    reached = step;
  }
  for (const row of rows.filter(r => demandOf(a.object, r.strategy) && r !== begin &&
                                     (least(r) > least(begin) || r.debts < begin.debts)))
    say(`If ${demandOf(a.object, row.strategy)}: `, row.strategy, `, up to ${mu(least(row))}.`);
  for (const need of words.needs.filter(n => !asked.needs.has(n.word) && lacks(begin, a.object).includes(n.word))) {
    const left = notBeaten(a, new Set([...asked.needs, need.word])), then = beginAmong(a, left) || left[0];
    const demand = then && demandOf(a.object, then.strategy);
    const burns = then && spins(then) && need.word !== 'crowded' && !asked.needs.has('crowded');
    if (then) say(`${need.question} Then `, then.strategy, `, up to ${mu(least(then))}${demand && `, if ${demand}`}` +
      (burns ? '; and never more threads than processors.' : '.'));
  }
  for (const need of asked.needs) {
    const most = ladder(a, notBeaten(a, new Set([...asked.needs].filter(word => word !== need)))).pop();
    if (most && least(most) >= 1.25 * least(reached))
      say(`Without ${need}: `, most.strategy, `, up to ${mu(least(most))}.`);
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

/* Where the ladder ends; those that are beaten may carry more than it. */
const endOfLadder = a => {
  const most = Math.max(...rowsOf(a).filter(row => shown(row, a.object)).map(least));
  return element('span', `More than ${mu(most)}: none of those measured here carries it in ` +
    `${a.cells > 1 ? 'every' : 'the'} load${asked.load ? ` of ${asked.load}` : ''} that could be ranked; ` +
    'see load by load.');
};

const HEADS = reference => ['strategy',
  ['carries', 'operations a second in the hardest of the loads that could be ranked, in Mu'],
  [`times ${reference}`, 'its rate against that of the reference, as the mean over the loads'],
  ['p99.9', 'one of a thousand operations is later than this, when 1 Mu comes'],
  ['bytes', 'memory for each lock, counter, reader or user, in the load where it needs most'],
  ['least share', 'what the slowest thread did, as a part of an equal share, in the worst load: 0 is starved'],
  ['simplicity', 'the sum of what it asks of the program: 0 is simplest'],
  ['progress: writes/reads', 'whether others wait for a thread that stands still'],
  ['not if you need', 'needs that it does not meet and another one does'],
  ['why it is not beaten', 'what it has ahead of each that is as fast']];

/* The needs that tell these rows apart. */
const telling = (object, rows) => words.needs.map(n => n.word).filter(word =>
  rows.some(r => lacks(r, object).includes(word)) && rows.some(r => !lacks(r, object).includes(word)));

/* How inexact answers are, by the word for it in the file: the same word says it of another operation elsewhere. */
const INEXACT = {
  counter: { linearizable: 'claps one by one are exact; a batch or an undo may be seen half done',
    intermediate: 'a read may have part of what is added meanwhile',
    quiescent: 'a read is exact if nothing is added meanwhile',
    eventual: 'a read may lack claps that threads hold back for a while', approximate: 'a read is an estimate' },
  claps: { 'lin/qui': 'what a reader gave is exact; a total is if nothing changes it meanwhile',
    quiescent: 'an answer is exact if nothing changes it meanwhile' },
};
function inexact(object, name, reads) {
  const known = entry(object, name), margin = (/^to (.*)/.exec(reads) || [])[1];
  if (!known || !known.lacks.includes('exact')) return '';
  return (INEXACT[object] || {})[reads] || (!margin ? '' : object === 'presence'
    ? `a user may seem online up to ${margin} too long` : `a count is an estimate, mostly within ${margin}`);
}

function candidates(run, a, rows, begin) {
  const cells = run.data.cells.filter(c => c.object === a.object), tells = telling(a.object, rows);
  const found = name => cells.flatMap(c => c.strategies).find(s => s.strategy === name) || {};
  const ask = row => {
    const cell = element('span', String(row.debts)), how = inexact(a.object, row.strategy, found(row.strategy).reads);
    cell.append(element('small', row.asks));
    if (how) cell.append(element('small', `inexact: ${how}`));
    return cell;
  };
  return table(HEADS(cells[0].reference), rows.map(row => [
    named(a.object, row.strategy, row === begin ? ' (begin here)' : ''), mu(least(row)),
    number(row.times) + (row.at_floor ? ' *' : ''), duration(row.p999_ns), number(row.bytes),
    number(smallestShare(run, a.object, row.strategy), 2), ask(row), found(row.strategy).progress || '',
    lacks(row, a.object).filter(word => tells.includes(word)).join(', ').replace(/-/g, '\u2011') || '-',
    reasonAmong(a, row, rows)]), { kind: 'reasons', caption:
    'In order of the mean rate; what one carries is that of its hardest load, so the order may differ.' +
    (asked.load ? ` Rates, bytes and shares are of ${asked.load}; which ones are beaten is a matter of all loads.`
      : '') });
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

/* How many are not beaten, and by what was seen. */
function howMany(run, a, rows) {
  const all = rowsOf(a).filter(row => shown(row, a.object)).length, measured = cellsOf(run, a.object).length;
  const seen = a.cells < measured
    ? `${a.cells} of ${several(measured, 'load')}; the other${measured - a.cells > 1 ? 's' : ''} could not be ranked.`
    : `${several(a.cells, 'load')}.`;
  if (all === 1) return `No other one ${asked.needs.size ? 'meets your needs' : 'was measured'}; seen in ${seen}`;
  return `${rows.length} of ${all} ${rows.length > 1 ? 'are' : 'is'} not beaten, by what was seen in ${seen}`;
}

/* Why one begins with this row: for the reader's load, if that is known. */
function whyBegin(a, rows, begin) {
  const known = entry(a.object, begin.strategy), title = known ? `${capital(known.title)}. ` : '';
  const times = least(begin) / (asked.mine * MU), carries = `In ${inLoads(a)} that could be ranked it carries ` +
    `${mu(least(begin))}`;
  if (asked.mine)
    return `${title}It ${begin.asks}. ${carries}, ${number(times, 2)} times your load. ` + (times >= 2
      ? 'Of those that one takes in turn as the load grows it is the first that carries twice your load: headroom ' +
        'for what else runs beside it.'
      : `None that anybody can take carries twice your load, and ${begin.strategy} carries most.`);
  return `${title}It is the simplest that ${rows.some(r => r.debts < begin.debts) ? 'anybody can take and that is'
    : 'is'} not beaten: it ${begin.asks}. ${carries}: plan for half of that, since nothing else ran beside it.`;
}

function answerPanel(parent, run, a) {
  const rows = notBeaten(a), begin = beginAmong(a, rows), left = cellsOf(run, a.object).filter(c => !c.pick);
  const p = panel(parent, headingOf(a.object));
  p.append(element('p', a.what || words.objects[a.object].what, { class: 'dim' }));
  if (!begin) {
    wayOut(p, a, rows);
    return;
  }
  const columns = element('div', null, { class: 'columns' }), one = element('div'), two = element('div');
  const enough = least(begin) >= needed();
  one.append(enough ? element('div', `${asked.mine ? `For ${number(asked.mine)} Mu begin` : 'Begin'} with ` +
    begin.strategy, { class: 'pick' })
    : element('div', `None that anybody can take carries twice ${number(asked.mine)} Mu`, { class: 'pick none' }),
  element('p', whyBegin(a, rows, begin)));
  for (const text of contradictions(a.object, begin.strategy))
    one.append(element('p', capital(text), { class: 'none' }));
  one.append(element('p', howMany(run, a, rows), { class: 'dim' }));
  if (cellsOf(run, a.object).filter(c => c.ranked).every(c => c.threads === 1))
    one.append(element('p', 'Only loads of one thread could be ranked: what happens when threads meet is not known.',
      { class: 'none' }));
  two.append(element('div', 'What would change that', { class: 'pick' }));
  bullets(two, [...alternatives(a, rows, begin),
    ...(left.length ? [anotherMeasurement(left)] : []), endOfLadder(a)]);
  columns.append(one, two);
  p.append(columns, candidates(run, a, rows, begin));
  if (rows.some(row => row.at_floor))
    p.append(element('p', '* level with the harness itself: it may be faster than this', { class: 'dim' }));
  p.append(...beatenOnes(a, rows));
}

/* Where nothing that anybody can take meets all needs: which needs nothing meets, and what is nearest. */
function wayOut(p, a, rows) {
  const missing = row => lacks(row, a.object).filter(word => asked.needs.has(word));
  const takes = row => (demandOf(a.object, row.strategy) ? `, if ${demandOf(a.object, row.strategy)}` : '');
  if (rows.length) {
    p.append(element('div', 'None that anybody can take meets all that you ask for', { class: 'pick none' }));
    bullets(p, rows.map(row => `${row.strategy} does, up to ${mu(least(row))}${takes(row)}.`));
    return;
  }
  const unmet = [...asked.needs].filter(word => rowsOf(a).every(row => lacks(row, a.object).includes(word)));
  const rest = notBeaten(a, new Set([...asked.needs].filter(word => !unmet.includes(word))));
  const without = beginAmong(a, rest) || rest[0], fewest = Math.min(...rowsOf(a).map(row => missing(row).length));
  const nearest = rowsOf(a).filter(row => missing(row).length === fewest).sort((x, y) => x.debts - y.debts);
  const numbered = unmet.some(word => word === 'sparse-ids' || word === 'ids64');
  p.append(element('div', 'None meets all that you ask for', { class: 'pick none' }),
    element('p', unmet.length ? `Nothing that was measured here meets ${listed(unmet)}.` + (without
      ? ` Without that begin with ${without.strategy}${takes(without)}, which carries ${mu(least(without))}` +
        `${numbered ? '; the program has to number what it counts, 0, 1, 2 and so on' : ''}.` : '')
      : 'Each of your needs is met, but not by one and the same.'), element('p', 'The nearest:'));
  bullets(p, nearest.slice(0, 5).map(row => {
    const item = element('span');
    item.append(element('b', row.strategy),
      ` lacks only ${listed(missing(row))}; up to ${mu(least(row))}${takes(row)}.`);
    return item;
  }));
}

/* An object of which nothing can be ranked is not left out without a word. */
function undecidedPanel(parent, run, object) {
  const p = panel(parent, `${headingOf(object)}: not decided`), begin = unrankedBegin(run, object);
  const cells = cellsOf(run, object);
  p.append(element('p', `None of ${several(cells.length, 'load')} could be ranked, so which one is faster is not ` +
    `known. Their medians are below. ${whyUnranked(run, cells.filter(c => !c.pick))}`, { class: 'none' }));
  if (begin)
    p.append(element('div', `Until then begin with ${begin.strategy}`, { class: 'pick' }),
      element('p', `${capital(begin.title)}. By what strategies ask of the program it is the simplest` +
        (asked.mine && least(begin) >= needed() ? ` of those whose medians are at least twice ${number(asked.mine)} Mu`
          : '') + `: it ${begin.asks}. Its lowest median is ${mu(begin.least_per_s)}, and a disturbance only makes ` +
        'it lower.'));
}

function shortAnswer(run) {
  const cells = cellsOf(run), left = cells.filter(c => !c.pick);
  if (!cells.length) return;
  const s = section('The short answer', 'For each object what to begin with, and what would change that.' +
    (changes ? ` It is of ${run.name}, the last file of a run.` : ''), null);
  if (left.length)
    s.append(element('p', `${left.length} of ${several(cells.length, 'load')} could not be ranked. ` +
      `${whyUnranked(run, left)} What still holds: what strategies promise, their memory and what they ask` +
      `${left.length < cells.length ? ', and the loads that are ranked.' : '.'}`,
    { class: 2 * left.length > cells.length ? 'none' : 'dim' }));
  for (const object of objectsOf(cells)) {
    const a = answerOf(run, object);
    if (a) answerPanel(s, run, a);
    else undecidedPanel(s, run, object);
  }
}
