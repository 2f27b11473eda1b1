/* plots.js - plots in panels, by Chart.js: colours, axes, and names beside what they name. */
'use strict';

const charts = [];
const waiting = []; // plots in closed sections, to be drawn when these are opened

/* ---- one colour and one mark for a strategy of an object, everywhere ---- */

const LIGHT = ['#0060a8', '#c24a00', '#00795a', '#a8327d', '#6a4fc4', '#8a6d00', '#b3202c', '#555555'];
const DARK = ['#6cb6ff', '#ff9f5a', '#4fd1a5', '#f08cc8', '#b9a5ff', '#e3c341', '#ff7b72', '#c0c0c0'];
const MARKS = ['circle', 'triangle', 'rect', 'rectRot', 'crossRot'];
const orders = {};

/* Those that are not beaten come first, then those that are in the files. */
function place(object, name) {
  if (!orders[object]) {
    const answers = of('contend.run').flatMap(f => f.data.answers || []).filter(a => a.object === object);
    const known = Object.keys((words.objects[object] || {}).strategies || {});
    orders[object] = [...new Set([...answers.flatMap(a => a.candidates.map(c => c.strategy)), 'mutex',
      ...known.filter(name => things.some(x =>
        x.object === object && (x.strategies || [x]).some(t => t.strategy === name)))])];
  }
  if (!orders[object].includes(name)) orders[object].push(name);
  return orders[object].indexOf(name);
}
const colour = (object, name) => (isDark() ? DARK : LIGHT)[place(object, name) % LIGHT.length];
const line = (object, name, data, extra = {}) => ({ label: name, data, of: [object, name], borderWidth: 2,
  pointRadius: 4, clip: 8, ...extra });

/*
 * Each line of a plot in the colour of its strategy, or in the next that no other line of the plot has; when
 * all are taken, with another mark.
 */
function paint(sets) {
  const ours = sets.filter(set => set.of).sort((a, b) => place(...a.of) - place(...b.of)), looks = new Map();
  const taken = (hue, mark) => [...looks.values()].some(l => l.hue === hue && (mark === undefined || l.mark === mark));
  for (const set of ours) {
    const name = set.of.join('/'), all = [...LIGHT.keys()].map(i => (place(...set.of) + i) % LIGHT.length);
    if (!looks.has(name)) {
      const free = all.find(hue => !taken(hue)), hue = free === undefined ? all[0] : free;
      const marks = [...MARKS.keys()].map(i => (looks.size + i) % MARKS.length);
      looks.set(name, { hue, mark: marks.find(mark => !taken(hue, mark)) || 0 });
    }
    const { hue, mark } = looks.get(name), paper = (isDark() ? DARK : LIGHT)[hue];
    Object.assign(set, { borderColor: paper, backgroundColor: paper, pointStyle: MARKS[mark] });
  }
}
const dashed = (label, data) => ({ label, data, borderColor: css('--dim'), borderDash: [4, 4], borderWidth: 1,
  pointRadius: 0, pointStyle: 'line' });

/* Of many lines only those that are not beaten, and the reference, unless all are asked for. */
function few(object, names) {
  const answers = of('contend.run').flatMap(f => f.data.answers || []).filter(a => a.object === object);
  const kept = names.filter(name => name === 'mutex' || answers.some(a => notBeaten(a).some(c => c.strategy === name)));
  return asked.beaten || names.length < 9 || kept.length < 3 ? names : kept;
}
const FEW = 'Where there are many, the lines are of those that are not beaten, and of mutex; a tick at the top ' +
  'shows all.';

/* ---- axes ---- */

const axis = (text, extra = {}) => ({ type: 'linear', title: { display: true, text }, ...extra });

/*
 * The multiples of powers of ten in a range: of 1 alone if they are enough, of 1, 2 and 5, or of all digits; in a
 * narrow range those of a round step.
 */
function steps(low, high) {
  if (high / low < 3) {
    const fifth = (high - low) / 5, power = 10 ** Math.floor(Math.log10(fifth));
    const step = [1, 2, 5, 10].map(digit => digit * power).find(size => size >= fifth);
    const first = Math.ceil(low / step);
    return [...Array(Math.floor(high / step) - first + 1).keys()].map(i =>
      Number(((first + i) * step).toPrecision(6)));
  }
  const of = digits => {
    const all = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++)
      for (const digit of digits) all.push(Number(`${digit}e${e}`));
    return all.filter(v => v >= low && v <= high);
  };
  return [of([1, 2, 5]), of([1])].find(all => all.length > 1 && all.length < 9) ||
    [of([1, 2, 3, 4, 5, 6, 7, 8, 9]), of([1])].find(all => all.length > 1) ||
    [low, high].map(v => Number(v.toPrecision(2)));
}

