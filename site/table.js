// What tables gain from a script: sorting by any column, a filter, choices by
// status, account and the like, an address that keeps them, and the rows as CSV.
// A short table is sorted where it stands. A long one lies beside its pages in
// scripts, column by column: they are loaded when it is first filtered or sorted,
// and WINDOW rows are shown at a time.
(function () {
  'use strict';

  var WINDOW = 200, FEW = 12;
  var MOST = 20000;    // rows loaded without being asked
  var CHOICES = ['status', 'coverage', 'severity', 'account', 'region', 'where', 'source', 'cause', 'kind', 'check', 'state', 'verdict', 'owner', 'criticality', 'folder'];
  var URGENT = { exc: 0, gap: 1, hasnot: 2, comp: 3, stmt: 4, none: 5, has: 6, met: 7, na: 8 };
  var collate = new Intl.Collator('en', { numeric: true }).compare;
  var waiting = {}, made = 0;

  function el(name, className, text) {
    var e = document.createElement(name);
    if (className) e.className = className;
    if (text !== undefined && text !== '') e.textContent = text;
    return e;
  }
  function each(list, f) { Array.prototype.forEach.call(list, f); }
  function count(n) { return String(n).replace(/\B(?=(\d{3})+$)/g, ','); }

  // A row is {cells: [{text, shape, href}], el} with el made when it is shown.
  function fromPage(table) {
    var columns = Array.prototype.map.call(table.tHead.rows[0].cells, function (th) {
      return { key: th.getAttribute('data-key') || th.textContent, name: th.textContent, kind: th.classList.contains('n') ? 'n' : 't', th: th };
    });
    var rows = Array.prototype.map.call(table.tBodies[0].rows, function (tr) {
      return { el: tr, cells: Array.prototype.map.call(tr.cells, function (td) {
        var st = td.querySelector('.st');
        return { text: td.textContent, shape: st ? st.className.replace('st ', '') : '' };
      }) };
    });
    return { columns: columns, rows: rows };
  }

  window.exhibitRows = function (part) { if (waiting[part.t]) waiting[part.t](part); };

  function wordLong(s) { return /[^\s]{29}/.test(s); }
  function cellOf(column, c, head, root) {
    var td = el(head ? 'th' : 'td'), inner = td;
    if (head) td.scope = 'row';
    if (column.kind === 'n') td.className = c.text === '0' ? 'n z' : 'n';
    else if (head && column.kind === 'c' || (column.kind === 't' || head) && wordLong(c.text)) td.className = 'a';
    if (!c.text) return td;
    if (c.href) { inner = el('a'); inner.href = root + c.href; td.appendChild(inner); }
    if (column.kind === 's') inner.appendChild(el('span', 'st ' + c.shape, c.text));
    else if (column.kind === 'c') inner.appendChild(el('code', c.text.split('\n').every(function (l) { return l.length <= 24; }) ? 'w' : '', c.text));
    else if (column.kind === 'd') { var t = el('time', '', c.text); t.dateTime = c.text; inner.appendChild(t); }
    else inner.appendChild(document.createTextNode(c.text));
    return td;
  }
  function rowOf(row, columns, head, root) {
    var tr = el('tr');
    if (row.id) tr.id = row.id;
    columns.forEach(function (c, i) { tr.appendChild(cellOf(c, row.cells[i], i === head, root)); });
    return tr;
  }

  function table(t) {
    var holder = t.parentNode, grid = holder.parentNode, data = grid.getAttribute('data-rows'), root = grid.getAttribute('data-root') || '';
    var model = fromPage(t), page = model, parts = Number(grid.getAttribute('data-parts') || 0), total = Number(grid.getAttribute('data-total') || model.rows.length);
    var state = { q: '', sort: '', down: false, at: 0, f: {} }, kept = model.rows, loading = null, loadedRows = model.rows.length, whole = !data, held = [];
    var body = t.tBodies[0], first = Array.prototype.slice.call(body.rows), box, input, said, choices = {}, nav, prev, next, rest, id = 'find-' + (++made);

    function head() {
      each(t.tHead.rows[0].cells, function (th, i) {
        var b = el('button');
        b.type = 'button';
        while (th.firstChild) b.appendChild(th.firstChild); // with the places where a long name may break
        th.appendChild(b);
        b.addEventListener('click', function () {
          var key = model.columns[i].key;
          if (state.sort === key) state.down = !state.down; else { state.sort = key; state.down = false; }
          state.at = 0;
          change();
        });
      });
    }
    // The parts of a long table, one after the other; then the head is made anew, as
    // a part may lack a column that is empty in it.
    function load(all, then) {
      if (whole || loading) { if (loading) loading.push(then); else then(); return; }
      loading = [then];
      var name = data.replace(/.*data\/tables\//, '').replace(/\/$/, ''), n = held.length;
      waiting[name] = function (part) { held[part.n] = part; };
      function done() {
        build();
        whole = held.length === parts;
        var todo = loading;
        loading = null;
        todo.forEach(function (f) { f(); });
      }
      function step() {
        if (n === parts || !all && n > 0 && rowsHeld() >= MOST) return done();
        said.textContent = 'Loading the whole table: part ' + (n + 1) + ' of ' + parts + '.';
        var s = el('script');
        s.src = data + n + '.js';
        s.onload = function () { n++; step(); };
        s.onerror = function () { said.textContent = 'A file of the whole table could not be read. Its pages are below.'; loading = null; };
        document.head.appendChild(s);
      }
      step();
    }
    function rowsHeld() { return held.reduce(function (n, p) { return n + p.rows; }, 0); }
    function build() {
      var columns = [], rows = [];
      held.forEach(function (p) {
        p.columns.forEach(function (c, i) {
          if (!columns.some(function (x) { return x.key === c.key; })) columns.splice(Math.max(i, 0), 0, { key: c.key, name: c.name, kind: c.kind });
        });
      });
      held.forEach(function (p) {
        var of = columns.map(function (x) { return p.columns.filter(function (c) { return c.key === x.key; })[0]; });
        for (var r = 0; r < p.rows; r++) {
          rows.push({ id: p.ids ? p.ids[r] : '', cells: of.map(function (c) {
            if (!c) return { text: '', shape: '' };
            var text = c.text ? c.text[r] : c.at[r] < 0 ? '' : c.words[c.at[r]], shape = '', href = '';
            if (c.kind === 's' && text) { shape = text.slice(text.lastIndexOf('\n') + 1); text = text.slice(0, text.lastIndexOf('\n')); }
            if (c.href && c.href[r]) {
              var cut = c.href[r].indexOf('#');
              href = p.pages[Number(c.href[r].slice(0, cut))] + (c.href[r].length > cut + 1 ? c.href[r].slice(cut) : '');
            }
            return { text: text, shape: shape, href: href };
          }) });
        }
      });
      loadedRows = rows.length;
      var tr = el('tr');
      columns.forEach(function (c) {
        var old = page.columns.filter(function (x) { return x.key === c.key; })[0], th = el('th', old ? old.th.className : c.kind === 'n' ? 'n' : 'm', c.name);
        th.scope = 'col'; th.setAttribute('data-key', c.key);
        tr.appendChild(th);
      });
      t.tHead.textContent = '';
      t.tHead.appendChild(tr);
      model = { columns: columns, rows: rows };
      head();
      facets();
      // The rows of this page stay until another order or choice is asked for.
    }

    function low(r) {
      if (r.low === undefined) r.low = r.cells.map(function (c) { return c.text; }).join('\n').toLowerCase();
      return r.low;
    }
    function asked() { return Boolean(state.q.trim() || state.sort || Object.keys(state.f).length); }
    function choose() {
      var words = state.q.toLowerCase().split(/\s+/).filter(Boolean), picks = [];
      model.columns.forEach(function (c, i) { if (state.f[c.key] !== undefined) picks.push([i, state.f[c.key]]); });
      kept = model.rows.filter(function (r) {
        return picks.every(function (p) { return r.cells[p[0]].text === p[1]; }) && words.every(function (w) { return low(r).indexOf(w) >= 0; });
      });
      var at = model.columns.map(function (c) { return c.key; }).indexOf(state.sort);
      if (at < 0) return;
      var number = model.columns[at].kind === 'n', down = state.down ? -1 : 1;
      kept = kept.map(function (r, i) {
        var c = r.cells[at];
        return { r: r, i: i, v: c.text, n: c.shape ? URGENT[c.shape] : number ? Number(c.text.replace(/[^0-9.-]/g, '')) : 0 };
      }).sort(function (a, b) {
        if (!a.v !== !b.v) return a.v ? -1 : 1; // empty cells last, both ways
        return down * (a.n - b.n || collate(a.v, b.v)) || a.i - b.i;
      }).map(function (k) { return k.r; });
    }
    function show() {
      each(t.tHead.rows[0].cells, function (th, i) {
        if (model.columns[i].key === state.sort) th.setAttribute('aria-sort', state.down ? 'descending' : 'ascending'); else th.removeAttribute('aria-sort');
      });
      var plain = !asked(), says = '';
      if (!data) {
        var shown = kept.length < model.rows.length ? new Set(kept) : null, all = document.createDocumentFragment();
        (plain ? model.rows : kept).forEach(function (r) { r.el.hidden = false; all.appendChild(r.el); });
        if (shown) model.rows.forEach(function (r) { if (!shown.has(r)) { r.el.hidden = true; all.appendChild(r.el); } });
        body.appendChild(all);
        if (!plain) says = count(kept.length) + ' of ' + count(model.rows.length) + ' rows';
      } else {
        var from = Math.min(state.at, Math.max(0, kept.length - 1)), to = Math.min(from + WINDOW, kept.length);
        from -= from % WINDOW; to = Math.min(from + WINDOW, kept.length);
        var rows = document.createDocumentFragment(), at = model.columns.map(function (c) { return c.kind !== 's'; }).indexOf(true);
        if (plain && model === page) first.forEach(function (tr) { rows.appendChild(tr); });
        else kept.slice(from, to).forEach(function (r) { rows.appendChild(rowOf(r, model.columns, at, root)); });
        body.textContent = '';
        body.appendChild(rows);
        grid.classList.toggle('whole', model !== page);
        if (model !== page) {
          says = count(kept.length) + ' of ' + count(whole ? total : loadedRows) + ' rows' + (kept.length > WINDOW ? '; rows ' + count(from + 1) + ' to ' + count(to) + ' are shown' : '');
          if (!whole) says += '. Only the first ' + count(loadedRows) + ' of ' + count(total) + ' rows were looked at';
        }
        prev.disabled = from === 0; next.disabled = to === kept.length;
        nav.hidden = model === page || kept.length <= WINDOW;
        rest.hidden = whole || model === page;
      }
      if (said) said.textContent = says;
    }
    function change(silent) {
      if (input) input.value = state.q;
      load(false, function () {
        Object.keys(choices).forEach(function (key) { choices[key].value = state.f[key] === undefined ? '' : 'v' + state.f[key]; });
        choose();
        show();
        if (!silent) remember();
      });
    }

    // The address keeps what was asked for, so that it can be sent to somebody.
    function remember() {
      var out = ['t=' + encodeURIComponent(t.id)];
      if (state.q.trim()) out.push('q=' + encodeURIComponent(state.q));
      if (state.sort) out.push('s=' + encodeURIComponent(state.sort) + (state.down ? '.desc' : '.asc'));
      Object.keys(state.f).forEach(function (k) { out.push('f.' + encodeURIComponent(k) + '=' + encodeURIComponent(state.f[k])); });
      if (state.at) out.push('r=' + (state.at + 1));
      history.replaceState(null, '', out.length > 1 ? '#' + out.join('&') : location.href.split('#')[0]);
    }
    function recall() {
      var parts = location.hash.slice(1).split('&').map(function (p) {
        var i = p.indexOf('=');
        try { return [decodeURIComponent(p.slice(0, i)), decodeURIComponent(p.slice(i + 1))]; } catch (e) { return ['', '']; }
      });
      if (parts[0][0] !== 't' || parts[0][1] !== t.id) return;
      state = { q: '', sort: '', down: false, at: 0, f: {} };
      parts.forEach(function (p) {
        if (p[0] === 'q') state.q = p[1];
        if (p[0] === 's') { state.sort = p[1].replace(/\.(asc|desc)$/, ''); state.down = /\.desc$/.test(p[1]); }
        if (p[0] === 'r') state.at = Math.max(0, Number(p[1]) - 1 || 0);
        if (p[0].lastIndexOf('f.', 0) === 0) state.f[p[0].slice(2)] = p[1];
      });
      change(true);
    }

    function facets() {
      var n = 0;
      model.columns.forEach(function (c, i) {
        if (CHOICES.indexOf(c.key) < 0 || n === 4) return;
        var values = {}, some = 0;
        for (var r = 0; r < model.rows.length && some < 61; r++) {
          var v = model.rows[r].cells[i].text;
          if (v && values['v' + v] === undefined) { values['v' + v] = 0; some++; }
          if (v) values['v' + v]++;
        }
        if (some < 2 || some > 60) return;
        n++;
        var s = choices[c.key];
        if (!s) {
          var label = el('label', '', c.name + ' ');
          s = choices[c.key] = el('select');
          label.appendChild(s);
          box.insertBefore(label, said);
          s.addEventListener('change', function () {
            if (s.value) state.f[c.key] = s.value.slice(1); else delete state.f[c.key];
            state.at = 0;
            change();
          });
        }
        var was = s.value;
        s.textContent = '';
        var any = el('option', '', 'any'); any.value = ''; s.appendChild(any);
        Object.keys(values).sort(collate).forEach(function (v) {
          var o = el('option', '', v.slice(1).replace(/\n/g, ' ') + ' (' + count(values[v]) + ')');
          o.value = v;
          s.appendChild(o);
        });
        s.value = was;
      });
    }

    // As CSV, as the package's own files: what a spreadsheet could take for a formula
    // gets a ' before it, and the last column says where the row is from.
    function csv() {
      function quote(s) { return /[",\n\r]/.test(s) ? '"' + s.replace(/"/g, '""') + '"' : s; }
      function neutral(s) { return /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(s) ? "'" + s : s; }
      var org = document.querySelector('.org'), stamp = document.querySelector('.foot code'), from = (org ? org.textContent : '');
      each(document.querySelectorAll('.stamp div'), function (d, i) { if (i < 2) from += ' · ' + d.textContent.trim().replace(/\s+/g, ' ').toLowerCase().replace(/^period /, ''); });
      from += stamp ? ' · commit ' + stamp.textContent : '';
      var sample = document.querySelector('.sample'), lines = [(sample ? ['sample'] : []).concat(model.columns.map(function (c) { return c.key; }), 'exhibit')];
      kept.forEach(function (r) {
        lines.push((sample ? ['SAMPLE'] : []).concat(r.cells.map(function (c, i) { return model.columns[i].kind === 'n' ? c.text : neutral(c.text); }), neutral(from)));
      });
      return lines.map(function (l) { return l.map(quote).join(','); }).join('\r\n') + '\r\n';
    }
    function copy() {
      load(false, function () {
        if (data) choose();
        var text = csv();
        function done() { said.textContent = count(kept.length) + ' rows copied as CSV' + (whole ? '.' : ': the first ' + count(loadedRows) + ' of ' + count(total) + ' were looked at.'); }
        function byHand() {
          var area = el('textarea', 'byhand', '');
          area.value = text; area.readOnly = true; area.setAttribute('aria-label', 'The rows as CSV, to copy');
          box.appendChild(area); area.focus(); area.select();
          said.textContent = 'Copy them from the field.';
        }
        if (navigator.clipboard && navigator.clipboard.writeText) navigator.clipboard.writeText(text).then(done, byHand); else byHand();
      });
    }

    head();
    if (total > FEW) {
      box = el('div', 'find'); box.setAttribute('role', 'group'); box.setAttribute('aria-labelledby', 'cap-' + t.id);
      var label = el('label', '', data ? 'Filter all ' + count(total) + ' rows' : 'Filter these rows');
      input = el('input'); input.id = label.htmlFor = id; input.type = 'search'; input.autocomplete = 'off';
      said = el('span'); said.setAttribute('role', 'status');
      var reset = el('button', '', 'Reset'), take = el('button', '', 'Copy as CSV');
      reset.type = take.type = 'button';
      [label, input, said, reset, take].forEach(function (e) { box.appendChild(e); });
      grid.insertBefore(box, holder);
      facets();
      nav = el('nav', 'turnrows'); nav.setAttribute('aria-label', 'Rows shown'); nav.hidden = true;
      prev = el('button', '', 'Rows before'); next = el('button', '', 'Rows after'); rest = el('button', '', 'Look at all ' + count(total) + ' rows');
      [prev, next].forEach(function (b) { b.type = 'button'; nav.appendChild(b); });
      rest.type = 'button'; rest.hidden = true;
      box.insertBefore(rest, reset);
      grid.insertBefore(nav, holder.nextSibling);
      input.addEventListener('focus', function () { if (data) load(false, function () { choose(); show(); }); });
      input.addEventListener('input', function () { state.q = input.value; state.at = 0; change(); });
      prev.addEventListener('click', function () { state.at = Math.max(0, state.at - WINDOW); change(); holder.scrollTop = 0; });
      next.addEventListener('click', function () { state.at += WINDOW; change(); holder.scrollTop = 0; });
      rest.addEventListener('click', function () { load(true, change); });
      reset.addEventListener('click', function () { state = { q: '', sort: '', down: false, at: 0, f: {} }; change(); input.focus(); });
      take.addEventListener('click', copy);
    }
    window.addEventListener('hashchange', recall);
    recall();
  }

  each(document.querySelectorAll('.tw > table'), function (t) {
    if (!t.tHead || !t.tBodies[0] || t.tBodies[0].rows.length < 2 || t.classList.contains('matrix')) return;
    table(t);
  });
})();
