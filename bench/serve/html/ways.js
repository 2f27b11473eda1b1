'use strict';
// Five ways to see a post's total live.  Each tells its total to `saw`, and counts what it costs.

const POLL_MS = 1000;
const sleep = ms => new Promise(done => setTimeout(done, ms));

class Way {
  constructor(name, what) {
    Object.assign(this, { name, what, total: null, requests: 0, messages: 0, bytes: 0, delays: [] });
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
    const answer = await fetch(url, { cache: 'no-store', ...options });
    const text = await answer.text();
    this.messages += text.length > 0;
    this.bytes += text.length;
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
  const way = new Way('Short polling', 'asks every second');
  forever(async () => {
    const [answer, text] = await way.fetched(`/posts/${post}/claps`);
    if (answer.ok)
      way.saw(JSON.parse(text).total);
    await sleep(POLL_MS);
  });
  return way;
}

function conditionalGet(post) {
  const way = new Way('Conditional GET', 'asks every second whether it changed');
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
  const way = new Way('Long polling', 'asks, and is answered when it changes');
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
  const way = new Way('Server-sent events', 'one answer that never ends');
  const source = new EventSource(`/posts/${post}/claps/stream`);
  source.onopen = () => way.requests++;
  source.onmessage = event => {
    way.messages++;
    way.bytes += event.data.length;
    const news = JSON.parse(event.data);
    for (const [, total] of news.claps || [])
      way.saw(total);
  };
  return way;
}

// The WebSocket is the reader's heartbeat too, and says which readers come and go.
function webSocket(post, user, hooks) {
  const way = new Way('WebSocket', 'a connection of its own, both ways');
  const connect = () => {
    const socket = new WebSocket(`ws://${location.host}/live?user=${user}&post=${post}&online=1`);
    way.requests++;
    socket.onopen = () => hooks.link(true);
    socket.onmessage = event => {
      way.messages++;
      way.bytes += event.data.length;
      const news = JSON.parse(event.data);
      for (const [, total] of news.claps || [])
        way.saw(total);
      hooks.news(news);
    };
    socket.onclose = () => {
      hooks.link(false);
      setTimeout(connect, 2 * POLL_MS);
    };
  };
  connect();
  return way;
}
