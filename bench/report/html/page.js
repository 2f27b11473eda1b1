/* page.js - draws the results in the page; the plots are Chart.js's. */
'use strict';

const files = JSON.parse(document.getElementById('files').textContent);
const of = schema => files.filter(f => f.data.schema === schema);
const MU = 100000;
const charts = [];
let allowed = null; // promises to show
let kind = 'response'; // of latency: from due, or as a closed loop sees it

/* ---- words and numbers ---- */

const element = (tag, text, attributes = {}) => {
  const e = document.createElement(tag);
  if (text !== undefined && text !== null) e.textContent = text;
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
  return e;
};
const number = (x, digits = 3) =>
  x === null || x === undefined || !isFinite(x) ? '-'
    : Math.abs(x) >= 1000 ? Math.round(x).toLocaleString('en') : String(Number(x.toPrecision(digits)));
const duration = ns => {
  if (ns === null || ns === undefined) return '-';
  for (const [unit, size] of [['s', 1e9], ['ms', 1e6], ['us', 1e3]])
    if (ns >= size) return `${number(ns / size, 2)} ${unit}`;
  return `${number(ns, 2)} ns`;
};
const ratio = r => r && r.median !== null
  ? `${number(r.median)} [${number(r.low)}, ${number(r.high)}]` : '-';
const threads = n => n === 1 ? '1 thread' : `${n} threads`;
const size = c => c.object === 'presence' ? `, ${c.users.toLocaleString('en')} users`
  : c.posts > 1 ? `, ${c.posts.toLocaleString('en')} posts` : '';
const titleOf = c => `${c.workload}${size(c)}, ${threads(c.threads)}`;
const several = (n, one) => n === 1 ? `1 ${one}` : `${n} ${one}s`;

/* ---- colours: one for a strategy, everywhere ---- */

const names = [...new Set(files.flatMap(f => [...(f.data.cells || []).flatMap(c => c.strategies),
  ...(f.data.curves || []), ...(f.data.strategies || []), ...(f.data.points || []),
  ...(f.data.harnesses || []).flatMap(h => h.strategies)].map(s => s.strategy)))];
const colour = name => {
  const at = names.indexOf(name);
  return `hsl(${at * 137.5 % 360} 65% ${(isDark() ? 60 : 34) + at % 3 * 9}%)`;
};
const dash = name => [[], [6, 3], [2, 3], [8, 3, 2, 3]][Math.floor(names.indexOf(name) / 9) % 4];
const isDark = () => document.documentElement.dataset.theme === 'dark';
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/* ---- what is shown ---- */

const promises = s => (s.progress || '').split('/').map(p => p.split(' ')[0]).filter(p => p && p !== '-');
const shown = s => !allowed || promises(s).length === 0 || promises(s).every(p => allowed.has(p));
const isFloor = s => s.verdict === 'floor' || s.strategy === 'null';
const figures = c => c.strategies.filter(s => !s.again && s.ops_per_s && shown(s));
const real = c => figures(c).filter(s => !isFloor(s));

/* ---- building blocks ---- */

function table(heads, rows, cellClass) {
  const t = element('table'), head = t.createTHead().insertRow(), body = t.createTBody();
  heads.forEach(h => head.append(element('th', h, { scope: 'col' })));
  for (const row of rows) {
    const r = body.insertRow();
    row.forEach((text, i) => {
      const cell = i ? element('td', text) : element('th', text, { scope: 'row' });
      const name = cellClass && cellClass(text, i);
      if (name) cell.className = name;
      r.append(cell);
    });
  }
  const scroll = element('div', null, { class: 'scroll', tabindex: 0, role: 'region',
    'aria-label': `table: ${heads[0]}, ${heads.length - 1} columns` });
  scroll.append(t);
  return scroll;
}

function section(title, text) {
  const s = element('section');
  s.append(element('h2', title));
  if (text) s.append(element('p', text, { class: 'dim' }));
  document.getElementById('main').append(s);
  return s;
}

function grid(parent) {
  const g = element('div', null, { class: 'grid' });
  parent.append(g);
  return g;
}

