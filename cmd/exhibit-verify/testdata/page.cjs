// Shows folders to verify.html in Chromium, in one session, on file://. It fails
// where the page's word is not the expected one, and where anything was asked of
// the network, forbidden by the page's own policy, or written to the console.
"use strict";
const path = require("path");
let input = "";
process.stdin.on("data", (d) => { input += d; }).on("end", async () => {
  const { page: url, signers, cases, modules } = JSON.parse(input);
  const { chromium } = require(path.join(modules, "playwright-core"));
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
  const wrong = [];
  try {
    const page = await browser.newPage();
    page.on("request", (r) => { if (r.url() !== url) wrong.push("asked for " + r.url()); });
    page.on("console", (m) => wrong.push("console: " + m.text()));
    page.on("pageerror", (e) => wrong.push("error: " + e.message));
    await page.addInitScript(() => document.addEventListener("securitypolicyviolation", (e) => console.error("policy: " + e.effectiveDirective)));
    for (const c of cases) {
      await page.goto(url);
      await page.setInputFiles("#folder", c.dir);
      await page.setInputFiles("#signers-file", signers);
      await page.click("#go");
      await page.waitForSelector("#result:not([hidden])");
      const word = await page.getAttribute("#result", "class");
      if (word !== (c.refuse ? "bad" : "good")) wrong.push(`${c.what}: ${word}: ${await page.textContent("#headline")}`);
    }
    console.log(`${cases.length} folders shown to Chromium ${browser.version()}`);
  } finally { await browser.close(); }
  if (wrong.length > 0) { console.log(wrong.join("\n")); process.exit(1); }
});
