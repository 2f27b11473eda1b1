/* runs.js - the sections of the runs beyond throughput; page.js has what they draw with. */
'use strict';

/* Those of the same workload and size, which differ in their threads. */
function groupsOf(points) {
  const groups = new Map();
  for (const p of points.filter(shown)) {
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
      const some = sets.filter(set => of(set).some(p => p[member]));
      if (!some.length) continue;
      const label = set => set.replace('\n', ' ').trim();
      plot(g, `${title}: ${measure}`, { type: 'line', data: { datasets: some.map(set =>
        line(set.split('\n')[0], of(set).filter(p => p[member]).map(p => ({ x: p.threads, y: p[member] })),
          { label: label(set), ...(set.endsWith('hogs') ? { borderWidth: 1, pointStyle: 'crossRot' } : {}) })) },
      options: { scales: { x: axis('threads', 'linear', { ticks: { stepSize: 1 } }),
        y: axis(text, type, type === 'linear' ? { min: 0, max: 1 } : logTicks(format)) },
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
    'it. That says nothing of a machine with more processors.');
  crowd(s, file, [['rate', 'ops_per_s', 'Mops/s', 'logarithmic', millions],
    ['p99.9', 'p999_ns', 'p99.9 of an operation', 'logarithmic', duration],
    ['processor time', 'cpu_ns_per_op', 'CPU ns for an operation', 'logarithmic', number],
    ['fairness', 'jain', "Jain's index", 'linear', number]]);
}

function fairness(file) {
  const s = section('How operations are shared out', "Jain's index is 1 where all threads have as much, 1/n where one of n " +
    'has all; the smallest share is that of the slowest thread; the gap is the longest time in which a ' +
    'thread completed nothing.');
  crowd(s, file, [['fairness', 'jain', "Jain's index", 'linear', number],
    ['smallest share', 'min_share', 'of an equal part', 'linear', number],
    ['longest gap', 'longest_gap_ns', 'longest gap', 'logarithmic', duration]]);
}
