/* base.js - the files, what of them is shown, and the pieces that sections are built of. */
'use strict';

const files = JSON.parse(document.getElementById('files').textContent);
const words = JSON.parse(document.getElementById('words').textContent); // the registry's, see page_words.c
const of = schema => files.filter(f => f.data.schema === schema);
const MU = 100000;
let kind = 'response'; // of latency: from due, or as a closed loop sees it

/* What the reader asks for: an object and a load, or '' for all; in Mu how much comes, or 0; needs by their words. */
const asked = { object: '', load: '', mine: 0, needs: new Set(), beaten: false };

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
const about = x => x >= 1000 ? number(Number(x.toPrecision(2))) : number(x, 2);
/* For axes: 20k, 5M, 1G. */
const brief = x => x >= 1e9 ? `${number(x / 1e9)}G` : x >= 1e6 ? `${number(x / 1e6)}M`
  : x >= 1e4 ? `${number(x / 1e3)}k` : number(x);
const mu = perSecond => perSecond && isFinite(perSecond) ? `${about(perSecond / MU)} Mu` : '-';
const duration = ns => {
  if (ns === null || ns === undefined) return '-';
  for (const [unit, size] of [['s', 1e9], ['ms', 1e6], ['us', 1e3]])
    if (ns >= size) return `${number(ns / size, 2)} ${unit}`;
  return `${number(ns, 2)} ns`;
};
const ratio = r => r && r.median !== null
  ? `${number(r.median)} [${number(r.low)},\u00a0${number(r.high)}]` : '-';
const threads = n => n === 1 ? '1 thread' : `${n} threads`;
const several = (n, one) => n === 1 ? `1 ${one}` : `${n.toLocaleString('en')} ${one}s`;
const size = c => c.object === 'presence' ? `, ${c.users.toLocaleString('en')} users`
  : c.posts > 1 ? `, ${c.posts.toLocaleString('en')} posts` : '';
const titleOf = c => `${c.workload}${size(c)}, ${threads(c.threads)}`;
const listed = names => names.length < 2 ? names.join('')
  : `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;
const capital = text => text.charAt(0).toUpperCase() + text.slice(1);
const headingOf = object => words.objects[object] ? capital(words.objects[object].heading.toLowerCase()) : object;

/* ---- what is shown ---- */

/* What the registry says of a strategy; one with other options promises what it does with its own. */
const entry = (object, name) =>
  ((words.objects[object] || {}).strategies || {})[String(name).replace(/\[.*/, '')];
const promises = s => (s.progress || '').split('/').map(p => p.split(' ')[0]).filter(p => p && p !== '-');

/* The needs that it does not meet; of a strategy that is not ours only its progress is known. */
function lacks(s, object = objectOf(s)) {
  const known = entry(object, s.strategy);
  if (known) return known.lacks;
  return [['lock-free', p => p !== 'blocking'], ['wait-free', p => p === 'wait-free']]
    .filter(([, keeps]) => promises(s).length && !promises(s).every(keeps)).map(([word]) => word);
}
const objectOf = x => x.object || (x.cell || x.name || '').split('/')[0];
const loadOf = x => x.workload || (x.cell || '').split('/')[1];
const shown = (s, object) => isFloor(s) || !lacks(s, object).some(word => asked.needs.has(word));
/* Of the runs beyond throughput: what may be taken, of what is asked for. */
const drawn = x => wanted(x) && shown(x) && !isFloor(x);
/* A cell, curve or point of the object and the load that are asked for. */
const wanted = x => (!asked.object || objectOf(x) === asked.object) && (!asked.load || loadOf(x) === asked.load);
const isFloor = s => s.verdict === 'floor' || s.strategy === 'null';
const figures = c => c.strategies.filter(s => !s.again && s.ops_per_s && shown(s, c.object));
const real = c => figures(c).filter(s => !isFloor(s));
const cellsOf = (run, object) => run.data.cells.filter(c => wanted(c) && (!object || c.object === object));
const objectsOf = cells => [...new Set(cells.map(c => c.object))];

/* ---- building blocks ---- */

const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const isDark = () => document.documentElement.dataset.theme === 'dark';

/*
 * Heads are texts, or [text, what it means]; cells are texts or nodes.  Each cell has its head beside it for a phone,
 * on which a row of words is a block (page.css).
 */
function table(heads, rows, { cellClass, kind: tableKind, caption } = {}) {
  const t = element('table'), head = t.createTHead().insertRow(), body = t.createTBody();
  const text = h => Array.isArray(h) ? h[0] : h;
  for (const h of heads)
    head.append(element('th', text(h), { scope: 'col', ...(Array.isArray(h) ? { title: h[1] } : {}) }));
  for (const row of rows) {
    const r = body.insertRow();
    row.forEach((content, i) => {
      const cell = element(i ? 'td' : 'th', null, i ? { 'data-label': text(heads[i]) } : { scope: 'row' });
      cell.append(content instanceof Node ? content : String(content));
      const name = cellClass ? cellClass(content, i)
        : i && /^\(?[-\d]/.test(content) && content.length < 12 ? 'figure' : '';
      if (name) cell.className = name;
      r.append(cell);
    });
  }
  if (tableKind) t.className = tableKind;
  if (caption) t.createCaption().textContent = caption;
  const scroll = element('div', null, { class: 'scroll', tabindex: 0, role: 'region',
    'aria-label': `table: ${text(heads[0])}, ${heads.length - 1} columns` });
  scroll.append(t);
  return scroll;
}

/* A name with what the strategy is, below it. */
function named(object, name, extra) {
  const cell = element('span'), known = entry(object, name);
  cell.append(element('b', name), extra || '');
  if (known) cell.append(element('small', known.title));
  for (const text of contradictions(object, name)) cell.append(element('small', text, { class: 'none' }));
  return cell;
}

/* What a file of stalls says against a declaration: a thread stood still, and others waited that should not have. */
const contradictions = (object, name) => of('contend.stall').flatMap(f => f.data.strategies)
  .filter(x => objectOf(x) === object && x.strategy === name).flatMap(x => x.pairs.filter(p => p.contradicts).map(p =>
    `contradicts its declaration, ${x.progress}: in ${p.blocked} of ${p.trials} trials no other thread completed a ` +
    `${p.watched} while a ${p.stopped === 'write' ? 'writer' : 'reader'} stood still.`));

const opened = new Map(); // which sections the reader has opened or closed

/*
 * A section of the page, with an entry in its contents; one that is closed waits for a click.  On a phone all
 * wait but the advice.
 */
function section(title, text, closed = false) {
  const id = title.toLowerCase().replace(/[^a-z]+/g, '-');
  const s = element('details', null, { id, class: 'section' }), summary = element('summary');
  s.open = opened.has(id) ? opened.get(id) : !closed && (innerWidth > 600 || closed === null);
  summary.append(element('h2', title));
  s.append(summary);
  if (text) s.append(element('p', text, { class: 'dim' }));
  document.getElementById('main').append(s);
  return s;
}

function grid(parent) {
  const g = element('div', null, { class: 'grid' });
  parent.append(g);
  return g;
}

function panel(parent, title) {
  const p = element('div', null, { class: 'panel' });
  if (title) p.append(element('h3', title));
  parent.append(p);
  return p;
}

function bullets(parent, items) {
  const list = element('ul');
  for (const item of items) {
    const li = element('li');
    li.append(item);
    list.append(li);
  }
  if (items.length) parent.append(list);
}