/* A logarithmic axis that no point of these values touches the end of. */
function logAxis(text, format, values) {
  const some = values.filter(v => v > 0 && isFinite(v));
  if (!some.length) return axis(text);
  const low = Math.min(...some), high = Math.max(...some), margin = 1.1 * (high / low) ** .04;
  const ticks = steps(low / margin, high * margin);
  return axis(text, { type: 'logarithmic', min: low / margin, max: high * margin,
    afterBuildTicks: scale => { scale.ticks = ticks.map(value => ({ value })); },
    ticks: { autoSkip: false, maxRotation: 0, callback: v => format(v) } });
}

/* Bars begin at a power of ten below the shortest, since a logarithmic axis has no zero. */
const fromDecade = values => [...values, 10 ** Math.floor(Math.log10(Math.min(...values.filter(v => v > 0)) / 1.5))];

/* The counts of threads that there are, each with a tick. */
function threadAxis(counts) {
  const all = [...new Set(counts)].sort((a, b) => a - b);
  return axis('threads', { type: 'logarithmic', min: all[0] * .9, max: all[all.length - 1] * 1.1,
    afterBuildTicks: scale => { scale.ticks = all.map(value => ({ value })); },
    ticks: { autoSkip: false, maxRotation: 0, callback: v => String(v) } });
}

/* A dashed line where something is as it was. */
const markOne = { id: 'one', beforeDatasetsDraw({ ctx, chartArea, scales }) {
  const x = scales.x.getPixelForValue(1);
  ctx.save();
  Object.assign(ctx, { strokeStyle: css('--dim'), lineWidth: 1 });
  ctx.setLineDash([4, 4]);
  ctx.beginPath();
  ctx.moveTo(x, chartArea.top);
  ctx.lineTo(x, chartArea.bottom);
  ctx.stroke();
  ctx.restore();
} };
/* The medians in the middle of intervals. */
const medians = data => ({ label: 'median', type: 'line', order: 0, showLine: false, pointStyle: 'rectRot',
  pointRadius: 5, borderColor: css('--ink'), backgroundColor: css('--ink'), data });

const ys = sets => sets.flatMap(set => set.data.map(p => p.y));
const xs = sets => sets.flatMap(set => set.data.map(p => p.x));
const hover = format => ({ plugins: { tooltip: { callbacks: { label: format } } } });

/* ---- names beside what they name ---- */

const FONT = '12px system-ui, sans-serif', HEIGHT = 14, GAP = 9;
const overlap = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

function write(chart, labels) {
  const { ctx } = chart;
  chart.names = labels; // for those who look at what overlaps
  ctx.save();
  Object.assign(ctx, { font: FONT, textBaseline: 'middle', textAlign: 'left', lineWidth: 1 });
  for (const l of labels) {
    if (l.from) {
      ctx.strokeStyle = css('--dim');
      ctx.beginPath();
      ctx.moveTo(l.from.x, l.from.y);
      ctx.lineTo(Math.max(l.x, Math.min(l.from.x, l.x + l.w)), l.y + HEIGHT / 2);
      ctx.stroke();
    }
    Object.assign(ctx, { fillStyle: l.colour || css('--ink'), strokeStyle: css('--panel'), lineWidth: 4 });
    ctx.strokeText(l.text, l.x, l.y + HEIGHT / 2); // so that no line runs through it
    ctx.lineWidth = 1;
    ctx.fillText(l.text, l.x, l.y + HEIGHT / 2);
  }
  ctx.restore();
}

/* Where a name may stand beside a point, the nearest places first. */
const around = (p, w) => [GAP, 2 * GAP, 4 * GAP, 6 * GAP].flatMap(d => [[d, -HEIGHT / 2], [-d - w, -HEIGHT / 2],
  [-w / 2, -d - HEIGHT], [-w / 2, d], [d, -d - HEIGHT / 2], [-d - w, -d - HEIGHT / 2], [d, d - HEIGHT / 2],
  [-d - w, d - HEIGHT / 2]]
  .map(([x, y]) => ({ x: p.x + x, y: p.y + y, w, h: HEIGHT, far: d > GAP })));

const inside = (box, area) => box.x >= area.left && box.x + box.w <= area.right && box.y >= area.top &&
  box.y + box.h <= area.bottom;

