/* runs.js - the sections of the runs beyond throughput; base.js and plots.js have what they draw with. */
'use strict';

/* Beside a comparison they wait in closed sections. */
const besideRun = () => of('contend.run').length > 0;

/* ---- latency, and threads that stand still ---- */

function latencies(file) {
  const s = section('Latency in an open loop', 'From the instant at which an operation was due, over the ' +
    'rate: the highest percentile beyond which at least 20 operations lie in most of the strategies. 1 Mu is a ' +
    `million users who beat every ten seconds. ${FEW}`);
  const label = element('label'), box = element('input', null, { type: 'checkbox', id: 'closed' });
  box.checked = kind === 'service';
  box.addEventListener('change', () => { kind = box.checked ? 'service' : 'response'; draw(); });
  label.append(box, ' from its own beginning instead, as a closed loop would show it');
  s.append(label);
  const g = grid(s);
  /* A rate that was offered twice counts as it was the last time, as it does in the table. */
  const at = (c, q) => [...new Map(c.points.filter(p => p[kind][q]).map(p => [p.mu, p[kind][q]]))]
    .map(([x, y]) => ({ x, y })).sort((a, b) => a.x - b.x);
  /* The highest percentile that most curves have at two rates, or at one: few points say little of the others. */
  const most = (curves, least) => ['p999_ns', 'p99_ns', 'p90_ns', 'p50_ns'].find(q =>
    2 * curves.filter(c => at(c, q).length >= least).length >= curves.length);
  const titles = { p999_ns: 'p99.9', p99_ns: 'p99', p90_ns: 'p90', p50_ns: 'p50', max_ns: 'the longest' };
  for (const cell of new Set(file.data.curves.filter(wanted).map(c => c.cell))) {
    const curves = file.data.curves.filter(c => c.cell === cell && c.points.length && drawn(c));
    if (!curves.length) continue;
    const q = most(curves, 2) || most(curves, 1) || 'max_ns';
    const { object } = curves[0], kept = few(object, curves.map(c => c.strategy));
    const sets = curves.filter(c => kept.includes(c.strategy) && at(c, q).length)
      .map(c => line(object, c.strategy, at(c, q)));
    plot(g, `${cell}: ${titles[q]}`, { type: 'line', data: { datasets: sets },
    options: { scales: { x: logAxis('offered, Mu', brief, xs(sets)), y: logAxis(titles[q], duration, ys(sets)) },
    ...hover(i => `${i.dataset.label}: ${duration(i.parsed.y)} at ${number(i.parsed.x)} Mu`) } },
    ['strategy', 'copes with, Mu', 'p50 at 1 Mu', 'p99', 'p99.9', 'longest'],
    curves.map(c => {
      const one = c.points.filter(p => p.per_s === MU).pop();
      return [c.strategy, number(c.copes_per_s / MU), ...(one ? ['p50_ns', 'p99_ns', 'p999_ns', 'max_ns']
        .map(quantile => duration(one[kind][quantile])) : ['-', '-', '-', '-'])];
    }));
  }
}

function stalls(file) {
  const s = section('When a thread stands still', 'Declared against observed: in how many trials none of the ' +
    'others of that kind completed an operation. That one was not seen to wait proves nothing. What blocking, ' +
    'lock-free and wait-free mean is said at the top.');
  for (const cell of new Set(file.data.strategies.filter(wanted).map(x => x.cell))) {
    const rows = file.data.strategies.filter(x => x.cell === cell && x.pairs.length && drawn(x));
    const pair = (x, stopped, watched) => {
      const p = x.pairs.find(q => q.stopped === stopped && q.watched === watched);
      return p.contradicts ? `BROKEN ${p.blocked}/${p.trials}` : p.blocked ? `waits ${p.blocked}/${p.trials}`
        : p.trials ? 'go on' : '-';
    };
    const others = x => {
      const stop = x.long_stops.find(q => q.stopped === 'write');
      return stop.calm_per_s ? `${number(100 * stop.stopped_per_s / stop.calm_per_s, 2)} %` : '-';
    };
    s.append(element('h3', cell), table(['strategy', 'reader stopped: reads', 'writes', 'writer stopped: reads',
      'writes', 'others meanwhile', 'declared'], rows.map(x => [x.strategy, pair(x, 'read', 'read'),
      pair(x, 'read', 'write'), pair(x, 'write', 'read'), pair(x, 'write', 'write'), others(x), x.progress]),
    { cellClass: text => text === 'go on' ? 'ok' : text.startsWith('waits') ? 'waits'
      : text.startsWith('BROKEN') ? 'broken' : '' }));
  }
}