/* A plot in a panel, with its figures as a table behind it. */
function plot(parent, title, config, heads, rows) {
  const panel = element('div', null, { class: 'panel' }), holder = element('div', null, { class: 'plot' });
  if (!config.data.datasets.some(set => set.data.some(x => x != null))) {
    panel.append(element('h3', title), element('p', 'No figures: the run ended before it came to this.', { class: 'dim' }));
    parent.append(panel);
    return;
  }
  const canvas = element('canvas', null, { role: 'img',
    'aria-label': `plot: ${title}; its figures are in the table below it` });
  holder.append(canvas);
  panel.append(element('h3', title), holder);
  const details = element('details');
  details.append(element('summary', 'Figures'), table(heads, rows));
  panel.append(details);
  parent.append(panel);
  Chart.defaults.color = css('--dim');
  Chart.defaults.borderColor = css('--line');
  config.options = { animation: false, maintainAspectRatio: false, ...config.options };
  config.options.plugins = { legend: { labels: { usePointStyle: true, boxHeight: 7 } }, ...config.options.plugins };
  charts.push(new Chart(canvas, config));
}

const axis = (text, type = 'linear', extra = {}) => ({ type, title: { display: true, text }, ...extra });
const logTicks = format => ({ ticks: { maxRotation: 0, callback: v => Number.isInteger(Math.log10(v)) ? format(v) : '' } });
const line = (name, data, extra = {}) => ({ label: name, data, borderColor: colour(name),
  backgroundColor: colour(name), borderDash: dash(name), borderWidth: 2, pointRadius: 3, ...extra });
const hover = format => ({ plugins: { tooltip: { callbacks: { label: format } } } });

/* Writes names beside the points of a plot's last line, inside of it, while the line is shown. */
const named = names => ({ id: 'names', afterDatasetsDraw(chart) {
  const last = chart.data.datasets.length - 1, middle = (chart.chartArea.left + chart.chartArea.right) / 2;
  if (!chart.isDatasetVisible(last)) return;
  chart.ctx.save();
  Object.assign(chart.ctx, { fillStyle: css('--ink'), font: '12px system-ui, sans-serif', textBaseline: 'middle' });
  chart.getDatasetMeta(last).data.forEach(({ x, y }, i) => {
    chart.ctx.textAlign = x > middle ? 'right' : 'left';
    chart.ctx.fillText(names[i], x > middle ? x - 10 : x + 10, Math.max(y, chart.chartArea.top + 7));
  });
  chart.ctx.restore();
} });

/* ---- sections ---- */

function conclusions(run) {
  const s = section('What to take', 'For each load, where its rate is all that counts: the strategy that the ' +
    'measurement picks, and why. The figure is the ratio to the reference of the load, in brackets its 95 % interval.');
  const g = grid(s), cells = run.data.cells, unranked = cells.filter(c => !c.pick);
  for (const c of cells.filter(c => c.pick)) {
    const p = element('div', null, { class: 'panel' });
    p.append(element('h3', `${c.object}: ${titleOf(c)}`), element('div', c.pick, { class: 'pick' }),
      ...(c.title ? [element('div', `The load: ${c.title}.`, { class: 'dim' })] : []),
      element('div', c.reason, { class: 'dim' }));
    g.append(p);
  }
  if (!unranked.length) return;
  s.append(element('h3', `${unranked.length} of ${several(cells.length, 'load')} have no pick`, { class: 'none' }));
  for (const reason of new Set(unranked.map(c => c.reason)))
    s.append(element('p', `${reason.replace('no pick: ', '')}: ${unranked.filter(c => c.reason === reason)
      .map(c => `${c.object} ${titleOf(c)}`).join('; ')}.`));
}

