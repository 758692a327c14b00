'use strict';

// The live figures. One stream of samples, one a second: charts, tables of the same, and one line at the top of the page.
{
  const WINDOW = 300; // seconds
  const GAP = 3000; // milliseconds without a sample, where lines are broken
  const CLOSES = {
    1000: 'normal', 1001: 'going away', 1002: 'protocol error', 1003: 'unsupported data', 1005: 'no code', 1006: 'connection lost',
    1007: 'invalid data', 1008: 'policy', 1009: 'too big', 1011: 'error of ours', 1012: 'restart', 1013: 'reads too slowly, or too busy',
    '3000-4999': 'of the application', stream: 'event streams, which have no code',
  };
  const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
  const short = new Intl.NumberFormat('en', { notation: 'compact' });
  const ms = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
  const show = (value, format = number) => value === null || value === undefined ? '–' : format.format(value);
  const clock = seconds => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  const sum = values => values.reduce((a, b) => a + b, 0);

  // A line has a value at each moment; a mark is something that happened then. What is not drawn has another unit.
  const CHARTS = [
    {
      id: 'connections', title: 'Connections', unit: 'open',
      series: [{ name: 'WebSockets', of: s => s.webSockets }, { name: 'Event streams', of: s => s.eventSources }],
    },
    {
      id: 'messages', title: 'Messages', unit: 'a second',
      series: [
        { name: 'Received', of: s => s.received }, { name: 'Sent', of: s => s.sent }, { name: 'Events sent', of: s => s.events },
      ],
    },
    {
      id: 'round-trips', title: 'Round trips', unit: 'milliseconds', format: ms,
      note: 'Pings are those of the server, in the minute before, on the slowest endpoint. Echoes are those of this page, as this browser measures them.',
      series: [
        { name: 'Pings, median', of: s => s.pings['0.5'] }, { name: 'Pings, 95 %', of: s => s.pings['0.95'] },
        { name: 'Pings, 99 %', of: s => s.pings['0.99'] }, { name: 'Echoes, median', of: s => s.echo, mark: '▲', point: 'triangle' },
      ],
    },
    {
      id: 'slow', title: 'Slow consumers', unit: 'connections',
      series: [
        { name: 'Behind', of: s => s.slow }, { name: 'Closed for it', of: s => s.overflowed, counts: true, mark: '▲', point: 'triangle' },
        { name: 'Messages dropped for it', of: s => s.dropped, counts: true, drawn: false },
        { name: 'Bytes waiting', of: s => s.buffered, format: short, drawn: false },
      ],
    },
  ];

  let samples = []; // by time, none twice
  let shown; // the samples when the view was paused
  let lastId = '';
  let stream;
  let echoes = [];
  let state = 'connecting';

  function element(name, attributes, ...content) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...content);
    return made;
  }

  const cell = (row, text) => { if (row.textContent !== text) row.textContent = text; };

  function figure(chart, head) {
    const body = element('tbody', {});
    const table = element('table', { id: chart.id + '-table' },
      element('caption', { class: 'unseen' }, chart.title + ', ' + chart.unit),
      element('thead', {}, element('tr', {}, ...head.map(text => element('th', { scope: 'col' }, text)))), body);
    const canvas = element('canvas', {
      id: chart.id + '-chart', role: 'img', 'aria-label': 'Chart of the table below: ' + chart.title, 'aria-describedby': chart.id + '-table',
    });
    const made = element('figure', { 'aria-labelledby': chart.id + '-title' },
      element('h3', { id: chart.id + '-title' }, chart.title), element('div', { class: 'plot' }, canvas), table);
    if (chart.note) made.append(element('p', { class: 'note' }, chart.note));
    $('live-charts').append(made);
    return { canvas, body, table };
  }

  // The later series lie on the earlier ones: dashes show on a line. Colours are as the style sheet says, asked again when the system changes between light and dark.
  let palette = {};
  const coloured = index => ({ borderColor: () => palette['series-' + index], backgroundColor: () => palette['series-' + index], order: -index, parsing: false });

  function paint() {
    const style = getComputedStyle(document.documentElement);
    for (const name of ['ink', 'soft', 'line', 'series-0', 'series-1', 'series-2', 'series-3']) palette[name] = style.getPropertyValue('--' + name);
    for (const { drawn } of [...CHARTS, closes]) drawn.update();
  }

  function options(unit, axis) {
    const soft = () => palette.soft;
    const line = { color: () => palette.line };
    const title = text => ({ display: true, text, color: soft });
    const values = { beginAtZero: true, suggestedMax: 4, title: title(unit), grid: line, border: line, ticks: { color: soft, maxTicksLimit: 5, callback: value => short.format(value) } };
    const times = {
      type: 'linear', max: 0, title: title('minutes : seconds'), grid: line, border: line,
      ticks: { color: soft, maxRotation: 0, callback: value => value ? '−' + clock(-value) : 'now' },
    };
    const codes = { grid: { display: false }, border: line, title: title('code'), ticks: { color: soft } };
    return {
      animation: false, maintainAspectRatio: false, events: [], indexAxis: axis,
      plugins: { legend: { display: false }, tooltip: { enabled: false } },
      scales: axis === 'x' ? { x: times, y: values } : { x: values, y: codes },
    };
  }

  const cursor = {
    id: 'cursor',
    afterDatasetsDraw({ ctx, chartArea: area, scales }) {
      const at = Number($('live-at').value);
      if (!at || scales.x.options.type !== 'linear' || scales.x.max) return;
      const x = scales.x.getPixelForValue(at);
      ctx.save();
      ctx.strokeStyle = palette.ink;
      ctx.beginPath();
      ctx.moveTo(x, area.top);
      ctx.lineTo(x, area.bottom);
      ctx.stroke();
      ctx.restore();
    },
  };

  for (const chart of CHARTS) {
    const { canvas, body, table } = figure(chart, ['Series', 'Now', WINDOW / 60 + ' minutes']);
    chart.moment = table.querySelectorAll('th')[1];
    chart.series.forEach((series, index) => {
      const key = series.drawn === false ? [] : [element('span', { class: `key series-${index}${series.mark ? ' mark' : ''}` }, series.mark || '')];
      for (const part of key) part.setAttribute('aria-hidden', 'true');
      series.now = element('td', {});
      series.window = element('td', {});
      body.append(element('tr', {}, element('th', { scope: 'row' }, ...key, series.name), series.now, series.window));
    });
    chart.drawn = new Chart(canvas, {
      type: 'line',
      data: {
        datasets: chart.series.filter(series => series.drawn !== false).map((series, index) => series.mark
          ? { ...coloured(index), showLine: false, pointStyle: series.point, pointRadius: 5, clip: false }
          : { ...coloured(index), borderWidth: 2, pointRadius: 0, borderDash: [[], [7, 4], [2, 3]][index] }),
      },
      options: options(chart.unit, 'x'),
      plugins: [cursor],
    });
  }

  const closes = { id: 'closes', title: 'Closes by code' };
  Object.assign(closes, figure({ ...closes, unit: 'connections' }, ['Code', WINDOW / 60 + ' minutes', 'Since the start']));
  closes.drawn = new Chart(closes.canvas, {
    type: 'bar', data: { labels: [], datasets: [{ ...coloured(0), parsing: true, data: [], maxBarThickness: 18 }] }, options: options('connections in ' + WINDOW / 60 + ' minutes', 'y'),
  });

  function points(view, series, end) {
    const drawn = [];
    view.forEach((sample, index) => {
      const value = series.of(sample);
      const before = view[index - 1];
      if (before && sample.time - before.time > GAP) drawn.push({ x: (before.time + 1 - end) / 1000, y: NaN });
      drawn.push({ x: (sample.time - end) / 1000, y: value === null || value === undefined || series.mark && !value ? NaN : value });
    });
    return drawn;
  }

  function draw() {
    const view = shown || samples;
    if (!view.length) return;
    const end = view[view.length - 1].time;
    const since = new Date(view[0].time);
    $('live-since').dateTime = since.toISOString();
    cell($('live-since'), since.toLocaleTimeString());
    const span = [60, 120, WINDOW].find(seconds => end - view[0].time <= seconds * 1000) || WINDOW;
    $('live-at').min = -span;
    const at = Number($('live-at').value);
    const moment = view.reduce((best, sample) => Math.abs(sample.time - end - at * 1000) < Math.abs(best.time - end - at * 1000) ? sample : best);
    const label = at ? clock(-at) + ' ago' : 'Now';
    cell($('live-moment'), label);
    $('live-at').setAttribute('aria-valuetext', label);
    const there = Math.abs(moment.time - end - at * 1000) < GAP;
    for (const chart of CHARTS) {
      cell(chart.moment, label);
      let index = 0;
      for (const series of chart.series) {
        const format = series.format || chart.format;
        const values = view.map(series.of).filter(value => value !== null && value !== undefined);
        cell(series.now, show(there ? series.of(moment) : null, format));
        cell(series.window, values.length ? series.counts ? show(sum(values), format) + ' in all' : 'up to ' + show(Math.max(...values), format) : '–');
        if (series.drawn !== false) chart.drawn.data.datasets[index++].data = points(view, series, end);
      }
      const { x } = chart.drawn.options.scales;
      x.min = -span;
      x.ticks.stepSize = span / (span === WINDOW ? 5 : 4);
      chart.drawn.update();
    }
    drawCloses(view);
  }

  function drawCloses(view) {
    const since = view[view.length - 1].closes;
    const window = {};
    for (const { closed } of view) {
      for (const [code, count] of Object.entries(closed)) window[code] = (window[code] || 0) + count;
    }
    const codes = Object.keys({ ...since, ...window }).sort();
    closes.body.replaceChildren(...codes.map(code => element('tr', {},
      element('th', { scope: 'row' }, CLOSES[code] ? `${code}: ${CLOSES[code]}` : code),
      element('td', {}, show(window[code] || 0)), element('td', {}, show(since[code] || 0)))));
    closes.drawn.data.labels = codes;
    closes.drawn.data.datasets[0].data = codes.map(code => window[code] || 0);
    closes.drawn.update();
  }

  /** One line, whether all is well: of now, and of the minute before. */
  function sumUp() {
    const last = samples[samples.length - 1];
    const open = state === 'open' && last;
    const minute = open ? samples.filter(sample => sample.time > last.time - 60000) : [];
    const closed = sum(minute.map(sample => sample.overflowed));
    const dropped = sum(minute.map(sample => sample.dropped));
    const troubles = [];
    if (open && last.slow) troubles.push(last.slow === 1 ? '1 reads too slowly' : last.slow + ' read too slowly');
    if (closed) troubles.push(`${closed} closed in the last minute for reading too slowly`);
    if (dropped) troubles.push(`${number.format(dropped)} messages dropped in the last minute for slow readers`);
    const count = open ? last.webSockets + last.eventSources : 0;
    cell($('summary-count'), open ? `${number.format(count)} ${count === 1 ? 'connection' : 'connections'}, ` : '');
    cell($('summary-verdict'), !open ? 'No figures: ' + state : troubles.join(', ') || 'all keep up');
    $('summary').dataset.state = !open ? 'unknown' : troubles.length ? 'trouble' : 'well';
  }

  function setLive(to) {
    if (state !== to) setState('live-state', to); // it is read out when it is set
    state = to;
    sumUp();
  }

  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  let drawnAt = 0;

  /** At most once for each screen's picture, for many samples may come at once; every five seconds for who wants things to keep still. */
  function drawSoon() {
    const now = performance.now();
    if (drawnAt < 0 || calm.matches && drawnAt && now - drawnAt < 4900) return;
    drawnAt = -1;
    requestAnimationFrame(() => {
      drawnAt = performance.now();
      draw();
    });
  }

  // A sample that comes again, or one of a server whose clock is behind, takes the place of those that it is not later than.
  function received(event) {
    lastId = event.lastEventId;
    const sample = JSON.parse(event.data);
    sample.echo = echoes.length ? echoes.sort((a, b) => a - b)[echoes.length >> 1] : null;
    echoes = [];
    const kept = samples.filter(({ time }) => time < sample.time && time > sample.time - WINDOW * 1000);
    const same = samples.find(({ time }) => time === sample.time);
    if (same && sample.echo === null) sample.echo = same.echo;
    samples = [...kept, sample];
    setLive('open');
    if (!shown) drawSoon();
  }

  // Nobody looks at a hidden tab, and a browser has but six connections for the streams of all tabs.
  function watch() {
    if (stream) stream.close();
    stream = undefined;
    if (document.hidden) return;
    const opened = stream = new EventSource('live' + (lastId ? '?from=' + encodeURIComponent(lastId) : ''));
    opened.onopen = () => setLive('open');
    opened.addEventListener('sample', received);
    opened.onerror = () => {
      setLive('reconnecting');
      if (opened.readyState === EventSource.CLOSED) setTimeout(() => { if (stream === opened) watch(); }, 3000);
    };
  }

  $('live-pause').addEventListener('click', () => {
    shown = shown ? undefined : samples;
    $('live-pause').textContent = shown ? 'Go on' : 'Pause';
    draw();
  });
  $('live-at').addEventListener('input', draw);
  document.addEventListener('echo', event => echoes.push(event.detail));
  document.addEventListener('visibilitychange', watch);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paint);
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  paint();
  sumUp();
  watch();
}
