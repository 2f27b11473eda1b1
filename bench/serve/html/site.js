'use strict';
// The page: claps, dots, the five ways, and the charts.

const $ = id => document.getElementById(id);
const DOTS = 64, KEPT = 120;
const asked = new URLSearchParams(location.search);
const POST = Number(asked.get('post')) || 1;
const user = Number(asked.get('user')) || 1 + Math.floor(Math.random() * (DOTS - 1));

// ---- who is online ----

const dots = [];
for (let id = 0; id < DOTS; id++) {
  const dot = document.createElement('button');
  dot.title = `user ${id}`;
  dot.setAttribute('aria-label', dot.title);
  dot.classList.toggle('me', id === user);
  dot.onclick = async () => {
    const answer = await fetch(`/users/online?ids=${id}`).then(a => a.json());
    const known = answer.online.length || dot.dataset.seen;
    const text = known ? (await fetch(`/users/${id}`).then(a => a.json())).text : 'never seen';
    $('who').textContent = `User ${id}: ${text || 'never seen'}.`;
  };
  dots.push(dot);
  $('dots').append(dot);
}

function show(id, online) {
  const dot = dots[id];
  if (!dot)
    return;
  dot.classList.toggle('on', online);
  if (online)
    dot.dataset.seen = 'yes';
}

async function refresh() {
  const { online } = await fetch(`/users/online?ids=${dots.map((_, i) => i)}`).then(a => a.json());
  const set = new Set(online);
  dots.forEach((_, id) => show(id, set.has(id)));
}

$('friends').onclick = async () => {
  for (let i = 0; i < 10; i++)
    await fetch(`/users/${Math.floor(Math.random() * DOTS)}/heartbeat`, { method: 'POST', body: '' });
};

// ---- claps ----

const ways = [];
const hooks = {
  link(up) {
    $('link').textContent = up ? 'online while this page is open' : 'not connected';
    $('link').className = up ? 'on-text' : 'off';
    if (up)
      refresh();
  },
  news(news) {
    for (const [post, total] of news.claps || [])
      if (post === POST)
        showTotal(total);
    (news.came || []).forEach(id => show(id, true));
    (news.went || []).forEach(id => show(id, false));
    if (news.lost)
      refresh();
  },
};

function showTotal(total) {
  $('total').textContent = total.toLocaleString('en');
  $('claps').textContent = total === 1 ? 'clap' : 'claps';
}

async function clap(claps) {
  const at = performance.now();
  const done = await fetch(`/posts/${POST}/claps`,
    { method: 'POST', body: JSON.stringify({ reader: user, claps }) }).then(a => a.json());
  if (done.error)
    return;
  $('given').textContent = done.given;
  if (done.granted > 0)
    ways.forEach(way => way.clapped(done.total, at));
}

$('clap').onclick = () => clap(1);
$('undo').onclick = () => clap(-1);
let step = 1;
setInterval(() => {
  if (!$('auto').checked)
    return;
  const given = Number($('given').textContent);
  step = given >= 50 ? -50 : 1; // at the bound all are taken back
  clap(step);
}, 1000);

// ---- the five ways ----

const ms = x => x === undefined ? '–' : x < 10 ? `${x.toFixed(1)} ms` : `${Math.round(x).toLocaleString('en')} ms`;
const median = list => list.length ? [...list].sort((a, b) => a - b)[list.length >> 1] : undefined;

function drawWays() {
  const rows = ways.map(way => {
    const row = document.createElement('tr');
    const middle = median(way.delays);
    const worst = way.delays.length ? Math.max(...way.delays) : undefined;
    const cells = [way.name, way.total === null ? '…' : way.total.toLocaleString('en'), ms(middle), ms(worst),
      way.requests.toLocaleString('en'), way.messages.toLocaleString('en'), way.bytes.toLocaleString('en')];
    for (const text of cells)
      row.append(Object.assign(document.createElement('td'), { textContent: text }));
    row.firstChild.title = way.what;
    row.children[3].className = row.children[5].className = 'more';
    const bar = Object.assign(document.createElement('td'), { className: 'bar' });
    const fill = document.createElement('i');
    fill.style.width = `${Math.min(100, (middle || 0) / 10)}%`; // all of it: a second
    bar.append(fill);
    row.append(bar);
    return row;
  });
  document.querySelector('#ways tbody').replaceChildren(...rows);
}

// ---- charts ----

const colors = ['#4c86e8', '#e07a1f'];

// The page's own colours, asked for at each drawing: it may become dark.
const ofPage = name => ({ color: () => getComputedStyle(document.body).getPropertyValue(name).trim() });
const quiet = ofPage('--quiet'), line = ofPage('--line');

