// Exhibit: what the pages gain from a script. Nothing here is needed to read
// them. A plain script, because from file:// browsers load no modules.
(function () {
  'use strict';

  function copyable(code) {
    var b = document.createElement('button'), said = document.createElement('span');
    b.type = 'button';
    b.textContent = 'Copy citation';
    said.setAttribute('role', 'status');
    b.addEventListener('click', function () {
      function select() {
        var range = document.createRange(), chosen = window.getSelection();
        range.selectNodeContents(code);
        chosen.removeAllRanges();
        chosen.addRange(range);
      }
      function done(ok) { said.textContent = ok ? ' Copied.' : ' Selected: copy it with the keyboard.'; }
      if (navigator.clipboard && navigator.clipboard.writeText) {
        navigator.clipboard.writeText(code.textContent).then(function () { done(true); }, function () { select(); done(false); });
      } else {
        select();
        done(false);
      }
    });
    code.parentNode.parentNode.appendChild(b);
    code.parentNode.parentNode.appendChild(said);
  }

  Array.prototype.forEach.call(document.querySelectorAll('[data-copy]'), copyable);

  // On a narrow window the list of contents starts closed.
  var menu = document.querySelector('.menu');
  if (menu && window.matchMedia('(max-width: 71.99rem)').matches) menu.open = false;

  // A link into folded text opens it.
  function unfold() {
    var id = location.hash.slice(1), el = id && document.getElementById(id);
    for (var e = el; e; e = e.parentElement) if (e.tagName === 'DETAILS') e.open = true;
    if (el) el.scrollIntoView();
  }
  window.addEventListener('hashchange', unfold);
  if (location.hash) unfold();
})();
