"use strict";
/* Checks a package of evidence as exhibit-verify does: the same strict readers, the
   same levels, the same refusals (a test compares the two on the same packages). It
   reads what it is given, asks nothing of the network and keeps nothing. The words
   (manifest, seal, level) are those of the package seal, which shows the formats. */
const exhibit = (() => {
  const SUMS = "SHA256SUMS", SEAL = "SEAL.txt", SIG = "SEAL.txt.sig", TOKEN = "SEAL.txt.sig.tsr";
  const NAMESPACE = "exhibit-seal-v1", REVIEW = "exhibit-review-v1", REVIEWS = 9;
  const reviewName = (n) => `SEAL.txt.review${n}.sig`;
  const WITHHELD = "full/WITHHELD", ALTERED = "full/ALTERED";
  const MAX_SEAL = 64 << 10, MAX_SUMS = 256 << 20, WHOLE = 32 << 20;
  const own = new Set([SUMS, SEAL, SIG, TOKEN, ...Array.from({ length: REVIEWS }, (_, i) => reviewName(i + 1))]);
  const HEX64 = /^[0-9a-f]{64}$/;

  // ---- bytes

  const utf8 = (s) => new TextEncoder().encode(s);
  const latin = (b) => { let s = ""; for (let i = 0; i < b.length; i += 8192) s += String.fromCharCode.apply(null, b.subarray(i, i + 8192)); return s; };
  const unlatin = (s) => Uint8Array.from(s, (c) => c.charCodeAt(0));
  const hex = (b) => Array.from(b, (x) => x.toString(16).padStart(2, "0")).join("");
  const unhex = (s) => Uint8Array.from(s.match(/../g) || [], (x) => parseInt(x, 16));
  const join = (...parts) => {
    const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
    let at = 0;
    for (const p of parts) { all.set(p, at); at += p.length; }
    return all;
  };
  const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
  const digest = async (name, b) => new Uint8Array(await crypto.subtle.digest(name, b));
  const sha256 = async (b) => hex(await digest("SHA-256", b));
  // the characters that show: what Go calls printable
  const plain = (s) => /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u.test(s) && !s.includes("\uFFFD");
  const visible = (s) => Array.from(s, (c) => plain(c) ? c : "<U+" + c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0") + ">").join("");

  // ---- SHA-256 in pieces, for files too large to hold: crypto.subtle takes whole ones only

  const K = new Uint32Array([
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2]);
  class Sha256 {
    constructor() {
      this.h = new Uint32Array([0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19]);
      this.w = new Uint32Array(64);
      this.held = new Uint8Array(64);
      this.n = 0; // bytes in held
      this.total = 0;
    }
    block(b, at) {
      const w = this.w, h = this.h;
      for (let i = 0; i < 16; i++) w[i] = b[at + 4 * i] << 24 | b[at + 4 * i + 1] << 16 | b[at + 4 * i + 2] << 8 | b[at + 4 * i + 3];
      for (let i = 16; i < 64; i++) {
        const x = w[i - 15], y = w[i - 2];
        w[i] = w[i - 16] + w[i - 7] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) + ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10);
      }
      let [a, b2, c, d, e, f, g, k] = h;
      for (let i = 0; i < 64; i++) {
        const t = k + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (e & f ^ ~e & g) + K[i] + w[i] | 0;
        const u = ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b2 ^ a & c ^ b2 & c) | 0;
        k = g; g = f; f = e; e = d + t | 0; d = c; c = b2; b2 = a; a = t + u | 0;
      }
      h[0] += a; h[1] += b2; h[2] += c; h[3] += d; h[4] += e; h[5] += f; h[6] += g; h[7] += k;
    }
    update(b) {
      this.total += b.length;
      let at = 0;
      if (this.n > 0) {
        at = Math.min(64 - this.n, b.length);
        this.held.set(b.subarray(0, at), this.n);
        this.n += at;
        if (this.n < 64) return this;
        this.block(this.held, 0);
      }
      for (; at + 64 <= b.length; at += 64) this.block(b, at);
      this.n = b.length - at;
      this.held.set(b.subarray(at));
      return this;
    }
    hex() {
      const bits = this.total * 8, end = new Uint8Array(this.n < 56 ? 64 - this.n : 128 - this.n);
      end[0] = 0x80;
      const view = new DataView(end.buffer);
      view.setUint32(end.length - 8, Math.floor(bits / 2 ** 32));
      view.setUint32(end.length - 4, bits >>> 0);
      this.update(end);
      return Array.from(this.h, (x) => x.toString(16).padStart(8, "0")).join("");
    }
  }

  // ---- paths and the list of files

  function checkPath(p) {
    if (p === "") throw new Error("empty path");
    if (/[^A-Za-z0-9._/@=+-]/.test(p)) throw new Error(`path ${JSON.stringify(p)}: only letters, digits and . _ / @ = + - are allowed`);
    for (const e of p.split("/")) {
      const stem = e.toLowerCase().split(".")[0];
      if (e === "") throw new Error(`path "${p}": starts or ends with / or has // in it`);
      if (e === "." || e === "..") throw new Error(`path "${p}": "${e}" in a path`);
      if (e[0] === "-") throw new Error(`path "${p}": "${e}" would be read as a flag`);
      if (e.endsWith(".")) throw new Error(`path "${p}": "${e}" ends with a dot, which Windows drops`);
      if (e.length > 255) throw new Error(`path "${p}": a name longer than 255 bytes`);
      if (/^(con|prn|aux|nul|(com|lpt)[0-9])$/.test(stem)) throw new Error(`path "${p}": "${e}" is a device on Windows`);
    }
  }

  // Twins finds paths that fall together where case is ignored, and a path used
  // both as a file and as a folder.
  class Twins {
    constructor() { this.spelt = new Map(); }
    add(path) {
      const lower = path.toLowerCase(), first = this.spelt.get(lower);
      if (first !== undefined) throw new Error(first === path ? `path "${path}" is there twice` : `paths "${first}" and "${path}" differ only in case`);
      if (this.spelt.has(lower + "/")) throw new Error(`"${path}" is both a folder and a file`);
      this.spelt.set(lower, path);
      for (let i = path.lastIndexOf("/"); i > 0; i = path.lastIndexOf("/", i - 1)) {
        if (this.spelt.get(lower.slice(0, i + 1)) === path.slice(0, i + 1)) return;
        this.addFolder(path.slice(0, i + 1));
      }
    }
    addFolder(folder) {
      const key = folder.toLowerCase(), first = this.spelt.get(key);
      if (first !== undefined && first !== folder) throw new Error(`folders "${first}" and "${folder}" differ only in case`);
      if (this.spelt.has(key.slice(0, -1))) throw new Error(`"${folder}" is both a folder and a file`);
      this.spelt.set(key, folder);
    }
  }

  function parseLine(line) {
    if (line === "") throw new Error("an empty line");
    if (line[0] === "\\") throw new Error("a file name with escapes");
    if (line.endsWith("\r")) throw new Error("a Windows line end (CR LF); the file was converted on its way");
    if (line.length < 67 || line[64] !== " " || line[65] !== " ") throw new Error("not 64 hex digits, two spaces and a path");
    if (!HEX64.test(line.slice(0, 64))) throw new Error("not 64 lower-case hex digits");
    const e = { sum: line.slice(0, 64), path: line.slice(66), line };
    checkPath(e.path);
    return e;
  }

  // parseManifest reads a SHA256SUMS as strictly as seal.ParseManifest.
  function parseManifest(bytes) {
    const text = latin(bytes), lines = text.split("\n"), twins = new Twins();
    if (text === "") throw new Error("the list of files is empty");
    if (lines.pop() !== "") throw new Error(`line ${lines.length + 1}: no line end at the end of the file`);
    const m = [];
    lines.forEach((line, i) => {
      try {
        const e = parseLine(line);
        if (i > 0 && m[i - 1].path > e.path) throw new Error(`"${e.path}" after "${m[i - 1].path}": not sorted`);
        twins.add(e.path);
        m.push(e);
      } catch (err) { throw new Error(`line ${i + 1}: ${err.message}`); }
    });
    return m;
  }

  // root is the Merkle tree hash of RFC 6962 over the lines.
  async function root(m) {
    let level = await Promise.all(m.map((e) => digest("SHA-256", join([0], unlatin(e.line)))));
    while (level.length > 1) { // pairs from the left give the RFC's tree
      const up = [];
      for (let i = 0; i < level.length; i += 2) up.push(i + 1 < level.length ? digest("SHA-256", join([1], level[i], level[i + 1])) : level[i]);
      level = await Promise.all(up);
    }
    return hex(level[0]);
  }

  // ---- the seal

  const SAMPLE = "# SAMPLE: invented data for demonstration, not evidence about any organisation";
  const FIELDS = ["kind", "organisation", "period", "run", "commit", "chain", "previous", "previous token", "claimed", "tool", "files", "root"];
  const instant = (s) => { const t = Date.parse(s); return !Number.isNaN(t) && new Date(t).toISOString().slice(0, 19) + "Z" === s; };
  const largest = 9223372036854775807n; // what a count can be at most

  function parseRunName(name) {
    const m = /^(\d{4,})-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(name);
    if (!m || m[1].length > 4 && m[1][0] === "0" || BigInt(m[1]) < 1n || BigInt(m[1]) > largest || !instant(`${m[2]}-${m[3]}-${m[4]}T${m[5]}:${m[6]}:${m[7]}Z`)) {
      throw new Error(`run: not a name like 0004-20261001T060000Z: ${JSON.stringify(name.slice(0, 100))}`);
    }
    return Number(m[1]);
  }

  function parseSeal(bytes) {
    let text;
    try { text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes); } catch { throw new Error("not UTF-8 text"); }
    const lines = text.split("\n");
    if (lines[0] !== "# Exhibit seal v1") throw new Error('line 1: not "# Exhibit seal v1"');
    if (lines.pop() !== "") throw new Error(`line ${lines.length + 1}: no line end at the end of the file`);
    const s = { sample: lines[1] === SAMPLE };
    let n = s.sample ? 2 : 1;
    for (const name of FIELDS) {
      const head = `# ${name}: `;
      if (n >= lines.length || !lines[n].startsWith(head)) throw new Error(`line ${n + 1}: no "# ${name}:"`);
      const v = lines[n].slice(head.length);
      if (v === "" || v.startsWith(" ") || v.endsWith(" ") || !plain(v)) throw new Error(`${name}: it is empty or has spaces around it or a character that does not show`);
      s[name === "previous token" ? "previousToken" : name] = v;
      n++;
    }
    for (const name of ["reviewers", "for", "full"]) {
      const head = `# ${name}: `;
      if (n >= lines.length || !lines[n].startsWith(head)) continue;
      const v = s[name] = lines[n++].slice(head.length);
      if (v === "" || v.startsWith(" ") || v.endsWith(" ") || !plain(v)) throw new Error(`${name}: it is empty or has spaces around it or a character that does not show`);
    }
    if (s.reviewers !== undefined && !/^[1-9]$/.test(s.reviewers)) throw new Error("reviewers: not a number from 1 to 9");
    s.reviewers = Number(s.reviewers || 0);
    if ((s.for === undefined) !== (s.full === undefined)) throw new Error("a package that withholds something names for whom, and the full package");
    if (s.full !== undefined && !HEX64.test(s.full)) throw new Error("full: not 64 lower-case hex digits");
    if (n !== lines.length - 1) throw new Error(`line ${n + 1}: one line with the hash of SHA256SUMS belongs after the headers, and nothing else`);
    const last = parseLine(lines[n]);
    s.sumsPath = last.path;
    s.sums = last.sum;
    for (const f of ["period", "commit", "chain", "previous", "previousToken"]) if (s[f] === "none") s[f] = "";
    parseRunName(s.run);
    for (const f of ["chain", "previous", "previousToken"]) if (s[f] !== "" && !HEX64.test(s[f])) throw new Error(`${f}: not 64 lower-case hex digits`);
    if (!HEX64.test(s.root)) throw new Error("root: not 64 lower-case hex digits");
    if (s.commit !== "" && !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(s.commit)) throw new Error("commit: not 40 or 64 lower-case hex digits");
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(s.claimed) || !instant(s.claimed) || s.claimed.startsWith("0000")) throw new Error("claimed: not a time like 2026-04-01T06:00:00Z");
    if (!/^[1-9]\d*$/.test(s.files) || BigInt(s.files) > largest) throw new Error("files: not a number");
    s.files = Number(s.files);
    if (s.kind === "run") {
      if (s.full) throw new Error("a run withholds nothing: only a package may");
      if (s.period || s.chain) throw new Error("a run has neither a period nor a chain: only a package has");
      if (s.sumsPath !== `runs/${s.run}/${SUMS}`) throw new Error(`the seal of run ${s.run} is over "${s.sumsPath}"`);
    } else if (s.kind === "package") {
      if (!s.chain || !s.commit) throw new Error("a package names the commit and the run it was made from");
      if (s.sumsPath !== SUMS) throw new Error(`the seal of a package is over "${s.sumsPath}", not "SHA256SUMS"`);
      const p = /^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/.exec(s.period);
      if (!p || !instant(p[1] + "T00:00:00Z") || !instant(p[2] + "T00:00:00Z") || p[2] < p[1]) throw new Error("period: not like 2026-01-01..2026-12-31");
    } else {
      throw new Error(`kind: "${s.kind}" is neither "run" nor "package"`);
    }
    return s;
  }

  // ---- signatures (OpenSSH, PROTOCOL.sshsig and PROTOCOL.u2f)

  class Wire {
    constructor(b) { this.rest = b; }
    bytes(n) {
      if (this.rest.length < n) throw new Error("a damaged SSH signature or key");
      const b = this.rest.subarray(0, n);
      this.rest = this.rest.subarray(n);
      return b;
    }
    uint32() { const b = this.bytes(4); return (b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3]) >>> 0; }
    string() { return this.bytes(this.uint32()); }
    text() { return latin(this.string()); }
    // a positive number, written in the one way there is, as 32 bytes
    mpint() {
      const b = this.string();
      if (b.length === 0 || b[0] & 0x80 || b[0] === 0 && (b.length === 1 || !(b[1] & 0x80)) || b.length > 33 || b.length === 33 && b[0] !== 0) {
        throw new Error("a damaged SSH signature");
      }
      const n = b[0] === 0 ? b.subarray(1) : b, out = new Uint8Array(32);
      out.set(n, 32 - n.length);
      return out;
    }
    end() { if (this.rest.length > 0) throw new Error("a damaged SSH signature or key"); }
  }
  const wireString = (b) => { const n = new Uint8Array(4); new DataView(n.buffer).setUint32(0, b.length); return join(n, b); };

  const ED = "ssh-ed25519", EC = "ecdsa-sha2-nistp256", SKED = "sk-ssh-ed25519@openssh.com", SKEC = "sk-ecdsa-sha2-nistp256@openssh.com";

  // parseKey reads a public key in SSH's wire form; one of a kind that cannot
  // seal has a kind and nothing else.
  function parseKey(blob) {
    const w = new Wire(blob), k = { kind: w.text() };
    if (k.kind === "") throw new Error("not an SSH public key");
    if (![ED, EC, SKED, SKEC].includes(k.kind)) return k;
    if (k.kind === ED || k.kind === SKED) {
      k.point = w.string();
      if (k.point.length !== 32) throw new Error("a damaged public key");
    } else {
      if (w.text() !== "nistp256") throw new Error("a damaged public key");
      k.point = w.string();
      if (k.point.length !== 65 || k.point[0] !== 4) throw new Error("a damaged public key");
    }
    if (k.kind.startsWith("sk-")) {
      const app = w.string(), text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(app);
      if (text === "" || !plain(text)) throw new Error("a damaged public key");
      k.application = app;
    }
    w.end();
    k.blob = latin(blob);
    return k;
  }

  const fingerprint = async (blob) => "SHA256:" + btoa(latin(await digest("SHA-256", unlatin(blob)))).replace(/=+$/, "");

  class CannotCheck extends Error {}

  async function fits(key, data, signature) {
    const ed = key.kind === ED || key.kind === SKED, w = new Wire(signature);
    if (w.text() !== key.kind) throw new Error("a damaged SSH signature");
    const raw = w.string();
    if (key.application) {
      const flags = w.bytes(1), counter = w.bytes(4);
      w.end();
      if (!(flags[0] & 1)) throw new Error("made by a security key that nobody touched");
      data = join(await digest("SHA-256", key.application), flags, counter, await digest("SHA-256", data));
    }
    w.end();
    let algorithm = { name: "Ed25519" }, use = algorithm, sig = raw;
    if (ed) {
      if (raw.length !== 64) throw new Error("a damaged SSH signature");
    } else {
      algorithm = { name: "ECDSA", namedCurve: "P-256" };
      use = { name: "ECDSA", hash: "SHA-256" };
      const n = new Wire(raw);
      sig = join(n.mpint(), n.mpint());
      n.end();
    }
    let imported;
    try {
      imported = await crypto.subtle.importKey("raw", key.point, algorithm, false, ["verify"]);
    } catch (err) {
      if (err.name === "NotSupportedError") throw new CannotCheck(`this browser cannot check ${ed ? "Ed25519" : "P-256"} signatures`);
      throw new Error("a damaged public key");
    }
    return crypto.subtle.verify(use, imported, sig, data);
  }

  const BEGIN = "-----BEGIN SSH SIGNATURE-----\n", END = "\n-----END SSH SIGNATURE-----\n";
  const armor = (b) => BEGIN + btoa(latin(b)).replace(/.{70}(?=.)/g, "$&\n") + END;

  // verifySignature gives the key that made an SSHSIG over the message.
  async function verifySignature(sig, message, namespace) {
    const text = latin(sig);
    if (!text.startsWith(BEGIN) || !text.endsWith(END) || text.length < BEGIN.length + END.length) throw new Error("not an SSH signature alone in its file");
    let blob;
    try { blob = unlatin(atob(text.slice(BEGIN.length, -END.length).replaceAll("\n", ""))); } catch { throw new Error("an SSH signature that is not base64"); }
    if (armor(blob) !== text) throw new Error("not wrapped as ssh-keygen wraps it");
    if (latin(blob.subarray(0, 6)) !== "SSHSIG") throw new Error("not an SSH signature");
    const w = new Wire(blob.subarray(6)), version = w.uint32(), key = parseKey(w.string());
    const space = w.text(), reserved = w.string(), hash = w.text(), signature = w.string();
    w.end();
    if (version !== 1 || reserved.length > 0) throw new Error("a damaged SSH signature");
    if (!key.blob) throw new Error(`signed with an ${JSON.stringify(key.kind)} key: Ed25519 and ECDSA P-256 are checked`);
    if (space !== namespace) throw new Error(`signed for ${JSON.stringify(space)}, not for "${namespace}"`);
    if (hash !== "sha512") throw new Error(`signed over a ${JSON.stringify(hash)} hash, not "sha512"`);
    const data = join(utf8("SSHSIG"), wireString(utf8(namespace)), wireString(utf8("")), wireString(utf8("sha512")), wireString(await digest("SHA-512", message)));
    if (!await fits(key, data, signature)) throw new Error("the signature does not fit the text: one of the two was changed");
    return { kind: key.kind, blob: key.blob, fingerprint: await fingerprint(key.blob) };
  }

  // ---- allowed signers (ssh-keygen, ALLOWED SIGNERS)

  const isKind = (s) => /^(ssh-|ecdsa-|sk-)/.test(s);
  function word(s) {
    let quoted = false;
    for (let i = 0; i < s.length; i++) {
      if (s[i] === '"') quoted = !quoted;
      else if (!quoted && (s[i] === " " || s[i] === "\t")) return [s.slice(0, i), s.slice(i).replace(/^[ \t]+/, "")];
    }
    if (quoted) throw new Error("a quote that does not end");
    return [s, ""];
  }
  function signerTime(s) {
    const m = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?Z?$/.exec(s);
    const iso = m && `${m[1]}-${m[2]}-${m[3]}T${m[4] || "00"}:${m[5] || "00"}:${m[6] || "00"}Z`;
    if (!m || !instant(iso)) throw new Error(`not a time like 20260101Z or 20260101060000Z: ${JSON.stringify(s)}`);
    return iso;
  }
  function options(text, s) {
    const seen = new Set();
    for (const option of text.match(/(?:[^",]|"[^"]*")+|,/g) || []) {
      if (option === ",") continue;
      const eq = option.indexOf("="), name = (eq < 0 ? option : option.slice(0, eq)).toLowerCase(), value = eq < 0 ? "" : option.slice(eq + 1);
      if (seen.has(name)) throw new Error(`option "${name}" is there twice`);
      seen.add(name);
      if (name === "cert-authority" && eq < 0) { s.never = true; continue; }
      if (!["namespaces", "valid-after", "valid-before"].includes(name)) throw new Error(`unknown option ${JSON.stringify(name)}`);
      const v = /^"([^"]+)"$/.exec(value);
      if (!v) throw new Error(`option ${name}: its value belongs in double quotes`);
      if (name === "namespaces") s.namespaces = v[1].split(",");
      if (name === "valid-after") s.after = signerTime(v[1]);
      if (name === "valid-before") s.before = signerTime(v[1]);
    }
    if (/^,|,$|,,/.test(text.replace(/"[^"]*"/g, "x"))) throw new Error("an empty option");
    if (s.after && s.before && s.after >= s.before) throw new Error("valid-before is not later than valid-after");
  }

  function parseAllowedSigners(bytes) {
    const signers = [];
    new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).split("\n").forEach((raw, i) => {
      const line = raw.trim();
      if (line === "" || line[0] === "#") return;
      try {
        const s = { line: i + 1, namespaces: [] };
        let kind, blob, rest;
        [s.principal, rest] = word(line);
        if (s.principal.length > 1 && s.principal[0] === '"') s.principal = s.principal.slice(1).replace(/"$/, "");
        if (s.principal === "" || !plain(s.principal) || s.principal.includes('"')) throw new Error("no name before the key");
        [kind, rest] = word(rest);
        if (!isKind(kind)) {
          options(kind, s);
          [kind, rest] = word(rest);
        }
        [blob] = word(rest);
        if (!isKind(kind) || blob === "") throw new Error("no public key; a line is: name ssh-ed25519 AAAA…");
        if (blob.length % 4 || !/^[A-Za-z0-9+/]+={0,2}$/.test(blob)) throw new Error("the key is not base64");
        const key = parseKey(unlatin(atob(blob)));
        if (key.kind !== kind) throw new Error(`the line says "${kind}", the key says ${JSON.stringify(key.kind)}`);
        if (!s.never) s.blob = key.blob;
        signers.push(s);
      } catch (err) { throw new Error(`line ${i + 1}: ${err.message}`); }
    });
    return signers;
  }

  const glob = (pattern, s) => new RegExp("^" + pattern.replace(/[^*?]/g, (c) => c.replace(/[\\^$.|+()[\]{}]/, "\\$&")).replace(/\*+/g, ".*").replaceAll("?", ".") + "$", "s").test(s);
  function allows(s, at, namespace = NAMESPACE) {
    if (s.namespaces.length > 0) {
      let found = false;
      for (const p of s.namespaces) {
        if (p[0] === "!" && glob(p.slice(1), namespace)) { found = false; break; }
        if (p[0] !== "!" && glob(p, namespace)) found = true;
      }
      if (!found) return `listed for ${s.namespaces.join(",")}, not for ${namespace}`;
    }
    if (s.after && at < s.after) return `listed from ${s.after} on, and the seal claims ${at}`;
    if (s.before && at > s.before) return `listed until ${s.before}, and the seal claims ${at}`;
    return "";
  }

  // ---- a zip, read without unpacking it; what two programs could unpack differently is refused

  const CRC = Uint32Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? n >>> 1 ^ 0xedb88320 : n >>> 1; return n; });
  const crc32 = (crc, b) => { for (let i = 0; i < b.length; i++) crc = CRC[(crc ^ b[i]) & 255] ^ crc >>> 8; return crc; };
  const bytesOf = async (blob, from, n) => new Uint8Array(await blob.slice(from, from + n).arrayBuffer());

  // only dates, owners, and long sizes where the short ones do not say it, each once:
  // there is an extra field that gives the entry another name
  function plainExtra(b, long) {
    const v = new DataView(b.buffer, b.byteOffset, b.length), seen = new Set();
    let at = 0;
    while (at < b.length) {
      if (at + 4 > b.length) return false;
      const kind = v.getUint16(at, true);
      if (![0x0001, 0x000a, 0x5455, 0x5855, 0x7875].includes(kind) || kind === 1 && !long || seen.has(kind)) return false;
      seen.add(kind);
      at += 4 + v.getUint16(at + 2, true);
    }
    return at === b.length;
  }

  async function openZip(blob) {
    const refuse = (why) => { throw new Error("opening the zip: " + why); };
    const end = await bytesOf(blob, blob.size - 22, 22), v = new DataView(end.buffer);
    if (blob.size < 22 || v.getUint32(0, true) !== 0x06054b50 || v.getUint16(20, true) !== 0) refuse("not a zip, or there is a comment or bytes after its end");
    const count = v.getUint16(10, true), size = v.getUint32(12, true), start = v.getUint32(16, true);
    if (count === 0xffff || size === 0xffffffff || start === 0xffffffff) refuse("larger than this page can read: unpack it and choose the folder");
    if (v.getUint16(4, true) || v.getUint16(6, true) || v.getUint16(8, true) !== count || start + size + 22 !== blob.size) refuse("its directory does not lie where its end says");
    const dir = await bytesOf(blob, start, size), d = new DataView(dir.buffer);
    const entries = [], folders = [], twins = new Twins();
    let at = 0;
    while (at < size) {
      if (at + 46 > size || d.getUint32(at, true) !== 0x02014b50) refuse("its directory is damaged");
      const e = { flags: d.getUint16(at + 8, true), method: d.getUint16(at + 10, true), crc: d.getUint32(at + 16, true), packed: d.getUint32(at + 20, true),
        size: d.getUint32(at + 24, true), offset: d.getUint32(at + 42, true) };
      const n = d.getUint16(at + 28, true), more = d.getUint16(at + 30, true) + d.getUint16(at + 32, true);
      if (at + 46 + n + more > size) refuse("its directory is damaged");
      e.name = latin(dir.subarray(at + 46, at + 46 + n));
      const unix = [3, 19].includes(d.getUint8(at + 5)) ? d.getUint16(at + 40, true) & 0xf000 : 0, dos = d.getUint16(at + 38, true);
      e.folder = e.name.endsWith("/");
      const kind = e.folder ? [0, 0x4000, 0x8000] : [0, 0x8000];
      try {
        if (!kind.includes(unix) || !e.folder && unix === 0 && dos & 16) throw new Error("neither a plain file nor a folder");
        if (e.folder && e.size !== 0) throw new Error("a folder that holds bytes");
        checkPath(e.folder ? e.name.slice(0, -1) : e.name);
        if (e.flags & (1 | 1 << 6 | 1 << 13)) throw new Error("encrypted");
        if (!plainExtra(dir.subarray(at + 46 + n, at + 46 + n + d.getUint16(at + 30, true)), e.packed === 0xffffffff || e.size === 0xffffffff)) throw new Error("an extra field that could give it another name or size");
        if (e.method !== 0 && e.method !== 8) throw new Error(`packed with method ${e.method}, not stored or deflated`);
        if (e.method === 0 && e.packed !== e.size) throw new Error("stored with two different sizes");
        if (Math.floor(e.size / 1032) > e.packed) throw new Error("says it unpacks to more than any data can");
        if (e.packed === 0xffffffff || e.size === 0xffffffff || e.offset === 0xffffffff) throw new Error("larger than this page can read: unpack the zip and choose the folder");
      } catch (err) { refuse(`${visible(e.name)}: ${err.message}`); }
      try { if (!e.folder) twins.add(e.name); else if (folders.includes(e.name)) refuse(`${e.name} is there twice`); else folders.push(e.name); } catch (err) { refuse(err.message); }
      entries.push(e);
      at += 46 + n + more;
    }
    if (entries.length !== count) refuse("its directory is damaged");
    try { folders.forEach((f) => twins.addFolder(f)); } catch (err) { refuse(err.message); }
    await layout(blob, entries, start, refuse);
    const files = new Map();
    for (const e of entries) if (!e.folder) files.set(e.name, { size: e.size, chunks: () => unpacked(blob, e) });
    return inside(files, folders);
  }

  // layout asks that the local headers agree with the directory and that the
  // entries lie end to end, from the first byte to the directory.
  async function layout(blob, entries, start, refuse) {
    let at = 0;
    for (const e of entries.slice().sort((a, b) => a.offset - b.offset)) {
      const h = await bytesOf(blob, at, 30), v = new DataView(h.buffer);
      if (e.offset !== at || h.length < 30 || v.getUint32(0, true) !== 0x04034b50) refuse(`${e.name}: entries overlap, or there are bytes between them`);
      const later = e.flags & 8, n = v.getUint16(26, true), name = latin(await bytesOf(blob, at + 30, n));
      const agree = (local, central) => local === central || later && local === 0;
      if (name !== e.name || v.getUint16(6, true) !== e.flags || v.getUint16(8, true) !== e.method ||
        !agree(v.getUint32(14, true), e.crc) || !agree(v.getUint32(18, true), e.packed) || !agree(v.getUint32(22, true), e.size)) refuse(`${e.name}: its local header disagrees with the directory`);
      if (!plainExtra(await bytesOf(blob, at + 30 + n, v.getUint16(28, true)), later !== 0)) refuse(`${e.name}: an extra field that could give it another name or size`);
      e.data = at + 30 + n + v.getUint16(28, true);
      at = e.data + e.packed;
      if (later) {
        const word = (x, wide) => { const b = new Uint8Array(wide); new DataView(b.buffer).setUint32(0, x, true); return b; };
        const fields = (w) => join(word(e.crc, 4), word(e.packed, w), word(e.size, w)), mark = word(0x08074b50, 4);
        let found = 0;
        for (const want of [join(mark, fields(8)), join(mark, fields(4)), fields(8), fields(4)]) {
          const got = await bytesOf(blob, at, want.length + 4), next = latin(got.subarray(want.length));
          if (!found && same(got.subarray(0, want.length), want) && (next === "PK\x03\x04" || next === "PK\x01\x02")) found = want.length;
        }
        if (!found) refuse(`${e.name}: its sizes after the data disagree with the directory`);
        at += found;
      }
      if (at > start) refuse(`${e.name}: entries overlap`);
    }
    if (at !== start) refuse("there are bytes between the last entry and the directory");
  }

  async function* unpacked(blob, e) {
    let stream = blob.slice(e.data, e.data + e.packed).stream();
    if (e.method === 8) stream = stream.pipeThrough(new DecompressionStream("deflate-raw"));
    const reader = stream.getReader();
    let n = 0, crc = 0xffffffff;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      n += value.length;
      if (n > e.size) { await reader.cancel(); throw new Error("unpacks to more than it says"); }
      crc = crc32(crc, value);
      yield value;
    }
    if (n !== e.size || (crc ^ 0xffffffff) >>> 0 !== e.crc) throw new Error("its checksum or its size is another one");
  }

  // inside is the one folder at the top of a package that was zipped with its folder.
  function inside(files, folders) {
    const tops = new Set([...files.keys(), ...folders].map((p) => p.split("/")[0])), top = [...tops][0];
    if (tops.size === 1 && !files.has(top) && files.has(`${top}/${SEAL}`)) {
      const cut = (p) => p.slice(top.length + 1);
      files = new Map([...files].map(([p, f]) => [cut(p), f]));
      folders = folders.map(cut).filter((p) => p !== "");
    }
    return { files, folders };
  }

  // folderFiles takes what <input webkitdirectory> gives.
  function folderFiles(list) {
    const files = new Map();
    for (const f of list) files.set(f.webkitRelativePath.split("/").slice(1).join("/"), fromBlob(f));
    return { files, folders: [] };
  }
  const fromBlob = (blob) => ({
    size: blob.size,
    chunks: async function* () { for (let at = 0; at < blob.size; at += 4 << 20) yield await bytesOf(blob, at, 4 << 20); },
  });

  // ---- the verification itself

  async function read(file, limit) {
    if (file.size > limit) throw new Error(`larger than ${limit} bytes`);
    const parts = [];
    for await (const c of file.chunks()) parts.push(c);
    return join(...parts);
  }
  async function hashOf(file) {
    if (file.size <= WHOLE) return sha256(await read(file, WHOLE));
    const h = new Sha256();
    for await (const c of file.chunks()) h.update(c);
    return h.hex();
  }

  // verify checks a package. given.signers and given.since are bytes or null;
  // progress is told how many files were read.
  async function verify({ files, folders = [] }, given = {}, progress = () => {}) {
    const r = { levels: [], problems: [], cannot: [], seal: null, key: null };
    const problem = (kind, path, says) => r.problems.push({ kind, path, says });
    const level = (name, state, says) => r.levels.push({ name, state, says });
    const signers = given.signers ? parseAllowedSigners(given.signers) : null;
    if (signers && signers.length === 0) throw new Error("reading the allowed signers: nobody is listed");
    const since = given.since ? parseSeal(given.since) : null, sinceID = given.since ? await sha256(given.since) : "";

    const refused = new Map();
    for (const p of files.keys()) { try { checkPath(p); } catch (err) { refused.set(p, err.message); } }
    for (const f of folders) {
      const p = f.replace(/\/$/, "");
      if (![...files.keys()].some((x) => x.startsWith(p + "/"))) problem("refused", p, "an empty folder, which was not sealed");
    }

    const get = async (p, limit) => {
      if (!files.has(p)) { problem("missing", p, "not there"); return null; }
      try { return await read(files.get(p), limit); } catch (err) { problem("unreadable", p, err.message); return null; }
    };
    const open = async (dir, kind) => {
      const s = { seal: null, id: "", key: null, manifest: null, listed: false, token: "", text: null };
      const text = await get(dir + SEAL, MAX_SEAL);
      if (!text) return s;
      s.id = await sha256(text);
      s.text = text;
      const sig = await get(dir + SIG, MAX_SEAL);
      if (sig) {
        try { s.key = await verifySignature(sig, text, NAMESPACE); } catch (err) {
          if (err instanceof CannotCheck) { s.cannot = true; r.cannot.push(err.message); } else problem("signature", dir + SIG, err.message);
        }
      }
      if (files.has(dir + TOKEN)) {
        const token = await get(dir + TOKEN, MAX_SEAL);
        if (token) s.token = await sha256(token);
      }
      let seal;
      try { seal = parseSeal(text); } catch (err) { problem("malformed", dir + SEAL, err.message); return s; }
      if (seal.kind !== kind || seal.sumsPath !== dir + SUMS) {
        problem("malformed", dir + SEAL, `this is the seal of a ${seal.kind} over ${seal.sumsPath}`);
        return s;
      }
      s.seal = seal;
      const sums = await get(dir + SUMS, MAX_SUMS);
      if (!sums) return s;
      const fitting = await sha256(sums) === seal.sums;
      if (!fitting) problem("changed", dir + SUMS, "not the list of files that was sealed");
      let m;
      try { m = parseManifest(sums); } catch (err) { problem("malformed", dir + SUMS, err.message); return s; }
      s.manifest = m;
      if (fitting && (m.length !== seal.files || await root(m) !== seal.root)) {
        problem("malformed", dir + SEAL, "its count of files or its root does not fit its list of files");
        return s;
      }
      s.listed = fitting;
      return s;
    };

    const p = await open("", "package");
    r.seal = p.seal; r.key = p.key; r.id = p.id; r.token = p.token !== "";

    // content
    const start = r.problems.length, manifest = p.manifest || [];
    const listed = new Map(manifest.map((e) => [e.path, e.sum])), byContent = new Map();
    for (const e of manifest) if (!byContent.has(e.sum)) byContent.set(e.sum, e.path);
    for (const e of manifest) if (!files.has(e.path)) problem("missing", e.path, "listed in the seal, and not there");
    for (const [path, why] of refused) problem("refused", path, why);
    const look = [...files.keys()].filter((f) => !refused.has(f) && (listed.has(f) || !own.has(f)));
    let next = 0, done = 0, matching = 0;
    await Promise.all(Array.from({ length: 4 }, async () => {
      while (next < look.length) {
        const path = look[next++];
        try {
          const sum = await hashOf(files.get(path)), other = byContent.get(sum);
          if (!listed.has(path)) problem("added", path, "not listed in the seal" + (other ? `; its content is that of ${other}` : ""));
          else if (listed.get(path) === sum) matching++;
          else problem("changed", path, "not what was sealed" + (other ? `: its content is what is listed for ${other}` : ""));
        } catch (err) { problem("unreadable", path, err.message); }
        progress(++done, look.length);
      }
    }));
    if (!p.manifest) level("content", "failed", "cannot be checked without a readable seal and list of files");
    else if (!p.listed || r.problems.length > start) level("content", "failed", `${matching} of ${manifest.length} listed files are as listed; what differs is named below`);
    else level("content", "held", `${matching} files, each as listed in the seal, and no other`);

    // what is kept back
    const keptBack = async () => {
      const wrong = (path, says) => problem("withheld", path, says), at = (name) => "full/" + name;
      const text = await get(at(SEAL), MAX_SEAL);
      if (!text) return null;
      if (await sha256(text) !== p.seal.full) { wrong(at(SEAL), `not the seal of the full package that this one names, ${p.seal.full}`); return null; }
      let seal, key, list;
      try { seal = parseSeal(text); } catch (err) { problem("malformed", at(SEAL), err.message); return null; }
      if (seal.kind !== "package" || seal.full || ["organisation", "period", "run", "commit", "chain", "sample"].some((f) => seal[f] !== p.seal[f])) {
        wrong(at(SEAL), "the seal of something else: not of the full package of the same organisation, period, run and commit");
        return null;
      }
      const sig = await get(at(SIG), MAX_SEAL);
      if (!sig) return null;
      try { key = await verifySignature(sig, text, NAMESPACE); } catch (err) {
        if (!(err instanceof CannotCheck)) { problem("signature", at(SIG), err.message); return null; }
      }
      if (key && (!p.key || key.blob !== p.key.blob)) { problem("signature", at(SIG), `the full package was sealed with another key, ${key.fingerprint}`); return null; }
      const sums = await get(at(SUMS), MAX_SUMS);
      if (!sums) return null;
      if (await sha256(sums) !== seal.sums) { problem("changed", at(SUMS), "not the list of files of the full package"); return null; }
      try { list = parseManifest(sums); } catch (err) { problem("malformed", at(SUMS), err.message); return null; }
      if (list.length !== seal.files || await root(list) !== seal.root) { problem("malformed", at(SEAL), "its count of files or its root does not fit its list of files"); return null; }
      const read = async (name) => {
        if (!files.has(name)) return [];
        const b = await get(name, MAX_SUMS);
        try { return b ? parseManifest(b) : []; } catch (err) { problem("malformed", name, err.message); return []; }
      };
      const withheld = await read(WITHHELD), altered = await read(ALTERED), was = new Map(list.map((e) => [e.path, e.sum])), named = new Map();
      for (const [name, m] of [[WITHHELD, withheld], [ALTERED, altered]]) {
        for (const e of m) {
          if (was.get(e.path) !== e.sum) wrong(name, `it names ${e.path} with a hash that the full package does not list`);
          if (named.has(e.path)) wrong(e.path, "both withheld and altered");
          named.set(e.path, name);
        }
      }
      for (const e of list) {
        const here = listed.has(e.path), as = listed.get(e.path) === e.sum, name = named.get(e.path);
        if (!name && !here) wrong(e.path, "the full package has it, and it is neither here nor named as withheld");
        else if (!name && !as) wrong(e.path, "other than in the full package, and not named as altered");
        else if (name === WITHHELD && here) wrong(e.path, "named as withheld, and it is here");
        else if (name === ALTERED && !here) wrong(e.path, "named as altered, and it is not here");
        else if (name === ALTERED && as) wrong(e.path, "named as altered, and it is as in the full package");
      }
      for (const e of manifest) if (!was.has(e.path) && !/^full\/[^/]*$/.test(e.path)) wrong(e.path, "the full package does not have it");
      return { for: p.seal.for, withheld: withheld.length, altered: altered.length };
    };
    const kept = (k) => `${k.withheld} ${k.withheld === 1 ? "file is" : "files are"} withheld and ${k.altered} ${k.altered === 1 ? "file is" : "files are"} altered, each named, with its hash sealed`;
    if (p.seal && p.seal.full) {
      const before = r.problems.length, k = await keptBack();
      if (r.problems.length > before || !k) level("withheld", "failed", "what is kept back is not what the package says; what differs is named below");
      else {
        r.kept = k;
        level("withheld", "held", `${kept(k)}: full/WITHHELD and full/ALTERED name them; everything else is byte for byte as in the full package, whose seal is ${p.seal.full}`);
      }
    } else if (p.seal) {
      const f = [...files.keys()].find((x) => x.startsWith("full/"));
      if (f) problem("withheld", f, "the seal does not say that something is withheld, and here lies the list of another package");
    }

    // signer
    const judge = (key, at) => {
      if (!signers) return { none: true };
      let why = "";
      for (const s of signers) {
        if (s.blob !== key.blob) continue;
        const refusal = allows(s, at);
        if (!refusal) return { who: `${s.principal} (line ${s.line} of the allowed signers)` };
        why = `the key on line ${s.line} of the allowed signers is ${refusal}`;
      }
      return why ? { why } : { unlisted: true };
    };
    const held = () => r.levels.find((l) => l.name === "signer").state === "held";
    if (p.cannot) level("signer", "unknown", "this browser cannot check this kind of signature; the command below does");
    else if (!p.key) level("signer", "failed", "no signature that fits the seal");
    else if (!p.seal) level("signer", "failed", `what key ${p.key.fingerprint} signed is not a seal`);
    else {
      const j = judge(p.key, p.seal.claimed);
      if (j.who) level("signer", "held", `${j.who}, key ${p.key.fingerprint}`);
      else if (j.none) level("signer", "unknown", `key ${p.key.fingerprint}; no list of allowed signers was given, so whose key that is, is not known`);
      else if (j.unlisted) {
        problem("unlisted", SIG, `signed by a key you have not listed: ${p.key.fingerprint}`);
        level("signer", "unknown", `signed by a key you have not listed: ${p.key.fingerprint}`);
      } else { problem("signature", SIG, j.why); level("signer", "failed", j.why); }
    }

    // second signatures
    const reviews = async (s, dir) => {
      const out = { by: [], unknown: [] };
      for (let n = 1; n <= REVIEWS && s.seal; n++) {
        const file = dir + reviewName(n), sig = files.has(file) && await get(file, MAX_SEAL);
        if (!sig) continue;
        let key;
        try { key = await verifySignature(sig, s.text, REVIEW); } catch (err) {
          if (err instanceof CannotCheck) { r.cannot.push(err.message); out.unknown.push("a kind that this browser cannot check"); } else problem("signature", file, err.message);
          continue;
        }
        if (s.key && key.blob === s.key.blob) { problem("signature", file, "signed with the key that sealed: a second signature is by somebody else"); continue; }
        if (!signers) { out.unknown.push(key.fingerprint); continue; }
        let who = null, why = "";
        for (const l of signers) {
          if (l.blob !== key.blob) continue;
          const refusal = allows(l, l.after && s.seal.claimed < l.after ? l.after : s.seal.claimed, REVIEW);
          if (refusal) { why = `the key on line ${l.line} of the allowed signers is ${refusal}`; continue; }
          if (s.key && signers.some((f) => f.blob === s.key.blob && f.principal === l.principal)) why = `signed by ${l.principal}, who sealed: a second signature is by somebody else`;
          else { who = l.principal; why = ""; }
          break;
        }
        if (why) problem("signature", file, why);
        else if (who === null) problem("unlisted", file, `signed by a key you have not listed: ${key.fingerprint}`);
        else if (out.by.some((b) => b.who === who)) problem("signature", file, `signed by ${who}, who signed a second time already`);
        else out.by.push({ who, key: key.fingerprint });
      }
      return out;
    };
    const second = await reviews(p, "");
    if (p.seal) {
      const n = second.by.length + second.unknown.length;
      if (n < p.seal.reviewers) {
        const why = `the seal asks for ${p.seal.reviewers} ${p.seal.reviewers === 1 ? "signature" : "signatures"} of a reviewer, and ${n === 0 ? "none is" : n === 1 ? "1 is" : n + " are"} there`;
        problem("review", SEAL, why);
        level("review", "failed", why);
      } else if (second.unknown.length > 0) level("review", "unknown", `signed a second time with the key ${second.unknown[0]}; no list of allowed signers was given, so whose it is, is not known`);
      else if (second.by.length > 0) level("review", "held", `signed a second time by ${second.by.map((b) => `${b.who}, key ${b.key}`).join(", ")}; when is not proved`);
    }

    // chain
    const chainStart = r.problems.length, links = [];
    const names = new Set();
    for (const f of files.keys()) {
      const name = /^runs\/([^/]+)(\/|$)/.exec(f);
      if (name) { try { parseRunName(name[1]); names.add(name[1]); } catch { /* not a run: the content says what it is */ } }
    }
    for (const name of [...names].sort((a, b) => parseRunName(a) - parseRunName(b) || (a < b ? -1 : 1))) {
      const l = await open(`runs/${name}/`, "run"), before = links.at(-1), number = parseRunName(name), last = before ? parseRunName(before.name) : 0;
      l.name = name;
      links.push(l);
      await reviews(l, `runs/${name}/`);
      if (number === last) problem("chain", "runs/" + name, `forked: there is another run ${number}, ${before.name}`);
      else if (number !== last + 1) problem("chain", "runs/" + name, `dropped: no run ${number - 1} before it`);
      if (!l.seal) continue;
      const file = `runs/${name}/${SEAL}`, id = before ? before.id : "", token = before ? before.token : "";
      if (l.seal.previous !== id) problem("chain", file, !id ? `it names a run before it, ${l.seal.previous}, which is not there` : !l.seal.previous ? `it says it is the first run, and ${before.name} is before it` : `it follows the seal ${l.seal.previous}, and that of ${before.name} is ${id}`);
      if (l.seal.previousToken && l.seal.previousToken !== token) problem("chain", file, "the timestamp token of the run before it was there when this was sealed, and is gone or changed");
    }
    for (const l of links) {
      if (!l.key || !l.seal) continue;
      const j = judge(l.key, l.seal.claimed), file = `runs/${l.name}/${SIG}`, mine = p.key && p.key.blob === l.key.blob;
      if (j.why) problem("signature", file, j.why);
      else if (!j.who && !mine && !(j.none && !p.key)) problem("unlisted", file, j.none ? `signed by another key than the newest seal, ${l.key.fingerprint}: give the allowed signers to say whether it may` : `signed by a key you have not listed: ${l.key.fingerprint}`);
    }
    let says = "no older seal was given, and a chain rebuilt from its start with the same key would look like this one: keep this SEAL.txt and give it next time";
    if (since) {
      const want = since.kind === "package" ? since.chain : sinceID, found = links.find((l) => l.id === want);
      if (found) says = `the seal you kept is among them, or was made from ${found.name}, which is`;
      else problem("chain", "runs", `rebuilt or shortened chain: the seal you kept (of ${since.organisation}, run ${since.run}) is not in it`);
    }
    if (p.seal) {
      const last = links.at(-1);
      if (!last) problem("missing", "runs", `the package names run ${p.seal.run}, and carries no run`);
      else {
        if (last.name !== p.seal.run) problem("chain", "runs/" + last.name, `the package was made from run ${p.seal.run}, and the newest it carries is ${last.name}`);
        else if (last.id && last.id !== p.seal.chain) problem("chain", `runs/${last.name}/${SEAL}`, `not the run the package was made from: its seal is ${last.id}, and the package names ${p.seal.chain}`);
        if (last.seal && last.seal.organisation !== p.seal.organisation) problem("chain", `runs/${last.name}/${SEAL}`, `a run of ${last.seal.organisation} in a package of ${p.seal.organisation}`);
        for (const l of links) if (l.seal && l.seal.sample && !p.seal.sample) problem("chain", `runs/${l.name}/${SEAL}`, "a run over SAMPLE data in a package that does not say SAMPLE");
      }
    }
    if (r.problems.length > chainStart) level("chain", "failed", "the chain of runs is not whole; what is wrong with it is named below");
    else if (links.length === 0) level("chain", "not checked", "there is no run");
    else level("chain", held() ? "held" : "unknown", `${links.length} ${links.length === 1 ? "run" : "runs"}, ${links[0].name} to ${links.at(-1).name}, each names the one before, ${held() ? "each signed by a key on your list" : "and whose key signed them is not known"}; ${says}`);
    level("origin", "not checked", "that these pages follow from the evidence is shown by rendering them again: exhibit render --check");
    level("time", "unknown", p.seal ? `claimed only: the clock of the machine that sealed said ${p.seal.claimed}` + (p.token ? "; there is a timestamp token, which this page cannot check" : "") : "no seal to read it from");

    r.problems.sort((a, b) => a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
    r.ok = r.problems.length === 0 && !r.levels.some((l) => l.state === "failed");
    const whole = r.kept ? "what is shared is whole, " + kept(r.kept) : "content whole";
    r.headline = !r.ok ? `REFUSED: ${r.problems.length} ${r.problems.length === 1 ? "problem was" : "problems were"} found.`
      : held() ? whole + (r.kept ? "; " : ", and ") + "signed by a key on your list."
        : whole + "; signer NOT checked: without a list of allowed signers, or where the browser cannot check the signature, anybody could have made this.";
    return r;
  }

  return { verify, openZip, folderFiles, fromBlob, parseManifest, parseSeal, parseAllowedSigners, verifySignature, checkPath, root, Sha256, visible, hex, unhex, utf8, latin, unlatin };
})();
if (typeof module !== "undefined") module.exports = exhibit;
