// Shows zips to verify.html in Firefox on file://, over Marionette, Firefox's own
// protocol: a length, a colon, and [0, number, command, parameters] as JSON.
"use strict";
const { spawn } = require("child_process"), fs = require("fs"), net = require("net"), path = require("path");
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
let input = "";
process.stdin.on("data", (d) => { input += d; }).on("end", async () => {
  const { page, signers, cases, profile } = JSON.parse(input), port = 20000 + process.pid % 20000;
  fs.writeFileSync(path.join(profile, "user.js"), `user_pref("security.fileuri.strict_origin_policy", true);\nuser_pref("marionette.port", ${port});\n`);
  const firefox = spawn("firefox-esr", ["--headless", "--no-remote", "--marionette", "--profile", profile], { stdio: "ignore", env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: "1" } });
  const wrong = [];
  try {
    let socket;
    for (let i = 0; i < 240 && !socket; i++) {
      await pause(250);
      socket = await new Promise((done) => { const s = net.connect(port, "127.0.0.1", () => done(s)).on("error", () => done(null)); });
    }
    if (!socket) throw new Error("Firefox does not answer");
    let held = Buffer.alloc(0), number = 0;
    const waiting = new Map();
    socket.on("data", (d) => {
      held = Buffer.concat([held, d]);
      for (;;) {
        const colon = held.indexOf(":"), n = Number(held.subarray(0, colon));
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
    const run = async (script) => (await ask("WebDriver:ExecuteScript", { script, args: [] })).value;
    const session = await ask("WebDriver:NewSession", {});
    const choose = async (id, file) => {
      const found = await ask("WebDriver:FindElement", { using: "css selector", value: "#" + id });
      await ask("WebDriver:ElementSendKeys", { id: Object.values(found.value)[0], text: file });
    };
    for (const c of cases) {
      await ask("WebDriver:Navigate", { url: page });
      if (!await run("return isSecureContext && document.getElementById('folder').webkitdirectory && getComputedStyle(document.querySelector('main')).maxWidth === '832px'")) wrong.push("the page's script or style did not run");
      await choose("zip", c.zip);
      await choose("signers-file", signers);
      await run("document.getElementById('go').click()");
      let word = "";
      for (let i = 0; i < 240 && !word; i++) {
        await pause(100);
        word = await run("const r = document.getElementById('result'); return r.hidden ? '' : r.className");
      }
      if (word !== c.want) wrong.push(`${c.what}: ${word}, not ${c.want}: ${await run("return document.getElementById('result').innerText")}`);
    }
    console.log(`${cases.length} zips shown to Firefox ${session.capabilities.browserVersion}`);
    socket.end();
  } catch (err) { wrong.push(err.message); }
  const ended = new Promise((done) => firefox.once("exit", done));
  firefox.kill();
  await Promise.race([ended, pause(10000)]);
  if (wrong.length > 0) console.log(wrong.join("\n"));
  process.exit(wrong.length > 0 ? 1 : 0);
});