/* What the strategies that nothing beats have in common with what is asked of them. */
function shortAnswer(run) {
  const answers = (run.data.answers || []).filter(a => a.candidates.some(c => shown(promised(run, a, c))));
  if (!answers.length) return;
  const s = section('The short answer', 'For each object the strategies that no other one beats in rate, ' +
    'bytes, simplicity and promises together. 1 Mu is the load of a million users, each heard of every ten seconds: ' +
    '100,000 operations a second. The least Mu is what a strategy made in the hardest load for it that could be ranked; ' +
    'the times are to a plain reference, as the mean over these loads; p99.9 is how late one of a thousand ' +
    'operations is at 1 Mu.');
  const cells = run.data.cells, unranked = cells.filter(c => !c.ranked).length;
  if (unranked > cells.length / 4)
    s.append(element('p', `Do not rely on it yet: ${unranked} of ${several(cells.length, 'load')} could not be ranked, ` +
      'as something else had the processors meanwhile. Measure again on a quiet machine.', { class: 'none' }));
  const g = grid(s);
  for (const a of answers) {
    const rows = a.candidates.filter(c => shown(promised(run, a, c)));
    const least = member => rows.reduce((x, y) => y[member] < x[member] ? y : x).strategy;
    const reference = run.data.cells.find(c => c.object === a.object).reference;
    const panel = element('div', null, { class: 'panel' }), questions = element('ul');
    const measured = cells.filter(c => c.object === a.object).length;
    panel.append(element('h3', `${a.heading || a.object}: ${rows.length} of ${a.candidates.length + a.beaten} are not beaten, in ` +
      (a.cells < measured ? `${a.cells} of ${several(measured, 'load')}, the others could not be ranked` : several(a.cells, 'load'))),
      ...(a.what ? [element('div', a.what, { class: 'dim' })] : []),
      element('div', `Begin with ${least('debts')}`, { class: 'pick' }),
      element('div', rows.length === 1 ? 'None of the others is faster, smaller or simpler.' : praise([
        [least('debts'), 'the simplest'], [rows[0].strategy, 'the fastest'], [least('bytes'), 'the smallest']])));
    for (const q of a.questions) {
      const out = rows.filter(c => (c.not_if || []).includes(q)).map(c => c.strategy);
      if (out.length) questions.append(element('li', `${q} Then not ${out.join(', ')}.`));
    }
    if (questions.children.length)
      panel.append(element('p', 'What would change that: more load than its least Mu, or a yes to one of these.',
        { class: 'dim' }), questions);
    panel.append(table(['strategy', 'least Mu', `times ${reference}`, 'p99.9', 'bytes', 'progress'], rows.map(c =>
      [c.strategy, number(leastRate(run, a, c) / MU), number(c.times) + (c.at_floor ? ' *' : ''), duration(c.p999_ns), number(c.bytes), promised(run, a, c).progress])));
    if (rows.some(c => c.at_floor))
      panel.append(element('p', '* level with the harness itself', { class: 'dim' }));
    g.append(panel);
  }
  /* An object of which nothing can be said is not left out without a word. */
  const known = new Set((run.data.answers || []).map(a => a.object));
  for (const object of new Set(cells.map(c => c.object))) {
    if (known.has(object)) continue;
    const panel = element('div', null, { class: 'panel' });
    panel.append(element('h3', `${object}: not decided`), element('div', 'None of ' +
      `${several(cells.filter(c => c.object === object).length, 'load')} could be ranked. Their medians are below; ` +
      'measure again on a quiet machine before you take one of them.', { class: 'dim' }));
    g.append(panel);
  }
}

/* "It is the simplest and the smallest; rcu is the fastest." */
const praise = roles => [...new Set(roles.map(([name]) => name))].map((name, i) => `${i ? name : 'It'} is ` +
  roles.filter(([other]) => other === name).map(([, role]) => role).join(' and ')).join('; ') + '.';

/* The lowest rate of a candidate, in the loads that rank. */
const leastRate = (run, answer, candidate) => Math.min(...run.data.cells.filter(c => c.ranked &&
  c.object === answer.object).flatMap(c => c.strategies).filter(s => s.strategy === candidate.strategy && s.ops_per_s)
  .map(s => s.ops_per_s));

/* What a candidate's object promises, from one of the cells. */
const promised = (run, answer, candidate) => run.data.cells.filter(c => c.object === answer.object)
  .flatMap(c => c.strategies).find(s => s.strategy === candidate.strategy) || {};

