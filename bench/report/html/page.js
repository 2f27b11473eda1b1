/* page.js - the sections of figures, and the page; the other files have what it draws with. */
'use strict';

/* ---- sections ---- */

function heatMap(run) {
  const s = section('All of it at a glance', 'Each rate against that of the reference of its load: ' +
    'the stronger the green, the faster; the stronger the red, the slower. Bold: not beaten. A load in brackets ' +
    'could not be ranked.');
  const all = element('div', null, { class: 'side-by-side' });
  s.append(all);
  for (const object of objectsOf(cellsOf(run))) {
    const columns = cellsOf(run, object), a = answerOf(run, object);
    const kept = a ? notBeaten(a).map(row => row.strategy) : [];
    const rows = [...new Set(columns.flatMap(c => real(c).map(x => x.strategy)))].sort((x, y) =>
      kept.includes(y) - kept.includes(x));
    const median = (c, name) => {
      const found = real(c).find(x => x.strategy === name);
      return found && found.ratio ? found.ratio.median : null;
    };
    const one = element('div');
    all.append(one);
    const heads = columns.map(c => [c.ranked ? titleOf(c) : `(${titleOf(c)})`, c.title || c.workload]);
    const t = table(['strategy', ...heads], rows.map(name => [kept.includes(name) ? element('b', name) : name,
      ...columns.map(c => number(median(c, name)))]), { kind: 'heat' });
    rows.forEach((name, i) => columns.forEach((c, k) => {
      const m = median(c, name), cell = t.querySelectorAll('tbody tr')[i].cells[k + 1];
      if (m) cell.style.backgroundColor =
        `hsl(${m >= 1 ? 150 : 10} 60% 50% / ${Math.min(.65, Math.abs(Math.log10(m)) * .35)})`;
    }));
    one.append(element('h3', headingOf(object)), t);
  }
}

function overThreads(run) {
  const groups = new Map();
  for (const c of cellsOf(run)) {
    const key = `${c.object}: ${c.workload}${size(c)}`;
    groups.set(key, [...(groups.get(key) || []), c]);
  }
  const some = [...groups].filter(([, cells]) => new Set(cells.map(c => c.threads)).size > 1);
  if (!some.length) return;
  const g = grid(section('Rate over threads',
    `Dashed: the fastest with one thread, times the threads. Beyond the processors it is preemption. ${FEW}`));
  for (const [title, cells] of some) {
    cells.sort((a, b) => a.threads - b.threads);
    const { object } = cells[0];
    const all = [...new Set(cells.flatMap(c => real(c).map(s => s.strategy)))];
    const rate = (c, name) => (real(c).find(s => s.strategy === name) || {}).ops_per_s;
    const sets = few(object, all).map(name => line(object, name, cells.filter(c => rate(c, name))
      .map(c => ({ x: c.threads, y: rate(c, name) / 1e6 }))));
    const alone = cells.filter(c => c.threads === 1).flatMap(c => real(c).map(s => s.ops_per_s / 1e6));
    const values = ys(sets);
    if (alone.length)
      sets.push(dashed('ideal', cells.map(c => ({ x: c.threads, y: Math.max(...alone) * c.threads }))));
    plot(g, title, { type: 'line', data: { datasets: sets }, options: {
      scales: { x: threadAxis(cells.map(c => c.threads)), y: logAxis('million operations a second', brief,
        [...values, ...alone.map(x => x * cells[cells.length - 1].threads)]) },
      ...hover(i => `${i.dataset.label}: ${number(i.parsed.y)} Mops/s with ${threads(i.parsed.x)}`) } },
    ['strategy', ...cells.map(c => threads(c.threads))],
    all.map(name => [name, ...cells.map(c => number(rate(c, name) / 1e6))]));
  }
}

