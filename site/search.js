// Search over everything in the package. From a folder a page may load nothing
// but scripts, so the index lies in scripts that call exhibitParts and
// exhibitFound; they are loaded when the field is first used, a few at a time.
// A plain scan over lower-cased text: exact, complete, and fast enough.
(function () {
  'use strict';

  var place = document.querySelector('[data-search]');
  if (!place) return;
  var root = place.getAttribute('data-root'), base = place.getAttribute('data-search');
  var MOST = 24;       // parts loaded without being asked: some twenty megabytes
  var parts = null, loaded = 0, wanted = 0, failed = 0, loading = 0, next = 0, entries = [], listeners = [];

  function told() { listeners.forEach(function (f) { f(); }); }

  function load(name) {
    var s = document.createElement('script');
    s.src = base + name;
    s.onload = function () { if (name !== 'parts.js') { loading--; more(); } };
    s.onerror = function () { failed++; if (name !== 'parts.js') { loading--; more(); } told(); };
    document.head.appendChild(s);
  }
  function more() {
    while (parts && loading < 2 && next < wanted) { loading++; load(next++ + '.js'); }
  }
  function start() {
    if (start.done) return;
    start.done = true;
    load('parts.js');
  }

  window.exhibitParts = function (counts) {
    parts = counts;
    wanted = Math.min(MOST, counts.length);
    more();
    told();
  };
  // What is less often looked for stands behind what is more often, where a match is as good.
  var order = ['Criterion', 'Control', 'Check', 'Policy', 'Person', 'Request', 'Walkthrough', 'Population', 'Word', 'Page', 'Section', 'Account', 'Accepted exception', 'Sample', 'Artifact', 'Run', 'Source', 'Listing', 'Finding', 'Item'];
  window.exhibitFound = function (p) {
    var ranks = p.kinds.map(function (k) { var i = order.indexOf(k); return i < 0 ? 11 : i; });
    p.rows.forEach(function (r) {
      var word = r[4] < 0 ? null : p.words[r[4]].split('\n');
      var e = { id: r[0], title: r[1], kind: p.kinds[r[2]], where: r[3] < 0 ? '' : p.places[r[3]], word: word, href: p.pages[r[5]] + (r[6] ? '#' + r[6] : ''), rank: ranks[r[2]] };
      e.low = (e.id + '\n' + e.title + '\n' + e.kind + ' ' + e.where + (word ? ' ' + word[0] : '')).toLowerCase();
      entries.push(e);
    });
    loaded++;
    told();
  };

  function begins(text, word) { // at the start of a word of it
    for (var i = text.indexOf(word); i > 0; i = text.indexOf(word, i + 1)) {
      if (!/[a-z0-9]/.test(text.charAt(i - 1))) return true;
    }
    return i === 0;
  }
  // Exact id, then how it begins, then words of id and title, then anywhere.
  function score(e, query, words) {
    var id = e.low.slice(0, e.id.length), title = e.low.slice(e.id.length + 1, e.id.length + 1 + e.title.length);
    if (id === query || !id && title === query) return 0;
    if (id && id.lastIndexOf(query, 0) === 0) return 1;
    if (title.lastIndexOf(query, 0) === 0) return 2;
    if (id && begins(id, query)) return 3;
    if (begins(title, query)) return 4;
    var all = id + ' ' + title;
    if (words.every(function (w) { return begins(all, w); })) return 5;
    return words.every(function (w) { return all.indexOf(w) >= 0; }) ? 6 : 7;
  }
  function find(text) {
    var query = text.trim().toLowerCase().replace(/\s+/g, ' '), words = query.split(' ').filter(Boolean), hits = [];
    if (!words.length) return hits;
    words.sort(function (a, b) { return b.length - a.length; });
    scan: for (var i = 0; i < entries.length; i++) {
      var e = entries[i];
      for (var n = 0; n < words.length; n++) if (e.low.indexOf(words[n]) < 0) continue scan;
      hits.push(e);
    }
    // A common word has thousands of hits: those are put into few heaps, not sorted.
    var heaps = [];
    hits.forEach(function (e) { var s = score(e, query, words) * 32 + e.rank; (heaps[s] = heaps[s] || []).push(e); });
    return [].concat.apply([], heaps.filter(Boolean));
  }
  function standing() {
    if (failed) return 'A file of the index could not be read: the result is not whole. ';
    if (!parts) return 'Loading the index. ';
    if (loaded < wanted) return 'Still loading: part ' + loaded + ' of ' + wanted + '. ';
    if (wanted < parts.length) return 'Only the first ' + wanted + ' of ' + parts.length + ' parts of the index are searched; the page of the search can look at the rest. ';
    return '';
  }

  function el(name, className, text) {
    var e = document.createElement(name);
    if (className) e.className = className;
    if (text) e.textContent = text;
    return e;
  }
  // The words looked for are marked, as text only.
  function marked(holder, text, words) {
    var low = text.toLowerCase(), at = 0;
    if (low.length !== text.length) { holder.textContent = text; return; }
    while (at < text.length) {
      var first = -1, length = 0;
      words.forEach(function (w) {
        var i = low.indexOf(w, at);
        if (i >= 0 && (first < 0 || i < first || i === first && w.length > length)) { first = i; length = w.length; }
      });
      if (first < 0) break;
      holder.appendChild(document.createTextNode(text.slice(at, first)));
      holder.appendChild(el('mark', '', text.slice(first, first + length)));
      at = first + length;
    }
    holder.appendChild(document.createTextNode(text.slice(at)));
  }
  function describe(holder, e, words, head) {
    var line = el(head, 'sn');
    if (e.id) { var id = el('code'); marked(id, e.id, words); line.appendChild(id); line.appendChild(document.createTextNode(' ')); }
    var title = el('span'); marked(title, e.title, words); line.appendChild(title);
    if (head === 'a') line.href = root + e.href;
    holder.appendChild(line);
    var says = el('span', 'sw');
    if (e.word) { says.appendChild(el('span', 'st ' + e.word[1], e.word[0])); }
    says.appendChild(el('span', '', e.kind));
    if (e.where) says.appendChild(el('span', '', e.where));
    holder.appendChild(says);
  }
  function wordsOf(text) { return text.trim().toLowerCase().split(/\s+/).filter(Boolean); }

  // The field at the head of every page: a combobox over a list of the best.
  var SHOWN = 12;
  (function () {
    var input = el('input'), label = el('label', 'vh', 'Search this package'), box = el('ul', 'sr'), said = el('p', 'vh'), foot = el('p', 'sf');
    var wrap = el('div', 'seek'), pop = el('div', 'sp'), hits = [], at = -1;
    input.id = 'seek'; input.type = 'text'; input.autocomplete = 'off'; input.spellcheck = false;
    input.placeholder = 'Search  ( / )';
    label.htmlFor = 'seek';
    input.setAttribute('role', 'combobox'); input.setAttribute('aria-autocomplete', 'list');
    input.setAttribute('aria-expanded', 'false'); input.setAttribute('aria-controls', 'seek-list');
    box.id = 'seek-list'; box.setAttribute('role', 'listbox'); box.setAttribute('aria-label', 'Found');
    said.setAttribute('role', 'status'); pop.hidden = true;
    pop.appendChild(box); pop.appendChild(foot);
    [label, input, pop, said].forEach(function (e) { wrap.appendChild(e); });
    place.textContent = ''; place.appendChild(wrap);

    function choose(n) {
      var old = box.children[at];
      if (old) { old.removeAttribute('aria-selected'); }
      at = n;
      var now = box.children[at];
      if (now) { now.setAttribute('aria-selected', 'true'); now.scrollIntoView({ block: 'nearest' }); input.setAttribute('aria-activedescendant', now.id); }
      else input.removeAttribute('aria-activedescendant');
    }
    function open(yes) {
      pop.hidden = !yes;
      input.setAttribute('aria-expanded', String(yes && hits.length > 0));
      if (!yes) choose(-1);
    }
    function go(e, aside) {
      if (aside) window.open(root + e.href); else { open(false); location.href = root + e.href; }
    }
    function all() { location.href = root + 'search.html#q=' + encodeURIComponent(input.value.trim()); open(false); }
    function show() {
      var words = wordsOf(input.value);
      if (!words.length) { hits = []; open(false); said.textContent = ''; return; }
      var kept = at >= 0 ? hits[at] : null;
      var every = find(input.value), state = standing();
      hits = every.slice(0, SHOWN);
      box.textContent = ''; at = -1; input.removeAttribute('aria-activedescendant');
      hits.forEach(function (e, i) {
        var li = el('li');
        li.id = 'seek-' + i; li.setAttribute('role', 'option');
        describe(li, e, words, 'span');
        li.addEventListener('mousedown', function (ev) { ev.preventDefault(); });
        li.addEventListener('click', function (ev) { go(e, ev.ctrlKey || ev.metaKey); });
        box.appendChild(li);
      });
      box.hidden = !hits.length;
      var count = every.length === 1 ? '1 found' : every.length + ' found';
      foot.textContent = state + count + (every.length > SHOWN ? '. Enter lists all.' : '.');
      said.textContent = foot.textContent;
      open(true);
      if (kept && hits.indexOf(kept) >= 0) choose(hits.indexOf(kept));
    }
    input.addEventListener('focus', start);
    input.addEventListener('input', show);
    listeners.push(function () { if (document.activeElement === input && input.value) show(); });
    input.addEventListener('keydown', function (ev) {
      if (ev.isComposing) return;
      switch (ev.key) {
        case 'ArrowDown': if (pop.hidden) show(); if (hits.length) choose(at + 1 < hits.length ? at + 1 : 0); break;
        case 'ArrowUp': if (hits.length) choose(at > 0 ? at - 1 : hits.length - 1); break;
        case 'Enter': if (at >= 0) go(hits[at], ev.ctrlKey || ev.metaKey); else if (input.value.trim()) all(); break;
        case 'Escape': if (!pop.hidden) open(false); else { input.value = ''; hits = []; } break;
        default: return;
      }
      ev.preventDefault();
    });
    input.addEventListener('blur', function () { open(false); });
    document.addEventListener('keydown', function (ev) {
      var t = ev.target;
      if (ev.key !== '/' || ev.ctrlKey || ev.metaKey || ev.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(t.tagName) || t.isContentEditable) return;
      ev.preventDefault();
      input.focus(); input.select();
    });
  })();

  // The page of the search: all that is found, as links, and the query in the address.
  var here = document.getElementById('search-here');
  if (here) (function () {
    var PAGE = 100, shown = PAGE;
    var wrap = el('div', 'seek-page'), label = el('label', '', 'Look for'), input = el('input'), said = el('p'), out = el('ol', 'sl'), next = el('button', '', 'Show more'), rest = el('button', '', 'Search the remaining parts too');
    input.id = 'seek-all'; input.type = 'search'; input.autocomplete = 'off'; label.htmlFor = 'seek-all';
    said.setAttribute('role', 'status'); next.type = rest.type = 'button'; next.hidden = rest.hidden = true;
    [label, input, said, out, next, rest].forEach(function (e) { wrap.appendChild(e); });
    here.parentNode.insertBefore(wrap, here.nextSibling);
    function show() {
      var words = wordsOf(input.value), every = words.length ? find(input.value) : [];
      out.textContent = '';
      every.slice(0, shown).forEach(function (e) { var li = el('li'); describe(li, e, words, 'a'); out.appendChild(li); });
      said.textContent = words.length ? standing() + (every.length === 1 ? '1 found.' : every.length + ' found.') + (every.length > shown ? ' The best ' + shown + ' are shown.' : '') : '';
      next.hidden = every.length <= shown;
      rest.hidden = !(parts && loaded >= wanted && wanted < parts.length);
    }
    input.addEventListener('focus', start);
    input.addEventListener('input', function () {
      shown = PAGE; start(); show();
      history.replaceState(null, '', input.value.trim() ? '#q=' + encodeURIComponent(input.value.trim()) : location.pathname.replace(/.*\//, ''));
    });
    next.addEventListener('click', function () { shown += PAGE; show(); });
    rest.addEventListener('click', function () { wanted = parts.length; more(); show(); });
    listeners.push(show);
    function fromAddress() {
      var asked = location.hash.lastIndexOf('#q=', 0) === 0 ? [0, location.hash.slice(3)] : /[?&]q=([^&]*)/.exec(location.search);
      if (!asked) return;
      try { input.value = decodeURIComponent(asked[1].replace(/\+/g, ' ')); } catch (e) { return; }
      start(); show();
    }
    window.addEventListener('hashchange', fromAddress);
    fromAddress();
  })();
})();