/* The name of each line at its end; those that end at the right one below the other, where they would meet. */
const atEnds = { id: 'ends', afterDatasetsDraw(chart) {
  const area = chart.chartArea;
  if (chart.width - area.right < 40) return;
  chart.ctx.font = FONT;
  const free = chart.width - area.right - 16; // a name that is longer has its end cut off, and says so
  const wide = text => chart.ctx.measureText(text).width;
  const fit = text => wide(text) <= free ? text : fit(`${text.slice(0, -2)}\u2026`.replace(/\u2026+$/, '\u2026'));
  const labels = chart.data.datasets.map((set, i) => ({ set, i })).filter(({ set, i }) =>
    chart.isDatasetVisible(i) && set.data.length && set.of).map(({ set, i }) => {
    const end = chart.getDatasetMeta(i).data[set.data.length - 1];
    const text = fit(set.label);
    return { text, colour: set.borderColor, end, from: { x: end.x + 5, y: end.y }, x: area.right + 14,
      y: end.y - HEIGHT / 2, w: wide(text), h: HEIGHT };
  });
  const far = labels.filter(l => l.end.x > area.right - 60).sort((a, b) => a.y - b.y);
  const most = area.bottom - HEIGHT * far.length;
  far.forEach((l, i) => {
    l.y = Math.min(Math.max(l.y, i ? far[i - 1].y + HEIGHT : area.top - 4), most + HEIGHT * i);
  });
  for (const l of labels.filter(one => !far.includes(one))) {
    const at = around(l.end, l.w).find(box => inside(box, area) && !far.some(other => overlap(box, other)));
    if (at) far.push({ ...l, ...at, from: at.far ? l.end : null });
  }
  write(chart, far);
} };

/* These names beside their points, clear of all others and of all points. */
const beside = names => ({ id: 'names', afterDatasetsDraw(chart) {
  const area = chart.chartArea, labels = [];
  chart.ctx.font = FONT;
  const points = chart.data.datasets.flatMap((set, i) => set.of && chart.isDatasetVisible(i)
    ? chart.getDatasetMeta(i).data.map(p => ({ p, text: set.label })) : []);
  const taken = points.map(({ p }) => ({ x: p.x - 6, y: p.y - 6, w: 12, h: 12 }));
  for (const { p, text } of points.filter(one => names.includes(one.text))) {
    const w = chart.ctx.measureText(text).width;
    const free = around(p, w).find(box =>
      inside(box, area) && ![...labels, ...taken].some(other => overlap(box, other)));
    if (free) labels.push({ ...free, text, from: free.far ? { x: p.x, y: p.y } : null });
  }
  write(chart, labels);
} });

/* ---- plots ---- */

function make({ canvas, config }) {
  const lines = config.type === 'line', wide = canvas.parentNode.clientWidth > 440;
  Chart.defaults.color = css('--dim');
  Chart.defaults.borderColor = css('--line');
  const longest = Math.max(...config.data.datasets.map(set => set.label.length));
  config.options = { animation: false, maintainAspectRatio: false,
    layout: { padding: { right: lines && wide ? Math.min(160, longest * 6.6 + 28) : 8 } }, ...config.options };
  config.options.plugins = { legend: { position: 'bottom', labels: { usePointStyle: true, boxHeight: 8, padding: 8 } },
    ...config.options.plugins };
  if (lines) config.plugins = [atEnds, ...(config.plugins || [])];
  charts.push(new Chart(canvas, config));
}

/* Draws what is in open sections now. */
function drawWaiting() {
  for (const one of waiting.splice(0))
    if (one.canvas.closest('details:not([open])')) waiting.push(one);
    else make(one);
}

/* A plot in a panel, with its figures as a table behind it. */
function plot(parent, title, config, heads, rows, { after } = {}) {
  const p = panel(parent, title), holder = element('div', null, { class: 'plot' });
  if (!config.data.datasets.some(set => set.data.some(x => x != null))) {
    p.append(element('p', asked.needs.size ? 'No figures: nothing that was measured meets your needs.'
      : 'No figures: the run ended before it came to this.', { class: 'dim' }));
    return;
  }
  const canvas = element('canvas', null, { role: 'img',
    'aria-label': `plot: ${title}; its figures are in the table below it` });
  paint(config.data.datasets);
  /* Bars that lie have a line of text each, and as much again for those that lie side by side. */
  const beside = config.data.datasets.filter(set => set.type !== 'line' && set.grouped !== false).length;
  if (config.options.indexAxis === 'y')
    holder.style.height = `max(10rem, ${Math.max(1.4, .6 * beside + .4) * config.data.labels.length + 6}rem)`;
  holder.append(canvas);
  p.append(holder);
  const details = element('details');
  details.append(element('summary', 'Figures'), table(heads, rows));
  p.append(details, ...(after || []));
  waiting.push({ canvas, config });
}