function bytesAgainstRate(run) {
  const cells = cellsOf(run).filter(c => c.threads > 1 && real(c).length > 2);
  if (!cells.length) return;
  const s = section('Memory against rate', 'Up is faster, left is smaller. The dashed line joins those that no other ' +
    'one exceeds in both. Others with a name beside them are not beaten either: they are simpler, or promise more.');
  const g = grid(s), rest = element('details');
  rest.append(element('summary', 'The other loads'));
  const more = grid(rest), seen = new Set();
  for (const c of cells) {
    const points = real(c).map(s => ({ s, x: Math.max(s.bytes_per_item, .1), y: s.ops_per_s / 1e6 }))
      .sort((a, b) => a.x - b.x || b.y - a.y);
    let best = 0;
    const front = points.filter(p => p.y > best && (best = p.y));
    const a = answerOf(run, c.object), kept = a ? notBeaten(a).map(row => row.strategy) : [];
    const names = points.map(p => p.s.strategy), unit = c.object === 'presence' ? 'bytes a user' : 'bytes each';
    const dots = points.map(p => ({ ...line(c.object, p.s.strategy, [{ x: p.x, y: p.y }]), pointRadius: 5 }));
    plot(seen.has(c.object) ? more : g, `${c.object}: ${titleOf(c)}`, { type: 'scatter',
      plugins: [beside([...kept, ...front.map(p => p.s.strategy)])],
      data: { datasets: [...dots, { ...dashed('front', front.map(({ x, y }) => ({ x, y }))), type: 'line' }] },
      options: { scales: { x: logAxis(unit, brief, points.map(p => p.x)),
        y: logAxis('million operations a second', brief, points.map(p => p.y)) },
      ...hover(i => `${i.dataset.label}: ${number(i.parsed.y)} Mops/s, ${number(i.parsed.x)} bytes`) } },
    ['strategy', 'bytes', 'Mops/s', 'progress', 'on the line'],
    points.map((p, i) => [names[i], number(p.x), number(p.y), p.s.progress, front.includes(p) ? 'yes' : '']));
    seen.add(c.object);
  }
  if (more.children.length) s.append(rest);
}

function ratios(run) {
  const g = grid(section('Against the reference', 'The rate over that of the reference, and its 95 % interval. ' +
    'Intervals that overlap are not told apart.', true));
  for (const c of cellsOf(run)) {
    const rows = real(c).filter(s => s.ratio && s.ratio.low !== null).sort((x, y) => y.ratio.median - x.ratio.median);
    if (!rows.length) continue;
    plot(g, `${c.object}: ${titleOf(c)}`, { type: 'bar', data: { labels: rows.map(s => s.strategy), datasets: [
      { label: '95 % interval', data: rows.map(s => [s.ratio.low, s.ratio.high]), barPercentage: .35,
        minBarLength: 3, order: 1, backgroundColor: rows.map(s => colour(c.object, s.strategy)) },
      medians(rows.map(s => s.ratio.median))] },
    options: { indexAxis: 'y', scales: {
      x: logAxis(`times ${c.reference}`, brief, rows.flatMap(s => [s.ratio.low, s.ratio.high])),
      y: { ticks: { autoSkip: false } } },
    ...hover(i => `${i.label}: ${ratio(rows[i.dataIndex].ratio)}`) } },
    ['strategy', 'ratio', 'Mops/s', ['fairness', 'Jain\'s index: 1 is even'],
      ['CPU ns', 'processor time for each operation'], 'verdict'],
    rows.map(s => [s.strategy, ratio(s.ratio), number(s.ops_per_s / 1e6), number(s.jain), number(s.cpu_ns_per_op),
      s.verdict]));
  }
}

function machine() {
  const s = section('The machine, and what it cannot say', 'Two processors decide costs, two-way contention and ' +
    'preemption; not NUMA (memory that is nearer to some processors), nor wider contention. What is said here holds ' +
    'for the machine that it was measured on.');
  const keys = [...new Set(files.flatMap(f => Object.keys(f.data.session || {})))].map(key =>
    ({ key: key.replace(/_/g, ' '), values: files.map(f => (f.data.session || {})[key] || '-') }));
  const same = keys.filter(k => new Set(k.values).size === 1), differ = keys.filter(k => !same.includes(k));
  const session = element('details');
  session.append(element('summary', 'Where and with what it was measured'),
    table(['', files.length > 1 ? 'all files' : files[0].name], same.map(k => [k.key, k.values[0]]),
      { kind: 'reasons' }));
  if (differ.length)
    session.append(table(['', ...files.map(f => f.name)], differ.map(k => [k.key, ...k.values]), { kind: 'reasons' }));
  s.append(session);
  for (const f of files.filter(x => x.data.calibration)) {
    const rows = Object.entries(f.data.calibration).filter(([, v]) => typeof v === 'number');
    if (!rows.length) continue;
    const details = element('details'), floor = name => words.floors[name] || { title: name, unit: '' };
    details.append(element('summary', `The limits of the machine, which no strategy can be better than: ${f.name}`),
      table(['what it costs', ''], rows.map(([name, v]) => [floor(name).title, `${number(v)} ${floor(name).unit}`])));
    s.append(details);
  }
}

/* ---- the page ---- */

