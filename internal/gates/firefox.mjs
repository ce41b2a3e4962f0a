// Opens pages of a package in Firefox on file://, over Marionette, Firefox's own protocol: a length, a colon, and
// [0, number, command, parameters] as JSON. Standard input is {"base": "file:///…/", "profile": an empty folder}; each
// finding is a line of standard output, and the last line is "judged".
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

const { base, profile } = JSON.parse(readFileSync(0, 'utf8')), port = 20000 + process.pid % 20000;
const pause = ms => new Promise(done => setTimeout(done, ms));
writeFileSync(join(profile, 'user.js'), `user_pref("security.fileuri.strict_origin_policy", true);\nuser_pref("marionette.port", ${port});\n`); // as a reader's Firefox has it
const firefox = spawn('firefox-esr', ['--headless', '--no-remote', '--marionette', '--profile', profile], { stdio: 'ignore', env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: '1' } });
try {
  let socket;
  for (let i = 0; i < 240 && !socket; i++) {
    await pause(250);
    socket = await new Promise(done => { const s = connect(port, '127.0.0.1', () => done(s)).on('error', () => done(null)); });
  }
  if (!socket) throw new Error('Firefox does not answer');
  let held = Buffer.alloc(0), number = 0;
  const waiting = new Map();
  socket.on('data', d => {
    held = Buffer.concat([held, d]);
    for (;;) {
      const colon = held.indexOf(':'), n = Number(held.subarray(0, colon));
      if (colon < 0 || held.length < colon + 1 + n) return;
      const m = JSON.parse(held.subarray(colon + 1, colon + 1 + n));
      held = held.subarray(colon + 1 + n);
      if (Array.isArray(m)) waiting.get(m[1])(m);
    }
  });
  const ask = (command, parameters = {}) => new Promise((done, failed) => {
    const text = JSON.stringify([0, ++number, command, parameters]);
    waiting.set(number, ([, , err, result]) => err ? failed(new Error(`${command}: ${err.message}`)) : done(result));
    socket.write(`${Buffer.byteLength(text)}:${text}`);
  });
  const run = async script => (await ask('WebDriver:ExecuteScript', { script, args: [] })).value;
  const becomes = async (page, says, script) => {
    for (let i = 0; i < 200; i++) {
      if (await run(script)) return;
      await pause(50);
    }
    console.log(`${page}: ${says}: ${await run('return document.querySelector("main").innerText.slice(0, 200)')}`);
  };
  await ask('WebDriver:NewSession', {});
  await ask('WebDriver:Navigate', { url: base + 'search.html#q=mfa' });
  await becomes('search.html', 'the search finds nothing', 'return document.querySelectorAll(".sl li a mark").length > 2');
  await ask('WebDriver:Navigate', { url: base + 'checks.html' });
  await becomes('checks.html', 'no field over the table', 'return !!document.querySelector("main .find input")');
  const rows = 'document.querySelectorAll("main table tbody tr:not([hidden])").length', all = await run('return ' + rows);
  await run('const f = document.querySelector("main .find input"); f.value = "root"; f.dispatchEvent(new Event("input", {bubbles: true}))');
  await becomes('checks.html', 'filtering the table changes nothing', `return ${rows} > 0 && ${rows} < ${all}`);
  await run('document.querySelector("main thead button").click()');
  await becomes('checks.html', 'the table is not sorted', 'return !!document.querySelector("main th[aria-sort]:not([aria-sort=none])")');
  await ask('WebDriver:Navigate', { url: base + 'verify.html' });
  await becomes('verify.html', 'its script did not run', 'return isSecureContext && document.getElementById("folder").webkitdirectory');
  console.log('judged');
  socket.end();
} catch (err) {
  console.log(err.message);
}
const ended = new Promise(done => firefox.once('exit', done));
firefox.kill();
await Promise.race([ended, pause(10000)]);
process.exit(0);