/* ---- more threads, and how they share ---- */

/* Those of the same workload and size, which differ in their threads. */
function groupsOf(points) {
  const groups = new Map();
  for (const p of points.filter(drawn)) {
    const key = `${p.object}: ${p.workload}${size(p)}`;
    groups.set(key, [...(groups.get(key) || []), p]);
  }
  return groups;
}

/* One plot for each measure: [title, member, axis, format]. */
function crowd(parent, file, measures) {
  const g = grid(parent);
  for (const [title, points] of groupsOf(file.data.points)) {
    const sets = [...new Set(points.map(p => `${p.strategy}\n${p.hogs > 0 ? 'with hogs' : ''}`))];
    const of = set => points.filter(p => `${p.strategy}\n${p.hogs > 0 ? 'with hogs' : ''}` === set)
      .sort((a, b) => a.threads - b.threads);
    const threadCounts = [...new Set(points.map(p => p.threads))].sort((a, b) => a - b);
    for (const [measure, member, text, type, format] of measures) {
      const has = p => p[member] > 0 || (p[member] === 0 && type === 'linear'); // a share of nothing is a finding
      const some = sets.filter(set => of(set).some(has));
      if (!some.length) continue;
      const label = set => set.replace('\n', ' ').trim();
      const { object } = points[0], kept = few(object, some.map(set => set.split('\n')[0]));
      const lines = some.filter(set => kept.includes(set.split('\n')[0])).map(set => line(object, set.split('\n')[0],
        of(set).filter(has).map(p => ({ x: p.threads, y: p[member] })),
        { label: label(set), ...(set.endsWith('hogs') ? { borderWidth: 1, pointRadius: 2 } : {}) }));
      plot(g, `${title}: ${measure}`, { type: 'line', data: { datasets: lines },
      options: { scales: { x: threadAxis(threadCounts),
        y: type === 'linear' ? axis(text, { min: 0, max: 1 }) : logAxis(text, format, ys(lines)) },
      ...hover(i => `${i.dataset.label}: ${format(i.parsed.y)} with ${threads(i.parsed.x)}`) } },
      ['strategy', ...threadCounts.map(threads)],
      some.map(set => [label(set), ...threadCounts.map(n => {
        const found = of(set).find(p => p.threads === n);
        return found && found[member] !== undefined ? format(found[member]) : '-';
      })]));
    }
  }
}

const millions = x => x === null || x === undefined ? '-' : number(x / 1e6);

function oversubscription(file) {
  const n = file.data.processors;
  const s = section('More threads than processors', `Up to ${threads(n)} there is a processor for each. ` +
    'Beyond, and with hogs beside, it is preemption: a thread loses its processor while others wait for ' +
    'it. That says nothing of a machine with more processors.', besideRun());
  crowd(s, file, [['rate', 'ops_per_s', 'Mops/s', 'logarithmic', millions],
    ['p99.9', 'p999_ns', 'p99.9 of an operation', 'logarithmic', duration],
    ['processor time', 'cpu_ns_per_op', 'CPU ns for an operation', 'logarithmic', number],
    ['fairness', 'jain', "Jain's index", 'linear', number]]);
}

function fairness(file) {
  const s = section('How operations are shared out', "Jain's index is 1 where all threads have as much, 1/n where " +
    'one of n has all; the smallest share is that of the slowest thread; the gap is the longest time in which a ' +
    'thread completed nothing.', besideRun());
  crowd(s, file, [['fairness', 'jain', "Jain's index", 'linear', number],
    ['smallest share', 'min_share', 'of an equal part', 'linear', number],
    ['longest gap', 'longest_gap_ns', 'longest gap', 'logarithmic', duration]]);
}

/* ---- memory ---- */

const bytes = x => {
  if (x === null || x === undefined) return '-';
  for (const [unit, size] of [['GB', 1e9], ['MB', 1e6], ['kB', 1e3]])
    if (x >= size) return `${number(x / size, 3)} ${unit}`;
  return `${number(x, 3)} B`;
};