function chart(id, labels, unit, type = 'linear') {
  return new Chart($(id), {
    type: 'line',
    data: { labels: [], datasets: labels.map((label, i) => (
      { label, data: [], borderColor: colors[i], backgroundColor: colors[i], borderWidth: 2, pointRadius: 0 })) },
    options: {
      animation: false, responsive: true, maintainAspectRatio: false, interaction: { mode: 'index', intersect: false },
      plugins: { legend: { display: labels.length > 1, labels: { ...quiet, boxWidth: 14 } } },
      scales: {
        x: { ticks: { ...quiet, maxTicksLimit: c => c.chart.width < 450 ? 3 : 6, maxRotation: 0 }, grid: line },
        y: { type, beginAtZero: true, ticks: { ...quiet, maxTicksLimit: 7 }, grid: line,
          title: { ...quiet, display: true, text: unit } },
      },
    },
  });
}

const charts = {
  rate: chart('rate', ['requests'], 'a second'),
  latency: chart('latency', ['half', '99 %'], 'µs', 'logarithmic'),
  present: chart('present', ['online'], 'users'),
  share: chart('share', ['strategies'], '% of answering'),
};
matchMedia('(prefers-color-scheme: dark)').onchange = () => Object.values(charts).forEach(c => c.update());

function add(c, label, values) {
  c.data.labels.push(label);
  values.forEach((value, i) => c.data.datasets[i].data.push(value));
  if (c.data.labels.length > KEPT) {
    c.data.labels.shift();
    c.data.datasets.forEach(d => d.data.shift());
  }
  c.update();
}

// The upper bound, in us, of the bucket in which the q-quantile of the requests between lies.
function quantile(now, before, q) {
  const counts = now.map((n, i) => n - before[i]);
  const all = counts.reduce((a, b) => a + b, 0);
  let seen = 0;
  for (let i = 0; i < counts.length; i++)
    if ((seen += counts[i]) >= q * all && seen > 0)
      return 2 ** i;
  return null;
}

let before = null, atBefore = 0;
async function look() {
  const stats = await fetch('/stats').then(a => a.json());
  const at = performance.now();
  $('online').textContent = stats.online.toLocaleString('en');
  if (before) {
    const seconds = (at - atBefore) / 1000;
    const label = new Date().toLocaleTimeString('en-GB');
    const busy = stats.busy_ns - before.busy_ns;
    add(charts.rate, label, [Math.round((stats.requests - before.requests) / seconds)]);
    add(charts.latency, label, [quantile(stats.response, before.response, 0.5),
      quantile(stats.response, before.response, 0.99)]);
    add(charts.present, label, [stats.online]);
    add(charts.share, label, [busy > 0 ? Math.min(100, 100 * (stats.strategy_ns - before.strategy_ns) / busy) : 0]);
  }
  before = stats;
  atBefore = at;
  select(stats);
  await weigh(ways);
  drawWays();
}

// ---- the switch ----

const choices = { presence: 'presence', claps_by: 'claps', counter: 'counter', posts_by: 'posts', cache: 'cache' };

function select(stats) {
  for (const id of Object.keys(choices))
    if (document.activeElement !== $(id) && stats[id])
      $(id).value = stats[id];
}

// What came of a switch, which is only asked for when it is answered.
async function outcome(done) {
  for (;;) {
    const now = await fetch('/strategies').then(a => a.json());
    if (!now.pending)
      return now.last_error || done;
    await sleep(100);
  }
}

async function offer() {
  const known = await fetch('/strategies').then(a => a.json());
  for (const [id, kind] of Object.entries(choices)) {
    $(id).replaceChildren(...known.there[kind].map(name =>
      Object.assign(document.createElement('option'), { value: name, textContent: name })));
    $(id).value = known[kind];
    $(id).onchange = async () => {
      const answer = await fetch('/strategies', { method: 'PUT', body: JSON.stringify({ [kind]: $(id).value }) });
      const wanted = $(id).value;
      $(id).blur();
      const said = await answer.json();
      $('switched').textContent = said.error || await outcome(`${kind}: ${wanted}`);
    };
  }
}

$('user').textContent = user;
$('post').textContent = POST;
fetch(`/posts/${POST}/claps?reader=${user}`).then(a => a.json()).then(t => {
  if (t.error)
    return;
  $('given').textContent = t.given;
  showTotal(t.total);
});
ways.push(shortPolling(POST), conditionalGet(POST), longPolling(POST), serverSentEvents(POST), webSocket(POST));
beHere(POST, user, hooks);
offer();
forever(async () => { await look(); await sleep(1000); });
setInterval(drawWays, 250);