function heatMap(run) {
  const s = section('All of it at a glance', 'The rate against the reference of its load: ' +
    'the stronger the green, the faster; the stronger the red, the slower. A load in brackets could not be ranked.');
  const cells = run.data.cells;
  for (const object of new Set(cells.map(c => c.object))) {
    const columns = cells.filter(c => c.object === object);
    const rows = [...new Set(columns.flatMap(c => real(c).map(x => x.strategy)))];
    const median = (c, name) => {
      const found = real(c).find(x => x.strategy === name);
      return found && found.ratio ? found.ratio.median : null;
    };
    const t = table([object, ...columns.map(c => c.ranked ? titleOf(c) : `(${titleOf(c)})`)],
      rows.map(name => [name, ...columns.map(c => number(median(c, name)))]));
    rows.forEach((name, i) => columns.forEach((c, k) => {
      const m = median(c, name), cell = t.querySelectorAll('tbody tr')[i].cells[k + 1];
      if (m) cell.style.backgroundColor =
        `hsl(${m >= 1 ? 150 : 10} 60% 50% / ${Math.min(.65, Math.abs(Math.log10(m)) * .35)})`;
    }));
    s.append(t);
  }
}

function overThreads(run) {
  const groups = new Map();
  for (const c of run.data.cells) {
    const key = `${c.object}: ${c.workload}${size(c)}`;
    groups.set(key, [...(groups.get(key) || []), c]);
  }
  const some = [...groups].filter(([, cells]) => new Set(cells.map(c => c.threads)).size > 1);
  if (!some.length) return;
  const g = grid(section('Rate over threads',
    'Dashed: the fastest with one thread, times the threads. Beyond the processors it is preemption.'));
  for (const [title, cells] of some) {
    cells.sort((a, b) => a.threads - b.threads);
    const all = [...new Set(cells.flatMap(c => real(c).map(s => s.strategy)))];
    const rate = (c, name) => (real(c).find(s => s.strategy === name) || {}).ops_per_s;
    const sets = all.map(name => line(name, cells.filter(c => rate(c, name))
      .map(c => ({ x: c.threads, y: rate(c, name) / 1e6 }))));
    const alone = cells.filter(c => c.threads === 1).flatMap(c => real(c).map(s => s.ops_per_s / 1e6));
    if (alone.length)
      sets.push({ label: 'ideal', borderColor: css('--dim'), borderDash: [4, 4], borderWidth: 1, pointRadius: 0,
        data: cells.map(c => ({ x: c.threads, y: Math.max(...alone) * c.threads })) });
    plot(g, title, { type: 'line', data: { datasets: sets }, options: {
      scales: { x: axis('threads', 'linear', { ticks: { stepSize: 1 } }),
        y: axis('Mops/s', 'logarithmic', logTicks(number)) },
      ...hover(i => `${i.dataset.label}: ${number(i.parsed.y)} Mops/s with ${threads(i.parsed.x)}`) } },
    ['strategy', ...cells.map(c => threads(c.threads))],
    all.map(name => [name, ...cells.map(c => number(rate(c, name) / 1e6))]));
  }
}

function bytesAgainstRate(run) {
  const g = grid(section('Memory against rate',
    'Up is faster, left is smaller. Whatever is not on the line, and has no name beside it, is beaten in both.'));
  for (const c of run.data.cells.filter(c => c.threads > 1 && real(c).length > 2)) {
    const points = real(c).map(s => ({ s, x: Math.max(s.bytes_per_item, .1), y: s.ops_per_s / 1e6 }))
      .sort((a, b) => a.x - b.x || b.y - a.y);
    let best = 0;
    const front = points.filter(p => p.y > best && (best = p.y));
    plot(g, `${c.object}: ${titleOf(c)}`, { type: 'scatter', plugins: [named(front.map(p => p.s.strategy))], data: { datasets: [
      ...points.map(p => ({ ...line(p.s.strategy, [{ x: p.x, y: p.y }]), pointRadius: 6 })),
      { label: 'not beaten', type: 'line', data: front.map(({ x, y }) => ({ x, y })), pointRadius: 0,
        borderColor: css('--dim'), borderDash: [4, 4], borderWidth: 1 }] },
    options: { scales: { x: axis(c.object === 'presence' ? 'bytes a user' : 'bytes each', 'logarithmic',
      logTicks(number)), y: axis('Mops/s', 'logarithmic', logTicks(number)) },
    ...hover(i => `${i.dataset.label}: ${number(i.parsed.y)} Mops/s, ${number(i.parsed.x)} bytes`) } },
    ['strategy', 'bytes', 'Mops/s', 'promise', 'not beaten'],
    points.map(p => [p.s.strategy, number(p.x), number(p.y), p.s.progress, front.includes(p) ? 'yes' : '']));
  }
}