/* A time line of each strategy: from a point to its [{x, y}]. */
function timeLines(parent, title, points, of, xText, yAxis, format, heads, row) {
  const some = points.filter(p => of(p).length > 1);
  if (!some.length) return;
  const sets = some.map(p => line(p.object, p.strategy, of(p), { pointRadius: 1 }));
  plot(parent, title, { type: 'line', data: { datasets: sets },
  options: { scales: { x: axis(xText), y: yAxis(sets) },
    ...hover(i => `${i.dataset.label}: ${format(i.parsed.y)} at ${number(i.parsed.x)}`) } }, heads, some.map(row));
}

/*
 * How late the others are in several situations, as bars: at one percentile for all, the highest that most of them
 * have.  One with too few operations for it has no bar, as it has no figure in the table.
 */
function othersBars(parent, title, points, situations) {
  if (!points.length) return;
  const all = points.flatMap(p => situations.map(([, of]) => of(p)));
  const [q, name] = [['p999', 'p99.9'], ['p99', 'p99'], ['p50', 'p50']].find(([member]) =>
    2 * all.filter(x => x[member]).length >= all.length) || ['max', 'the longest'];
  const value = (p, of) => of(p)[q] || null;
  plot(parent, title, { type: 'bar', data: { labels: points.map(p => p.strategy), datasets:
    situations.map(([label, of], i) => ({ label, data: points.map(p => value(p, of)),
      backgroundColor: `hsl(${210 + i * 70} 55% ${isDark() ? 60 : 42}%)` })) },
  options: { indexAxis: 'y', scales: { x: logAxis(`${name} of the others`, duration,
    fromDecade(all.map(x => x[q]))), y: { ticks: { autoSkip: false } } },
  ...hover(i => `${i.label}, ${i.dataset.label}: ${name} ${duration(i.parsed.x)}`) } },
  ['strategy', ...situations.flatMap(([label]) => [`${label}: ${name}`, ...(q === 'max' ? [] : ['longest'])])],
  points.map(p => [p.strategy, ...situations.flatMap(([, of]) =>
    [duration(value(p, of)), ...(q === 'max' ? [] : [duration(of(p).max)])])]),
  { after: all.some(x => !x[q]) ? [element('p', `Where a bar is missing, there were too few operations for ${name}.`,
    { class: 'dim' })] : [] });
}

