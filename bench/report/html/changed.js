/* changed.js - what changed between two runs, as `contend compare` judges it. */
'use strict';

/* As page_changes.c makes it of the raw windows, which the page does not have; null if there is one run only. */
const changes = JSON.parse(document.getElementById('changes').textContent);
const VERDICTS = ['faster', 'slower', 'tie', 'too few'];
const difference = s => s[changes.by]; // B/A, of the ratios to the reference or of plain rates
const hue = verdict => css({ faster: '--good', slower: '--bad' }[verdict] || '--dim');

/* The loads that both files have, of what is asked for: { c, cell }, the cell as the last run has it. */
const comparedLoads = run => cellsOf(run).map(c => ({ c, cell: changes.cells.find(x => x.name === c.name) }))
  .filter(({ cell }) => cell);
/* Of a load the strategies that may be taken and that have a verdict. */
const comparedIn = ({ c, cell }) => cell.strategies.filter(s => VERDICTS.includes(s.verdict) && shown(s, c.object) &&
  !isFloor(s)).sort((x, y) => difference(y).median - difference(x).median);

/* So many faster, slower and so on; and what was not compared, with the reason. */
function sumUp(s, loads, all) {
  const count = verdict => all.filter(({ x }) => x.verdict === verdict).length;
  const left = loads.filter(l => l.cell.not_compared), few = count('too few');
  s.append(element('div', `${changes.b} against ${changes.a}: ${listed([`${count('faster')} faster`,
    `${count('slower')} slower`, several(count('tie'), 'tie'), ...(few ? [`${few} with too few blocks to tell`] : []),
    ...(left.length ? [`${several(left.length, 'load')} not compared`] : [])])}.`, { class: 'pick' }),
  element('p', 'Counted are pairs of a strategy and a load. ' + (changes.by === 'ratio'
    ? 'A machine is not equally fast in two runs, so what is compared is the rate of each strategy over that of the ' +
      'reference of its load. '
    : 'The files have different references, so plain rates are compared: how fast the machine was in either run is ' +
      'in them. ') + 'B/A is that of the last file over that of the first; in brackets stands its 95 % interval. ' +
    `A tie is not told apart by ${number((changes.margin - 1) * 100)} %. The command contend compare says the same.`,
  { class: 'dim' }));
  for (const why of new Set(left.map(l => l.cell.not_compared)))
    s.append(element('p', `Not compared, as ${why}: ${left.filter(l => l.cell.not_compared === why).map(({ c }) =>
      `${c.object}: ${titleOf(c)}`).join('; ')}.`));
  const alone = of('contend.run').flatMap(run => [changes.a, changes.b].includes(run.name) ? cellsOf(run) : [])
    .filter(c => !changes.cells.some(x => x.name === c.name));
  if (alone.length)
    s.append(element('p', `In one of the files only: ${alone.map(c => `${c.object}: ${titleOf(c)}`).join('; ')}.`));
}

/* The largest changes of either kind, in words. */
function largestChanges(s, all) {
  const far = ({ x }) => Math.abs(Math.log(difference(x).median));
  for (const verdict of ['faster', 'slower']) {
    const some = all.filter(({ x }) => x.verdict === verdict).sort((p, q) => far(q) - far(p));
    if (!some.length) continue;
    s.append(element('h3', capital(verdict) +
      (some.length > 5 ? `; the five that changed most, of ${some.length}` : '')));
    bullets(s, some.slice(0, 5).map(({ x, c }) => {
      const item = element('span');
      item.append(element('b', x.strategy), ` under ${c.object}: ${titleOf(c)}: ${ratio(difference(x))} times as fast`);
      return item;
    }));
  }
}

/* B/A of each strategy under each load of an object. */
function changeTable(loads) {
  const names = [...new Set(loads.flatMap(l => comparedIn(l).map(x => x.strategy)))];
  return table(['strategy', ...loads.map(({ c }) => [titleOf(c), c.title || c.workload])], names.map(name => [name,
    ...loads.map(l => {
      const x = comparedIn(l).find(one => one.strategy === name);
      if (!x) return l.cell.not_compared ? 'not compared' : '-';
      if (difference(x).low === null) return x.verdict;
      const content = element('span', difference(x).median.toPrecision(3), { class: x.verdict });
      content.append(` ${x.verdict}`, element('small', ratio(difference(x)).replace(/^\S+ /, '')));
      return content;
    })]), { kind: 'heat' });
}

/* The same as intervals, one plot for each load. */
function changePlot(parent, load) {
  const { c } = load, rows = comparedIn(load).filter(x => difference(x).low !== null);
  if (!rows.length) return;
  const bars = VERDICTS.map(verdict => ({ label: verdict, order: 1, grouped: false, barPercentage: .35, minBarLength: 3,
    backgroundColor: hue(verdict), data: rows.map(x =>
      x.verdict === verdict ? [difference(x).low, difference(x).high] : null) }))
    .filter(set => set.data.some(x => x));
  plot(parent, `${c.object}: ${titleOf(c)}`, { type: 'bar', plugins: [markOne], data: {
    labels: rows.map(x => x.strategy), datasets: [...bars, medians(rows.map(x => difference(x).median))] },
  options: { indexAxis: 'y', scales: {
    x: logAxis('B/A', brief, [1, ...rows.flatMap(x => [difference(x).low, difference(x).high])]),
    y: { ticks: { autoSkip: false } } },
  ...hover(i => `${i.label}: ${ratio(difference(rows[i.dataIndex]))}, ${rows[i.dataIndex].verdict}`) } },
  ['strategy', 'A, Mops/s', 'B, Mops/s', ['B/A', 'what is judged'], ['plain rates', 'with the drift of the machine'],
    'B is'],
  rows.map(x => [x.strategy, number(x.a_ops_per_s / 1e6), number(x.b_ops_per_s / 1e6), ratio(difference(x)),
    ratio(x.rate), x.verdict]));
}

function whatChanged(run) {
  if (!changes) return;
  const s = section('What changed', null, null);
  if (changes.refused) {
    s.append(element('p', `${changes.a} and ${changes.b} cannot be compared: the ${changes.refused}.`,
      { class: 'none' }));
    return;
  }
  const loads = comparedLoads(run), all = loads.flatMap(l => comparedIn(l).map(x => ({ x, c: l.c })));
  if (!loads.length) {
    s.append(element('p', `${changes.a} and ${changes.b} have no load in common.`, { class: 'none' }));
    return;
  }
  sumUp(s, loads, all);
  largestChanges(s, all);
  for (const object of objectsOf(loads.map(l => l.c)))
    s.append(element('h3', headingOf(object)), changeTable(loads.filter(l => l.c.object === object)));
  const details = element('details');
  details.append(element('summary', 'The intervals as plots, and the rates of both'));
  s.append(details);
  const g = grid(details);
  for (const load of loads) changePlot(g, load);
  s.append(element('p', `What stands below of these loads is of ${changes.b}.`));
}
