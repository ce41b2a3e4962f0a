// A citation for one row or one item: what stands under "Cite as" with the row's own
// id, and the file, line and SHA-256 of the evidence it was decided from.
(function () {
  'use strict';

  var base = document.querySelector('[data-copy]'), place = document.querySelector('[data-search]');
  if (!base || !place) return;
  var root = place.getAttribute('data-root'), told = {}, waiting = {};

  function el(name, className, text) {
    var e = document.createElement(name);
    if (className) e.className = className;
    if (text) e.textContent = text;
    return e;
  }

  // The sums of an account's files lie in a script, loaded when a row is first cited.
  window.exhibitSums = function (account, sums) { told[account] = sums; };
  function sums(account, then) {
    if (told[account]) return then(told[account]);
    if (waiting[account]) { waiting[account].push(then); return; }
    waiting[account] = [then];
    var s = el('script');
    s.src = root + 'data/sums/' + account + '.js';
    s.onload = s.onerror = function () { waiting[account].forEach(function (f) { f(told[account] || {}); }); };
    document.head.appendChild(s);
  }

  // parts of the line on the page: who, period, package, ids, run, commit, sum
  function cite(id, from, sum) {
    var parts = base.textContent.split(' · '), run = parts.findIndex(function (p) { return p.indexOf('run ') === 0; });
    var whose = parts.slice(0, parts[0] === 'SAMPLE' ? 4 : 3), fixed = parts.slice(run, run + 2);
    return whose.concat(id, from ? [from] : [], fixed, sum ? ['sha256 ' + sum] : []).join(' · ');
  }

  var box = null;
  function show(after, text) {
    if (!box) {
      box = el('div', 'cited'); box.setAttribute('role', 'status');
      box.appendChild(el('code')); box.appendChild(el('button', '', 'Copy')); box.appendChild(el('span'));
      box.children[1].type = 'button';
      box.children[1].addEventListener('click', function () {
        function by() {
          var range = document.createRange(), chosen = window.getSelection();
          range.selectNodeContents(box.children[0]); chosen.removeAllRanges(); chosen.addRange(range);
          box.children[2].textContent = ' Selected: copy it with the keyboard.';
        }
        if (navigator.clipboard && navigator.clipboard.writeText) navigator.clipboard.writeText(box.children[0].textContent).then(function () { box.children[2].textContent = ' Copied.'; }, by); else by();
      });
    }
    box.children[0].textContent = text;
    box.children[2].textContent = '';
    after.parentNode.insertBefore(box, after.nextSibling);
  }

  // One item of a listing: its block has a button.
  Array.prototype.forEach.call(document.querySelectorAll('.pre[id^="i-"]'), function (pre) {
    var title = pre.querySelector('.pt'), words = title.firstChild.textContent.trim().match(/^([\s\S]*) \(line (\d+)\)$/), b = el('button', 'cb', 'Cite');
    if (!words) return;
    b.type = 'button';
    b.setAttribute('aria-label', 'Cite ' + words[1]);
    b.addEventListener('click', function () {
      var parts = base.textContent.split(' · '), sum = parts[parts.length - 1].replace('sha256 ', '');
      show(title, cite(words[1], base.getAttribute('data-of') + ':' + words[2], /^[0-9a-f]{64}$/.test(sum) ? sum : ''));
    });
    title.appendChild(b);
  });

  // One finding: whoever follows the link of its id gets its citation over the table.
  function row() {
    var id = location.hash.slice(1), tr = /^F-[0-9a-f]+$/.test(id) && document.getElementById(id);
    if (!tr || tr.tagName !== 'TR') return;
    var links = Array.prototype.map.call(tr.querySelectorAll('a'), function (a) { return { to: a.getAttribute('href').replace(/^(\.\.?\/)+/, ''), says: a.textContent }; });
    var at = links.filter(function (l) { return /^evidence\//.test(l.to); }).pop();
    var line = at && /:(\d+)$/.exec(at.says), page = at ? at.to.split('#')[0].replace(/-part\d+\.html$/, '.html') : '';
    var holder = tr.closest('.tw');
    if (!page || page.split('/').length !== 4) { show(holder.previousSibling || holder, cite(id, '', '')); return; }
    sums(page.split('/')[1], function (all) {
      var file = all[page];
      show(holder.previousSibling || holder, cite(id, (file ? file[0] : at.says.replace(/:\d+$/, '')) + (line ? ':' + line[1] : ''), file ? file[1] : ''));
    });
  }
  window.addEventListener('hashchange', row);
  row();
})();
