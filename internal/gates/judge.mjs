// What only a browser can judge of the pages of a folder, opened from file://.
//
// Standard input is {"base": "file:///…/", "pages": ["index.html", …], "scratch": folder, "chromium": executable,
// "modules": folder of node_modules, "hostile": true where every text of the pages means no good}. Standard output is a line
// of JSON for each finding, {"page", "gate", "says"}, and at the end {"judged": pages}.
import { createRequire } from 'node:module';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const job = JSON.parse(readFileSync(0, 'utf8'));
const require = createRequire(join(job.modules, '/'));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const find = (page, gate, ...says) => console.log(JSON.stringify({ page, gate, says: says.map(s => typeof s === 'string' ? s : JSON.stringify(s)).join(' ') }));

const browser = await chromium.launch({
  executablePath: job.chromium, headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

// What is asked of a page is written here as functions that run in the page.
const inPage = {
  watch: () => {
    window.__csp = [];
    document.addEventListener('securitypolicyviolation', e => window.__csp.push(e.effectiveDirective + ' ' + e.blockedURI + ' line ' + e.lineNumber));
  },
  focus: () => {
    const e = document.activeElement;
    if (!e || e === document.body) return null;
    const lies = a => !!a && (['sticky', 'fixed', 'absolute'].includes(getComputedStyle(a).position) || lies(a.parentElement)); // over what scrolls
    const s = getComputedStyle(e), b = e.getClientRects()[0] || e.getBoundingClientRect();
    const x = b.left + b.width / 2, y = b.top + Math.min(b.height, innerHeight) / 2;
    const at = x >= 0 && x < innerWidth && y >= 0 && y < innerHeight ? document.elementFromPoint(x, y) : null;
    return {
      what: e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + ' ' + (e.textContent || '').trim().slice(0, 30), href: e.getAttribute('href'),
      ring: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2, seen: b.width > 0 && b.height > 0 && b.bottom > 0 && b.right > 0 && b.top < innerHeight && b.left < innerWidth,
      covered: at && !e.contains(at) && !at.contains(e) && lies(at) ? at.tagName.toLowerCase() + '.' + at.className : '',
    };
  },
  injected: () => {
    const on = e => [...e.attributes].some(a => /^on|^style$|^srcdoc$|^formaction$/i.test(a.name) || /^(href|src|xlink:href|action)$/i.test(a.name) && /^\s*(javascript|data:(?!,$)|vbscript)/i.test(a.value));
    const ours = s => s.src && new URL(s.src).protocol === 'file:' && /\/(assets|data)\//.test(s.src) && !s.textContent;
    return {
      elements: [...document.querySelectorAll('*')].filter(e => /^(img|iframe|frame|object|embed|form|base|style|plaintext|xmp|audio|video|textarea|foreignobject|animate|set|use|math)$/i.test(e.localName) && !e.closest('.find') || e.localName === 'script' && !ours(e) || on(e) && !e.closest('.find'))
        .slice(0, 3).map(e => e.outerHTML.slice(0, 120)),
      ran: window.__ran || '', csp: window.__csp,
    };
  },
  // Elements that stick out to the right of a narrow window, but for what scrolls in a box of its own.
  wide: () => ({
    width: document.documentElement.scrollWidth,
    out: [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.tw, .md table, pre')).slice(0, 3).map(e => e.tagName.toLowerCase() + '.' + e.getAttribute('class')),
  }),
  // Tables that a reader at a desk must scroll sideways.
  sideways: () => [...document.querySelectorAll('.tw')].filter(e => e.querySelector('table:not(.matrix table)') && !e.closest('.matrix') && e.scrollWidth > e.clientWidth + 1).map(e => (e.querySelector('table')?.id || e.getAttribute('aria-label')) + ' by ' + (e.scrollWidth - e.clientWidth) + ' px'),
  shapes: () => {
    const ground = getComputedStyle(document.body).backgroundColor, paper = getComputedStyle(document.documentElement).backgroundColor;
    return [...document.querySelectorAll('.st')].filter(e => {
      const s = getComputedStyle(e, '::before');
      const border = s.borderTopStyle !== 'none' && parseFloat(s.borderTopWidth) > 0;
      return !border && [ground, paper, 'rgba(0, 0, 0, 0)'].includes(s.backgroundColor);
    }).slice(0, 2).map(e => e.textContent.trim());
  },
  // Marks for paper: a sign in each table's first and last head cell, and in each row.
  sign: () => [...document.querySelectorAll('table')].filter(t => t.tHead && t.tHead.rows.length && t.tBodies[0]).map((t, i) => {
    const head = t.tHead.rows[0].cells, put = (cell, s) => { const e = document.createElement('span'); e.textContent = s + ' '; cell.prepend(e); };
    put(head[0], 'QHA' + i + 'Q');
    put(head[head.length - 1], 'QHZ' + i + 'Q');
    for (const r of t.tBodies[0].rows) put(r.cells[0], 'QR' + i + 'Q');
    return i;
  }),
};

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
async function accessible(page, path, scheme, only) {
  const r = await page.evaluate(o => axe.run(document, o), { runOnly: only ? { type: 'rule', values: only } : { type: 'tag', values: tags }, resultTypes: ['violations'] });
  for (const v of r.violations) find(path, 'axe ' + scheme, v.id, v.impact, v.nodes.length + ' of them:', v.nodes[0].target.join(' '), v.nodes[0].html.slice(0, 160));
}

// A page whose every text means no good: nothing of it is an element, runs, is asked for or breaks the page, and search
// and tables go on working with it.
async function hostile(page, path, told) {
  const before = told.length;
  if (await page.locator('#seek').count()) {
    for (const words of ['<script>', 'onerror', '=HYPERLINK', '{{.}}', '../../etc']) {
      await page.fill('#seek', words);
      await page.waitForFunction(() => /found/.test(document.querySelector('.sf')?.textContent || '') && !/oading/.test(document.querySelector('.sf').textContent), null, { timeout: 20000 });
      const best = await page.evaluate(() => [...document.querySelectorAll('.sp li')].slice(0, 3).map(e => e.textContent.toLowerCase()));
      if (!best.length) find(path, 'hostile', 'the search finds nothing for', words);
      else if (!best.every(t => t.includes(words.toLowerCase()))) find(path, 'hostile', 'the search shows for', words, best);
    }
    await page.keyboard.press('Escape');
  }
  for (const sort of await page.locator('thead button').all()) {
    if (!await sort.isVisible()) continue;
    await sort.click();
    break;
  }
  const field = page.locator('main .find input').first();
  if (await field.count() && await field.isVisible()) await field.fill('<');
  await page.evaluate(() => { for (const e of document.querySelectorAll('details')) e.open = true; });
  for (const width of [1400, 320]) {
    await page.setViewportSize({ width, height: 700 });
    const w = await page.evaluate(inPage.wide);
    if (w.width > width) find(path, width + ' px', 'the page is', w.width, 'px wide:', w.out);
  }
  const got = await page.evaluate(inPage.injected);
  for (const e of got.elements) find(path, 'hostile', 'an element that is not ours:', e);
  if (got.ran) find(path, 'hostile', 'a script ran:', got.ran);
  if (got.csp.length) find(path, 'policy', got.csp);
  for (const m of told.slice(before)) find(path, 'console', m);
}

async function judge(path) {
  const url = job.base + path;
  const context = await browser.newContext({ colorScheme: 'light', reducedMotion: 'reduce', viewport: { width: 1400, height: 900 } });
  const page = await context.newPage();
  const told = [];
  page.on('request', r => { if (!r.url().startsWith(job.base) && !r.url().startsWith('data:')) find(path, 'requests', 'leaves the folder:', r.url()); });
  page.on('console', m => { if (['error', 'warning'].includes(m.type())) told.push(m.text()); });
  page.on('pageerror', e => told.push('error ' + e.message));
  page.on('requestfailed', r => told.push('not loaded ' + r.url() + ' ' + r.failure()?.errorText));
  page.on('dialog', d => { find(path, 'hostile', 'a dialog opened: ' + d.message()); d.dismiss(); });
  await page.addInitScript(inPage.watch);
  await page.goto(url, { waitUntil: 'load' });
  for (const m of told) find(path, 'console', m);
  const csp = await page.evaluate(() => window.__csp);
  if (csp.length) find(path, 'policy', csp);
  if (job.hostile) {
    await hostile(page, path, told);
    await context.close();
    return;
  }

  await page.evaluate(axe); // by the debugger, which the page's policy does not bind
  await accessible(page, path, 'light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await accessible(page, path, 'dark', ['color-contrast', 'link-in-text-block']); // what depends on colours
  await page.emulateMedia({ colorScheme: 'light' });

  const positive = await page.evaluate(() => [...document.querySelectorAll('[tabindex]')].filter(e => e.tabIndex > 0).length);
  if (positive) find(path, 'keyboard', positive + ' elements with a positive tabindex');
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    const f = await page.evaluate(inPage.focus);
    if (!f) {
      if (!i) find(path, 'keyboard', 'nothing takes the focus');
      break;
    }
    if (!i && f.href !== '#main') find(path, 'keyboard', 'the first stop is', f.what, 'and not the skip link');
    if (!f.ring) find(path, 'keyboard', 'no visible focus:', f.what);
    if (!f.seen) find(path, 'keyboard', 'the focus is off the screen:', f.what);
    else if (f.covered) find(path, 'keyboard', 'the focus is covered by', f.covered + ':', f.what);
  }

  const desk = await page.evaluate(inPage.wide);
  if (desk.width > 1400) find(path, '1400 px', 'the page is', desk.width, 'px wide:', desk.out);
  for (const s of await page.evaluate(inPage.sideways)) find(path, 'sideways', s);
  await page.setViewportSize({ width: 320, height: 640 });
  const phone = await page.evaluate(inPage.wide);
  if (phone.width > 320) find(path, '320 px', 'the page is', phone.width, 'px wide:', phone.out);

  await page.setViewportSize({ width: 1400, height: 900 });
  await page.emulateMedia({ forcedColors: 'active' });
  const shapes = await page.evaluate(inPage.shapes);
  if (shapes.length) find(path, 'forced colours', 'a status has no visible shape:', shapes);
  await page.emulateMedia({ forcedColors: 'none' });

  const mute = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1400, height: 900 } });
  const plain = await mute.newPage();
  await plain.goto(url);
  const fresh = await page.context().newPage(); // on the other a table may show the rows of all its pages by now
  await fresh.goto(url);
  const [without, withIt] = [(await plain.locator('main').innerText()).length, (await fresh.locator('main').innerText()).length];
  await fresh.close();
  if (without < 0.9 * withIt) find(path, 'no JavaScript', without, 'of', withIt, 'characters');
  await mute.close();

  // The head of a table stands on each printed page that has rows of it, with its last column.
  const tables = await page.evaluate(inPage.sign);
  if (tables.length) {
    const file = join(job.scratch, path.replaceAll('/', '_') + '.pdf');
    await page.pdf({ path: file, preferCSSPageSize: true });
    const sheets = execFileSync('pdftotext', ['-raw', file, '-'], { maxBuffer: 1 << 28 }).toString().split('\f');
    for (const i of tables) {
      let without = 0, cut = 0, on = 0;
      for (const s of sheets) {
        if (!s.includes('QR' + i + 'Q')) continue;
        on++;
        if (!s.includes('QHA' + i + 'Q')) without++;
        else if (!s.includes('QHZ' + i + 'Q')) cut++;
      }
      if (without) find(path, 'print', 'table', i + 1, 'has no head on', without, 'of', on, 'pages');
      if (cut) find(path, 'print', 'the last column of table', i + 1, 'is cut off on', cut, 'of', on, 'pages');
    }
  }
  await context.close();
}

const todo = [...job.pages];
let judged = 0;
async function work() {
  for (let p = todo.shift(); p; p = todo.shift()) {
    try {
      await judge(p);
      judged++;
    } catch (e) {
      find(p, 'browser', String(e).slice(0, 400));
    }
  }
}
await Promise.all([work(), work()]);
await browser.close();
console.log(JSON.stringify({ judged }));