function memory(file) {
  const points = file.data.points.filter(p => p.complete && drawn(p));
  const part = name => points.filter(p => p.part === name);
  const s = section('Memory, and what is let go', 'Maps that grow, readers that stand still, users that ' +
    'expire, and crowds that come and go in one instant; at the end bytes by size.', besideRun());
  const g = grid(s);
  timeLines(g, 'Bytes while the map grows', part('growth'),
    p => p.growing.timeline.map(t => ({ x: t.ms, y: t.bytes })), 'ms', () => axis('bytes of the allocator',
      { min: 0, ticks: { callback: bytes } }), bytes,
    ['strategy', 'inserts a second', 'into a sized map', 'bytes at the end', 'at most'],
    p => [p.strategy, number(p.growing.inserts_per_s), number(p.sized.inserts_per_s), bytes(p.growing.bytes),
      bytes(p.growing.bytes_peak)]);
  timeLines(g, 'Inserts a second while the map grows', part('growth'),
    p => p.growing.timeline.slice(1).map((t, i) => ({ x: t.ms, y: (t.users - p.growing.timeline[i].users) * 1e3 /
      (t.ms - p.growing.timeline[i].ms || 1) })), 'ms', sets => logAxis('inserts a second', brief, ys(sets)), number,
    ['strategy', 'inserts a second'], p => [p.strategy, number(p.growing.inserts_per_s)]);
  othersBars(g, 'Others during growth', part('growth'), [['calm', p => p.calm_ns],
    ['growing', p => p.growing.others_ns], ['sized', p => p.sized.others_ns]]);
  timeLines(g, 'Removed and not freed; a reader stands still in the middle third', part('backlog'),
    p => p.timeline.map(t => ({ x: t.ms, y: t.retired })), 'ms',
    () => axis('bytes', { min: 0, ticks: { callback: bytes } }), bytes,
    ['strategy', 'calm', 'reader stopped', 'after'], p => [p.strategy, ...['calm', 'stalled', 'after']
      .map(x => bytes(p[x].retired_peak))]);
  timeLines(g, 'Bytes past their deadline; half of the users stop in the first minute', part('expiry'),
    p => p.timeline.map(t => ({ x: t.s, y: t.stale_bytes })), 'virtual seconds',
    () => axis('stale bytes', { min: 0, ticks: { callback: bytes } }), bytes,
    ['strategy', 'policy', 'offline, most ms', 'gone, p50 ms', 'gone, p99 ms', 'us for a sweep'],
    p => [p.strategy, p.policy, number(p.invisible_ms.max), number(p.gone_ms.p50), number(p.gone_ms.p99),
      number(p.sweep_cpu_ns / p.sweeps / 1e3)]);
  othersBars(g, `Others while ${file.data.crowd.toLocaleString('en')} beat, or expire, in one instant`, part('crowd'),
    [['calm', p => p.calm_ns], ['the crowd beats', p => p.beats_ns], ['the crowd is swept', p => p.expiry_ns]]);
  const sizes = part('bytes').filter(p => p.bytes_per_item);
  for (const workload of new Set(sizes.map(p => p.workload))) {
    const some = sizes.filter(p => p.workload === workload);
    const counts = [...new Set(some.map(p => p.items))].sort((a, b) => a - b);
    const strategies = [...new Set(some.map(p => p.strategy))];
    const of = (name, n) => some.find(p => p.strategy === name && p.items === n);
    const { object } = some[0], sets = few(object, strategies).map(name =>
      line(object, name, counts.filter(n => of(name, n)).map(n => ({ x: n, y: of(name, n).bytes_per_item }))));
    plot(g, `${object}: bytes each, by size`, { type: 'line', data: { datasets: sets },
    options: { scales: { x: logAxis('items', brief, xs(sets)), y: logAxis('bytes each', brief, ys(sets)) },
    ...hover(i => `${i.dataset.label}: ${number(i.parsed.y)} bytes with ${number(i.parsed.x)}`) } },
    ['strategy', ...counts.map(n => n.toLocaleString('en'))],
    strategies.map(name => [name, ...counts.map(n => of(name, n) ? number(of(name, n).bytes_per_item) : '-')]));
  }
}

/* ---- the gallery of broken harnesses ---- */

function brokenHarnesses(file) {
  const asks = (h, x) => wanted({ object: x.object, workload: h.workload }) && shown(x, x.object);
  const harnesses = file.data.harnesses.filter(h => h.strategies.some(x => asks(h, x)));
  if (!harnesses.length) return;
  const s = section('What broken harnesses say', 'The same strategies, measured as they should be and as a ' +
    'usual mistake would measure them. A place in a ranking that changes is the mistake, not the strategy.',
    besideRun());
  const g = grid(s);
  for (const h of harnesses) {
    const rows = h.strategies.filter(x => x.honest && x.broken && asks(h, x))
      .sort((a, b) => h.latency ? a.honest - b.honest : b.honest - a.honest);
    const format = h.latency ? duration : millions, { pair } = h;
    plot(g, `${h.name}: ${h.title}`, { type: 'bar', data: { labels: rows.map(x => x.strategy), datasets: [
      { label: 'honest', data: rows.map(x => x.honest), backgroundColor: css('--good') },
      { label: 'broken', data: rows.map(x => x.broken), backgroundColor: css('--bad') }] },
    options: { indexAxis: 'y', scales: {
      x: logAxis(h.latency ? 'p99' : 'operations a second', h.latency ? duration : brief,
        fromDecade(rows.flatMap(x => [x.honest, x.broken]))),
      y: { ticks: { autoSkip: false } } },
    ...hover(i => `${i.label}, ${i.dataset.label}: ${format(i.parsed.x)}`) } },
    ['strategy', 'honest', 'place', 'broken', 'place'],
    rows.map(x => [x.strategy, format(x.honest), x.honest_rank || '-', format(x.broken), x.broken_rank || '-']),
    { after: [element('p', h.wrong, { class: 'dim' }), ...[h.not_shown && `Not shown here: ${h.not_shown}.`, pair &&
      `${pair.turned ? 'Turned round' : 'The pair'}: ${pair.better} does ${ratio(pair.honest)} times as well as ` +
      `${pair.worse}, and this harness says ${ratio(pair.broken)}.`]
      .filter(Boolean).map(text => element('p', text))] });
  }
}
