'use strict';
// Five ways to see a post's total live.  Each tells its total to `saw`, and counts what it costs.  Bytes are counted
// by the service, under the way's number: a browser tells nobody what heads it sends, and which pings it answers.

const POLL_MS = 1000;
const METER = 1 + 8 * Math.floor(Math.random() * 2 ** 48); // of the first way of this page
const sleep = ms => new Promise(done => setTimeout(done, ms));

class Way {
  constructor(number, name, what) {
    const meter = METER + number;
    Object.assign(this, { meter, name, what, total: null, requests: 0, messages: 0, bytes: 0, delays: [] });
    this.pending = []; // claps of ours that this way has not seen yet: { total, at }
  }

  saw(total) {
    this.total = total;
    const now = performance.now();
    while (this.pending.length && this.pending[0].total <= total)
      this.delays.push(now - this.pending.shift().at);
    this.delays = this.delays.slice(-20);
  }

  // Our own clap made the total what it is, and was asked for at that time.
  clapped(total, at) {
    if (this.total !== null && this.total >= total)
      this.delays.push(Math.max(0, performance.now() - at));
    else
      this.pending.push({ total, at });
  }

  async fetched(url, options) {
    this.requests++;
    const metered = `${url}${url.includes('?') ? '&' : '?'}meter=${this.meter}`;
    const answer = await fetch(metered, { cache: 'no-store', ...options });
    const text = await answer.text();
    this.messages += text.length > 0;
    return [answer, text];
  }
}

// Runs a loop for ever; after an error it waits, and tries again.
async function forever(turn) {
  for (;;) {
    try {
      await turn();
    } catch {
      await sleep(2 * POLL_MS);
    }
  }
}

function shortPolling(post) {
  const way = new Way(0, 'Short polling', 'asks every second');
  forever(async () => {
    const [answer, text] = await way.fetched(`/posts/${post}/claps`);
    if (answer.ok)
      way.saw(JSON.parse(text).total);
    await sleep(POLL_MS);
  });
  return way;
}

function conditionalGet(post) {
  const way = new Way(1, 'Conditional GET', 'asks every second whether it changed');
  let tag = '';
  forever(async () => {
    const [answer, text] = await way.fetched(`/posts/${post}/claps`,
      { headers: tag ? { 'If-None-Match': tag } : {} });
    if (answer.status === 200) {
      tag = answer.headers.get('ETag');
      way.saw(JSON.parse(text).total);
    }
    await sleep(POLL_MS);
  });
  return way;
}

function longPolling(post) {
  const way = new Way(2, 'Long polling', 'asks, and is answered when it changes');
  let since = -1;
  forever(async () => {
    const url = since < 0 ? `/posts/${post}/claps` : `/posts/${post}/claps/wait?since=${since}&seconds=20`;
    const [answer, text] = await way.fetched(url);
    if (!answer.ok)
      return sleep(POLL_MS);
    since = JSON.parse(text).total;
    way.saw(since);
  });
  return way;
}

function serverSentEvents(post) {
  const way = new Way(3, 'Server-sent events', 'one answer that never ends');
  const source = new EventSource(`/posts/${post}/claps/stream?meter=${way.meter}`);
  source.onopen = () => way.requests++;
  source.onmessage = event => {
    way.messages++;
    const news = JSON.parse(event.data);
    for (const [, total] of news.claps || [])
      way.saw(total);
  };
  return way;
}

// A WebSocket that is opened anew when it ends.
function keepSocket(query, hooks) {
  const connect = () => {
    const socket = new WebSocket(`ws://${location.host}/live?${query}`);
    hooks.asks?.();
    socket.onopen = () => hooks.link?.(true);
    socket.onmessage = event => hooks.news(JSON.parse(event.data));
    socket.onclose = () => {
      hooks.link?.(false);
      setTimeout(connect, 2 * POLL_MS);
    };
  };
  connect();
}

function webSocket(post) {
  const way = new Way(4, 'WebSocket', 'a connection of its own, both ways');
  keepSocket(`post=${post}&meter=${way.meter}`, {
    asks: () => way.requests++,
    news(news) {
      way.messages++;
      for (const [, total] of news.claps || [])
        way.saw(total);
    },
  });
  return way;
}

// The reader's own, which is the heartbeat, and says which readers come and go: no part of what a way costs.
const beHere = (post, user, hooks) => keepSocket(`user=${user}&post=${post}&online=1`, hooks);

// What the ways have cost, as the service has counted.
async function weigh(ways) {
  const { meters } = await fetch(`/meters?ids=${ways.map(way => way.meter)}`).then(a => a.json());
  ways.forEach((way, i) => Object.assign(way, { bytes: meters[i].in + meters[i].out }));
}
