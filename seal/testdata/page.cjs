// Runs the checks of verify.html on the cases of page_test.go and prints, as
// JSON, whether each is accepted and what is said.
"use strict";
const fs = require("fs"), path = require("path");
const exhibit = require(path.join(__dirname, "../../site/verify/core.js"));
const bytes = (b64) => b64 === undefined ? null : new Uint8Array(Buffer.from(b64, "base64"));
(async () => {
  const out = [];
  for (const c of JSON.parse(fs.readFileSync(process.argv[2], "utf8"))) {
    const input = bytes(c.input) || new Uint8Array(0), given = { signers: bytes(c.signers), since: bytes(c.since) };
    try {
      let r = { ok: true };
      if (c.reader === "manifest") exhibit.parseManifest(input);
      else if (c.reader === "seal") exhibit.parseSeal(input);
      else if (c.reader === "signers") exhibit.parseAllowedSigners(input);
      else if (c.reader === "signature") await exhibit.verifySignature(input, bytes(c.message), "exhibit-seal-v1");
      else if (c.reader === "path") exhibit.checkPath(exhibit.latin(input));
      else if (c.reader === "zip") r = await exhibit.verify(await exhibit.openZip(new Blob([input])), given);
      else r = await exhibit.verify({ files: new Map(Object.entries(c.files).map(([p, b]) => [p, exhibit.fromBlob(new Blob([Buffer.from(b || "", "base64")]))])) }, given);
      out.push({ ok: r.ok, says: r.ok ? "" : JSON.stringify(r.problems || []).slice(0, 500) });
    } catch (err) { out.push({ ok: false, says: err.message }); }
  }
  process.stdout.write(JSON.stringify(out));
})();