/* Ratios with their intervals; of two runs both, one below the other. */
function ratios(runs) {
  const g = grid(section(runs.length > 1 ? 'Before and after' : 'Against the reference',
    'The median of the ratios within a block, and its 95 % interval. Intervals that overlap are not told apart.'));
  for (const c of runs[runs.length - 1].data.cells) {
    const entries = runs.flatMap((run, at) => {
      const same = run.data.cells.find(x => x.name === c.name);
      return !same ? [] : real(same).filter(s => s.ratio && s.ratio.low !== null)
        .map(s => ({ s, at, label: runs.length > 1 ? `${s.strategy} (${run.name})` : s.strategy }));
    }).sort((a, b) => a.s.strategy === b.s.strategy ? a.at - b.at
      : runs.length > 1 ? a.s.strategy.localeCompare(b.s.strategy) : b.s.ratio.median - a.s.ratio.median);
    if (!entries.length) continue;
    plot(g, `${c.object}: ${titleOf(c)}`, { type: 'bar', data: { labels: entries.map(e => e.label), datasets: [
      { label: '95 % interval', data: entries.map(e => [e.s.ratio.low, e.s.ratio.high]), barPercentage: .35,
        minBarLength: 3, order: 1, backgroundColor: entries.map(e => colour(e.s.strategy)) },
      { label: 'median', type: 'line', order: 0, showLine: false, pointStyle: 'rectRot', pointRadius: 5,
        borderColor: css('--ink'), backgroundColor: css('--ink'), data: entries.map(e => e.s.ratio.median) }] },
    options: { indexAxis: 'y', scales: { x: axis(`times ${c.reference}`, 'logarithmic', logTicks(number)),
      y: { ticks: { autoSkip: false } } },
    ...hover(i => `${i.label}: ${ratio(entries[i.dataIndex].s.ratio)}`) } },
    ['strategy', 'ratio', 'Mops/s', 'fairness', 'CPU ns', 'verdict'],
    entries.map(e => [e.label, ratio(e.s.ratio), number(e.s.ops_per_s / 1e6), number(e.s.jain),
      number(e.s.cpu_ns_per_op), e.s.verdict]));
  }
}

function latencies(file) {
  const s = section('Latency in an open loop', 'From the instant at which an operation was due, over the ' +
    'rate: the highest percentile beyond which at least 20 operations lie. 1 Mu is a million users who beat ' +
    'every ten seconds.');
  const label = element('label'), box = element('input', null, { type: 'checkbox', id: 'closed' });
  box.checked = kind === 'service';
  box.addEventListener('change', () => { kind = box.checked ? 'service' : 'response'; draw(); });
  label.append(box, ' from its own beginning instead, as a closed loop would show it');
  s.append(label);
  const g = grid(s);
  const some = curves => ['p999_ns', 'p99_ns', 'p90_ns', 'p50_ns'].find(q =>
    curves.some(c => c.points.filter(p => p[kind][q]).length > 1)) || 'max_ns';
  const words = { p999_ns: 'p99.9', p99_ns: 'p99', p90_ns: 'p90', p50_ns: 'p50', max_ns: 'the longest' };
  for (const cell of new Set(file.data.curves.map(c => c.cell))) {
    const curves = file.data.curves.filter(c => c.cell === cell && c.points.length && shown(c));
    if (!curves.length) continue;
    const at = (c, q) => c.points.filter(p => p[kind][q]).sort((a, b) => a.mu - b.mu)
      .map(p => ({ x: p.mu, y: p[kind][q] }));
    const q = some(curves);
    plot(g, `${cell}: ${words[q]}`, { type: 'line', data: { datasets:
      curves.map(c => line(c.strategy, at(c, q))) },
    options: { scales: { x: axis('offered, Mu', 'logarithmic', logTicks(number)),
      y: axis(words[q], 'logarithmic', logTicks(duration)) },
    ...hover(i => `${i.dataset.label}: ${duration(i.parsed.y)} at ${number(i.parsed.x)} Mu`) } },
    ['strategy', 'copes with, Mu', 'p50 at 1 Mu', 'p99', 'p99.9', 'longest'],
    curves.map(c => {
      const one = c.points.filter(p => p.per_s === MU).pop();
      return [c.strategy, number(c.copes_per_s / MU), ...(one ? ['p50_ns', 'p99_ns', 'p999_ns', 'max_ns']
        .map(q => duration(one.response[q])) : ['-', '-', '-', '-'])];
    }));
  }
}

