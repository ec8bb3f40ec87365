// Opens HTML reports in headless Chromium, as a person and as a screen reader
// would, and says what is wrong with them.
//
//   node pages.mjs OUT_DIR PAGE.html …
//
// Chromium is spoken to over its debugging pipe: no package is needed. The
// screenshots lie in OUT_DIR: light, dark, print, and 390 pixels wide.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const OPENING_MS_MAX = 1000;
const TRIES = 5;
const PATIENCE_MS = 60_000;

class Browser {
  constructor(program) {
    this.profile = mkdtempSync(join(tmpdir(), 'latchd-pages-'));
    this.process = spawn(
      program,
      ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars',
        '--force-color-profile=srgb', '--remote-debugging-pipe', `--user-data-dir=${this.profile}`],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
    );
    this.waiting = new Map();
    this.listeners = new Set();
    this.last = 0;
    let rest = '';
    this.process.stdio[4].on('data', (bytes) => {
      const parts = (rest + bytes).split('\0');
      rest = parts.pop();
      parts.forEach((part) => this.hear(JSON.parse(part)));
    });
    this.process.on('exit', () => this.waiting.forEach(({ no }) => no(new Error('Chromium ended'))));
  }

  hear(message) {
    const answer = this.waiting.get(message.id);
    if (answer) {
      this.waiting.delete(message.id);
      if (message.error) answer.no(new Error(`${answer.method}: ${message.error.message}`));
      else answer.yes(message.result);
    } else {
      this.listeners.forEach((listener) => listener(message));
    }
  }

  send(method, params = {}, sessionId = undefined) {
    this.last += 1;
    const id = this.last;
    this.process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((yes, no) => {
      const timer = setTimeout(() => no(new Error(`${method}: no answer`)), PATIENCE_MS);
      const done = (then) => (value) => { clearTimeout(timer); then(value); };
      this.waiting.set(id, { yes: done(yes), no: done(no), method });
    });
  }

  async page() {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page(this, sessionId, targetId);
    for (const domain of ['Page', 'Network', 'Runtime', 'Log', 'Accessibility']) await page.send(`${domain}.enable`);
    return page;
  }

  close() {
    this.process.kill();
    try {
      rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
    } catch { /* Chromium may still be writing its profile; it lies in the temporary folder. */ }
  }
}

class Page {
  constructor(browser, session, target) {
    Object.assign(this, { browser, session, target, requests: [], troubles: [], loaded: null });
    browser.listeners.add((message) => message.sessionId === session && this.hear(message));
  }

  hear({ method, params }) {
    if (method === 'Network.requestWillBeSent') this.requests.push(params.request.url);
    if (method === 'Runtime.exceptionThrown') this.troubles.push(params.exceptionDetails.text);
    if (method === 'Runtime.consoleAPICalled') this.troubles.push(`console.${params.type}`);
    if (method === 'Log.entryAdded') this.troubles.push(`${params.entry.level}: ${params.entry.text}`);
    if (method === 'Page.loadEventFired' && this.loaded) this.loaded();
  }

  send(method, params) {
    return this.browser.send(method, params, this.session);
  }

  async open(url) {
    const loaded = new Promise((yes) => { this.loaded = yes; });
    await this.send('Page.navigate', { url });
    await loaded;
  }