function contents() {
  const list = document.getElementById('contents');
  list.replaceChildren(...[...document.querySelectorAll('.section')].map(s => {
    const link = element('a', s.querySelector('h2').textContent, { href: `#${s.id}` });
    link.addEventListener('click', () => { s.open = true; });
    return link;
  }));
}

function draw() {
  charts.splice(0).forEach(c => c.destroy());
  waiting.splice(0);
  document.getElementById('main').replaceChildren();
  const runs = of('contend.run');
  runs.forEach(complete);
  if (runs.length > 1) whatChanged(runs[runs.length - 1]);
  glossary();
  if (runs.length) {
    const run = runs[runs.length - 1];
    shortAnswer(run);
    loadByLoad(run);
    heatMap(run);
    overThreads(run);
    bytesAgainstRate(run);
    ratios(run);
  }
  of('contend.latency').forEach(latencies);
  of('contend.stall').forEach(stalls);
  of('contend.memory').forEach(memory);
  of('contend.oversubscribe').forEach(oversubscription);
  of('contend.fairness').forEach(fairness);
  of('contend.gallery').forEach(brokenHarnesses);
  machine();
  contents();
  drawWaiting();
}

/* ---- what the reader asks for ---- */

/* Everything with an object in the files, and the strategies among it. */
const things = files.flatMap(f => [...(f.data.cells || []), ...(f.data.curves || []), ...(f.data.strategies || []),
  ...(f.data.points || [])]);
const measured = things.flatMap(x => x.strategies ? x.strategies.map(s => ({ ...s, object: x.object })) : [x])
  .filter(s => !isFloor(s));

function chooseObjects() {
  const select = document.getElementById('object');
  select.append(element('option', 'all objects and loads', { value: '/' }));
  for (const object of new Set(things.map(objectOf))) {
    select.append(element('option', headingOf(object), { value: `${object}/` }));
    for (const load of new Set(things.filter(x => objectOf(x) === object).map(loadOf).filter(Boolean)))
      select.append(element('option', `\u2003${load}`, { value: `${object}/${load}` }));
  }
  select.addEventListener('change', () => {
    [asked.object, asked.load] = select.value.split('/');
    draw();
  });
}

function chooseNeeds() {
  const field = document.getElementById('needs'), title = document.getElementById('needed');
  const tells = n => measured.some(s => lacks(s).includes(n.word)) && measured.some(s => !lacks(s).includes(n.word));
  for (const need of words.needs.filter(tells)) {
    const label = element('label'), box = element('input', null, { type: 'checkbox', value: need.word });
    box.addEventListener('change', () => {
      asked.needs[box.checked ? 'add' : 'delete'](need.word);
      title.textContent = `What I need: ${[...asked.needs].join(', ') || 'nothing special'}`;
      draw();
    });
    label.append(box, element('b', ` ${need.word} `), need.question);
    field.append(label);
  }
}

/* Drawn a moment after the last digit. */
function chooseLoad() {
  const field = document.getElementById('mine');
  let timer = 0;
  field.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      asked.mine = Math.max(0, Number(field.value) || 0);
      draw();
    }, 250);
  });
}

function chooseTheme() {
  const theme = document.getElementById('theme');
  const set = dark => {
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    theme.textContent = dark ? 'Light' : 'Dark';
  };
  theme.addEventListener('click', () => { set(!isDark()); draw(); });
  let screen = false, closed = []; // as it was before: on paper all is light, and open
  addEventListener('beforeprint', () => {
    screen = isDark();
    set(false);
    draw();
    closed = [...document.querySelectorAll('.section:not([open])')];
    closed.forEach(s => { s.open = true; });
    drawWaiting();
  });
  addEventListener('afterprint', () => { set(screen); draw(); });
  set(matchMedia('(prefers-color-scheme: dark)').matches);
}

function controls() {
  chooseObjects();
  chooseNeeds();
  chooseLoad();
  chooseTheme();
  document.getElementById('beaten').addEventListener('change', event => {
    asked.beaten = event.target.checked;
    draw();
  });
  /* A section that was opened once stays so; `toggle` does not bubble. */
  document.getElementById('main').addEventListener('toggle', event => {
    if (event.target.matches('.section')) opened.set(event.target.id, event.target.open);
    drawWaiting();
  }, true);
  const first = files[files.length - 1].data.session || {};
  document.getElementById('source').textContent = `Measured by contend on ${first.cpu_model || 'a machine'}, ` +
    `${(first.cpus_allowed || '').split(':')[0]} processors, ${first.time || ''}. ` +
    `Files: ${files.map(f => f.name).join(', ')}.`;
}

controls();
draw();
window.reportIsDrawn = true;