function stalls(file) {
  const s = section('When a thread stands still', 'Declared against observed: in how many trials none of the ' +
    'others of that kind completed an operation. That one was not seen to wait proves nothing.');
  for (const cell of new Set(file.data.strategies.map(x => x.cell))) {
    const rows = file.data.strategies.filter(x => x.cell === cell && x.pairs.length && shown(x));
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
    text => text === 'go on' ? 'ok' : text.startsWith('waits') ? 'waits' : text.startsWith('BROKEN') ? 'broken' : ''));
  }
}

function machine() {
  const s = section('The machine, and what it cannot say', 'Two processors decide costs, two-way contention and ' +
    'preemption; not NUMA, nor wider contention. A pick holds for the machine that it was measured on.');
  const keys = [...new Set(files.flatMap(f => Object.keys(f.data.session || {})))];
  s.append(table(['', ...files.map(f => f.name)], keys.map(k => [k, ...files.map(f => (f.data.session || {})[k] || '-')])));
  for (const f of files.filter(x => x.data.calibration)) {
    const rows = Object.entries(f.data.calibration).filter(([, v]) => typeof v === 'number');
    if (!rows.length) continue;
    const details = element('details');
    details.append(element('summary', `Floors of ${f.name}`), table(['floor', ''], rows.map(([k, v]) => [k, number(v)])));
    s.append(details);
  }
}

/* ---- the page ---- */

function draw() {
  charts.splice(0).forEach(c => c.destroy());
  document.getElementById('main').replaceChildren();
  const runs = of('contend.run');
  if (runs.length) {
    const run = runs[runs.length - 1];
    shortAnswer(run);
    conclusions(run);
    if (runs.length > 1) ratios(runs);
    heatMap(run);
    overThreads(run);
    bytesAgainstRate(run);
    if (runs.length === 1) ratios(runs);
  }
  of('contend.latency').forEach(latencies);
  of('contend.stall').forEach(stalls);
  of('contend.memory').forEach(memory);
  of('contend.oversubscribe').forEach(oversubscription);
  of('contend.fairness').forEach(fairness);
  of('contend.gallery').forEach(brokenHarnesses);
  machine();
}

function controls() {
  const all = [...new Set(files.flatMap(f => [...(f.data.cells || []).flatMap(c => c.strategies),
    ...(f.data.curves || []), ...(f.data.strategies || []), ...(f.data.points || [])]).flatMap(promises))].sort();
  const field = document.getElementById('promises'), theme = document.getElementById('theme');
  for (const name of all) {
    const label = element('label'), box = element('input', null, { type: 'checkbox', value: name });
    box.checked = true;
    box.addEventListener('change', () => {
      allowed = new Set([...field.querySelectorAll('input:checked')].map(b => b.value));
      draw();
    });
    label.append(box, ` ${name}`);
    field.append(label);
  }
  const setTheme = dark => {
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    theme.textContent = dark ? 'Light' : 'Dark';
  };
  theme.addEventListener('click', () => { setTheme(!isDark()); draw(); });
  let screen = false; // dark: on paper it is light, and afterwards as it was
  addEventListener('beforeprint', () => { screen = isDark(); setTheme(false); draw(); });
  addEventListener('afterprint', () => { setTheme(screen); draw(); });
  setTheme(matchMedia('(prefers-color-scheme: dark)').matches);
  const first = files[files.length - 1].data.session || {};
  document.getElementById('source').textContent =
    `${files.map(f => f.name).join(', ')}. ${first.cpu_model || ''}, ${(first.cpus_allowed || '').split(':')[0]} processors; ` +
    `${first.time || ''}.`;
}

controls();
draw();
window.reportIsDrawn = true;