  async run(expression) {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression, awaitPromise: true, returnByValue: true,
    });
    if (exceptionDetails) throw new Error(`${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
    return result.value;
  }

  look(width, height, scheme = 'light', media = '') {
    return Promise.all([
      this.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 500 }),
      this.send('Emulation.setEmulatedMedia', { media, features: [{ name: 'prefers-color-scheme', value: scheme }] }),
    ]);
  }

  async shoot(file, width) {
    const tall = await this.run('document.documentElement.scrollHeight');
    const clip = { x: 0, y: 0, width, height: Math.min(tall, 3200), scale: 1 };
    await this.send('Emulation.setDeviceMetricsOverride', {
      width, height: clip.height, deviceScaleFactor: 1, mobile: width < 500,
    });
    const { data } = await this.send('Page.captureScreenshot', { format: 'png', clip, captureBeyondViewport: true });
    writeFileSync(file, Buffer.from(data, 'base64'));
  }

  close() {
    return this.browser.send('Target.closeTarget', { targetId: this.target });
  }
}

/** Milliseconds from the click until the page is drawn and complete, the best of some tries. */
async function opening(browser, url) {
  const times = [];
  for (let at = 0; at < TRIES; at += 1) {
    const page = await browser.page();
    await page.look(1280, 900);
    await page.open(url);
    times.push(await page.run(`new Promise((yes) => {
      const done = () => {
        const paint = performance.getEntriesByName('first-contentful-paint')[0];
        const load = performance.getEntriesByType('navigation')[0].loadEventEnd;
        if (paint && load) yes(Math.round(Math.max(paint.startTime, load)));
        else setTimeout(done, 10);
      };
      done();
    })`));
    await page.close();
  }
  return Math.min(...times);
}

/** What a person finds who types: rows that are seen, of all. */
const search = (words, code = '') => `(async () => {
  document.getElementById('words').value = ${JSON.stringify(words)};
  document.getElementById('code').value = ${JSON.stringify(code)};
  document.getElementById('words').dispatchEvent(new Event('input'));
  await new Promise((yes) => setTimeout(yes, 400));
  const rows = [...document.querySelectorAll('.group .w')];
  return { all: rows.length, seen: rows.filter((row) => row.checkVisibility()).length,
    shown: rows.filter((row) => !row.hidden && !row.closest('[hidden]')).length,
    told: document.getElementById('found').textContent };
})()`;

/** Texts whose contrast with what lies behind them is below WCAG's AA. */
const CONTRAST = `(() => {
  const parse = (color) => (color.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const poor = new Set();
  for (const element of [...document.querySelectorAll('body *')].slice(0, 5000)) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.closest('svg, script, style')) continue;
    const [one, other] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) poor.add(element.tagName + '.' + element.className + ' ' + ratio.toFixed(2));
  }
  return [...poor];
})()`;

async function judge(browser, file, out) {
  const wrong = [];
  const must = (fine, what) => { if (!fine) wrong.push(what); };
  const url = pathToFileURL(resolve(file)).href;
  const name = basename(file, '.html');
  const ms = await opening(browser, url);
  must(ms < OPENING_MS_MAX, `it opens in ${ms} ms`);

  const page = await browser.page();
  await page.look(1280, 900);
  await page.open(url);
  must((await page.run('document.title')).includes(': '), 'the title is not what it was');
  const { nodes } = await page.send('Accessibility.getFullAXTree');
  const roles = (role) => nodes.filter((node) => !node.ignored && node.role?.value === role);
  const named = (role) => roles(role).filter((node) => node.name?.value?.trim());
  for (const role of ['table', 'image', 'figure', 'region', 'navigation', 'combobox', 'searchbox']) {
    must(roles(role).length === named(role).length, `not every ${role} has a name`);
  }
  for (const role of ['banner', 'main', 'contentinfo', 'navigation']) must(roles(role).length === 1, `no ${role}`);
  const counts = await page.run(`({
    tables: document.querySelectorAll('table').length,
    open: [...document.querySelectorAll('table')].filter((table) => table.checkVisibility()).length,
    bars: document.querySelectorAll('svg').length,
    kinds: document.querySelectorAll('.kinds tbody tr').length,
    rows: document.querySelectorAll('.group .w').length,
    heads: document.querySelectorAll('th:not([scope])').length,
  })`);
  must(counts.kinds === 7, `${counts.kinds} kinds`);
  must(named('table').length >= counts.open, `${named('table').length} of ${counts.open} tables are in the tree`);
  must(named('image').length >= counts.bars, `${named('image').length} of ${counts.bars} bars are in the tree`);
  must(counts.heads === 0, 'a head without its scope');

  if (counts.rows > 0) {
    const first = await page.run("document.querySelector('.group .w code').textContent");
    const one = await page.run(search(first));
    must(one.shown >= 1 && one.shown < Math.max(counts.rows, 2) && one.seen === one.shown, `searching ${first} shows ${JSON.stringify(one)}`);
    const last = await page.run("[...document.querySelectorAll('.group .w code')].pop().textContent");
    const end = await page.run(search(last));
    must(end.shown >= 1 && end.seen === end.shown, `searching ${last} shows ${JSON.stringify(end)}`);
    const none = await page.run(search('no such words'));
    must(none.shown === 0 && none.told.startsWith('0 of '), `searching nothing shows ${JSON.stringify(none)}`);
    const code = await page.run("document.querySelector('.group .w').dataset.code");
    const coded = await page.run(search('', code));
    const expected = await page.run(`document.querySelectorAll('.group .w[data-code="${code}"]').length`);
    must(coded.shown === expected, `filtering ${code} shows ${coded.shown} of ${expected}`);
    const all = await page.run(search(''));
    must(all.shown === counts.rows && all.told === '', `clearing shows ${JSON.stringify(all)}`);
  }

  for (const scheme of ['light', 'dark']) {
    await page.look(1280, 900, scheme);
    const poor = await page.run(CONTRAST);
    must(poor.length === 0, `too little contrast (${scheme}): ${poor.join(', ')}`);
    await page.shoot(join(out, `${name}-${scheme}.png`), 1280);
  }
  await page.look(390, 844);
  const wide = await page.run('document.documentElement.scrollWidth');
  must(wide <= 390, `${wide} pixels wide on a phone of 390`);
  await page.shoot(join(out, `${name}-phone.png`), 390);
  if (counts.rows < 1000) {
    await page.look(794, 1123, 'light', 'print');
    await page.shoot(join(out, `${name}-print.png`), 794);
  }
  const others = page.requests.filter((request) => request !== url && !request.startsWith('data:'));
  must(others.length === 0, `it asks for ${others.join(', ')}`);
  must(page.troubles.length === 0, `the console says: ${page.troubles.join('; ')}`);
  await page.close();

  const plain = await browser.page();
  await plain.send('Emulation.setScriptExecutionDisabled', { value: true });
  await plain.look(1280, 900);
  await plain.open(url);
  const still = await plain.run("({ rows: document.querySelectorAll('.group .w').length, form: !!document.querySelector('#filter:not([hidden])') })");
  must(still.rows === counts.rows && !still.form, 'without its script it shows something else');
  await plain.close();
  console.log(`${name}: ${counts.rows} warnings, ${counts.tables} tables, ${counts.bars} bars, open in ${ms} ms`);
  return wrong.map((what) => `${name}: ${what}`);
}

const [out, ...files] = process.argv.slice(2);
if (!out || files.length === 0) {
  console.error('usage: node pages.mjs OUT_DIR PAGE.html …');
  process.exit(64);
}
mkdirSync(out, { recursive: true });
const browser = new Browser(process.env.CHROMIUM || 'chromium');
let wrong = [];
try {
  for (const file of files) wrong = wrong.concat(await judge(browser, file, out));
} finally {
  browser.close();
}
wrong.forEach((what) => console.error(what));
console.log(`${files.length} pages looked at, ${wrong.length} things wrong; screenshots in ${out}`);
process.exit(wrong.length === 0 ? 0 : 1);
