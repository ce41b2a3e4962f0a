
/* The page around it: what was chosen goes to exhibit.verify, what comes back is
   shown as text. Nothing that a package says becomes markup. */
if (typeof document !== "undefined") {
  const $ = (id) => document.getElementById(id);
  const el = (tag, text, cls) => {
    const e = document.createElement(tag);
    if (text) e.textContent = exhibit.visible(text);
    if (cls) e.className = cls;
    return e;
  };
  const row = (tag, ...cells) => {
    const r = el("tr");
    cells.forEach((c, i) => { const e = el(i === 0 ? "th" : tag); if (i === 0) e.scope = tag === "th" ? "col" : "row"; e.append(c); r.append(e); });
    return r;
  };
  const grid = (caption, heads, rows) => {
    const t = el("table"), head = el("thead"), body = el("tbody"), h = el("tr");
    t.append(el("caption", caption), head, body);
    heads.forEach((x) => { const e = el("th", x); e.scope = "col"; h.append(e); });
    head.append(h);
    rows.forEach((r) => body.append(row("td", ...r)));
    return t;
  };
  const bytes = async (file) => new Uint8Array(await file.arrayBuffer());
  const SHOWN = 200; // problems on the page; how many more there are is said

  function show(r, withSigners) {
    const box = $("result"), signer = r.levels.find((l) => l.name === "signer").state;
    box.className = !r.ok ? "bad" : signer === "held" ? "good" : "unknown";
    $("headline").textContent = r.headline;
    $("sample").hidden = !(r.seal && r.seal.sample);
    $("key").hidden = !r.id;
    $("fingerprint").textContent = r.key ? `${r.key.fingerprint} (${r.key.kind})` : "no signature that fits, or none that this browser can check";
    $("seal-id").textContent = r.id || "";
    const facts = el("dl");
    if (r.seal) {
      for (const [k, v] of [["Organisation", r.seal.organisation], ...r.seal.for ? [["Made for", r.seal.for]] : [], ["Period", r.seal.period], ["Newest run", r.seal.run], ["Commit", r.seal.commit], ["Files", String(r.seal.files)], ["Root", r.seal.root], ["Claimed time", r.seal.claimed], ["Sealed by", r.seal.tool]]) facts.append(el("dt", k), el("dd", v));
    }
    $("facts").replaceChildren(facts);
    const words = { held: "held", failed: "FAILED", unknown: "unknown", "not checked": "not checked" };
    $("levels").replaceChildren(grid("Each level stands for itself", ["Level", "State", "In words"],
      r.levels.map((l) => [l.name, el("span", words[l.state], l.state === "held" ? "held" : l.state === "failed" ? "failed" : "unknown-word"), document.createTextNode(exhibit.visible(l.says))])));
    $("problems").replaceChildren();
    if (r.problems.length > 0) {
      $("problems").append(el("h3", "What is wrong"), grid(`${r.problems.length} in all` + (r.problems.length > SHOWN ? `, the first ${SHOWN} of them here` : ""), ["Where", "What", "In words"],
        r.problems.slice(0, SHOWN).map((p) => [el("code", p.path || "(no name)"), document.createTextNode(p.kind), document.createTextNode(exhibit.visible(p.says))])));
    }
    const cannot = [];
    const add = (text, command) => cannot.push([text, command]);
    for (const c of new Set(r.cannot)) add(`${c}. Check the signature in the folder of the package, with NAME as your list has it:`, "ssh-keygen -Y verify -f ../allowed_signers -I NAME -n exhibit-seal-v1 -s SEAL.txt.sig < SEAL.txt");
    if (!withSigners) add("Who sealed it: no list of allowed signers was given. Ask for it by another way than the package, and verify again.");
    add("Symbolic links, empty folders, permissions, and hidden files where the browser leaves them out: choose the zip, or in the folder:", "find . ! -type f ! -type d; find . -type d -empty; find . -name '.*'");
    add(r.token ? "The timestamp. There is a token, SEAL.txt.sig.tsr; the time in it is a claim until it is checked against the root certificate of the authority, which you get from the authority:" : "When it was sealed. There is no timestamp token; if there were one (SEAL.txt.sig.tsr) this would check it:",
      "openssl ts -verify -in SEAL.txt.sig.tsr -data SEAL.txt.sig -CAfile tsa-roots.pem");
    add("That the pages follow from the evidence. In the evidence repository:", "exhibit render --check" + (r.seal && /^[0-9a-f]+$/.test(r.seal.commit) ? ` --at ${r.seal.commit}` : ""));
    add("Keys that were revoked, and the times that timestamps prove for keys that were retired:", "exhibit-verify --signers allowed_signers .");
    $("cannot").replaceChildren(...cannot.map(([text, command]) => { const li = el("li", text); if (command) li.append(el("pre", command)); return li; }));
    box.hidden = false;
    box.focus();
  }

  function refuse(message) {
    show({ ok: false, headline: `REFUSED: ${exhibit.visible(message)}`, levels: [{ name: "content", state: "failed", says: message }, { name: "signer", state: "unknown", says: "not reached" }], problems: [], cannot: [], seal: null, key: null }, true);
  }

  async function run() {
    const folder = $("folder").files, zip = $("zip").files, file = $("signers-file").files, pasted = $("signers-text").value;
    if (folder.length > 0 && zip.length > 0) return refuse("a folder and a zip were chosen: choose one");
    if (folder.length === 0 && zip.length === 0) return refuse("choose the folder of a package, or its zip, first");
    const given = {
      signers: file.length > 0 ? await bytes(file[0]) : pasted.trim() !== "" ? exhibit.utf8(pasted) : null,
      since: $("since").files.length > 0 ? await bytes($("since").files[0]) : null,
    };
    const pack = folder.length > 0 ? exhibit.folderFiles(folder) : await exhibit.openZip(zip[0]);
    const r = await exhibit.verify(pack, given, (n, of) => { if (n % 50 === 0 || n === of) $("progress").textContent = `${n} of ${of} files read`; });
    show(r, given.signers !== null);
  }

  $("folder").webkitdirectory = true; // which no standard has, and every browser
  $("ask").addEventListener("submit", async (e) => {
    e.preventDefault();
    $("go").disabled = true;
    $("result").hidden = true;
    $("progress").textContent = "Reading…";
    try {
      if (!window.crypto || !crypto.subtle) throw new Error("this browser gives this page no cryptography: use exhibit-verify");
      await run();
    } catch (err) { refuse(err.message); }
    $("progress").textContent = "";
    $("go").disabled = false;
  });
}
