// What tables gain from a script: sorting and a filter.
(function () {
  'use strict';

  function value(row, column) {
    return row.cells[column] ? row.cells[column].textContent : '';
  }

  // The collator reads digits as numbers, so one comparison serves all columns.
  function sort(table, column, down) {
    var body = table.tBodies[0], rows = Array.prototype.slice.call(body.rows);
    var collate = new Intl.Collator('en', { numeric: true }).compare;
    var keyed = rows.map(function (r, i) { return { r: r, i: i, v: value(r, column) }; });
    keyed.sort(function (a, b) {
      if (!a.v !== !b.v) return a.v ? -1 : 1; // empty cells last, both ways
      return (down ? collate(b.v, a.v) : collate(a.v, b.v)) || a.i - b.i;
    });
    var all = document.createDocumentFragment();
    keyed.forEach(function (k) { all.appendChild(k.r); });
    body.appendChild(all);
  }

  function sortable(table) {
    var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
    heads.forEach(function (th, column) {
      var b = document.createElement('button');
      b.type = 'button';
      b.textContent = th.textContent;
      th.textContent = '';
      th.appendChild(b);
      b.addEventListener('click', function () {
        var down = th.getAttribute('aria-sort') === 'ascending';
        heads.forEach(function (h) { h.removeAttribute('aria-sort'); });
        th.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        sort(table, column, down);
      });
    });
  }

  var made = 0;
  function findable(table, holder) {
    var id = 'find-' + (++made), rows = Array.prototype.slice.call(table.tBodies[0].rows), low = null;
    var box = document.createElement('div'), label = document.createElement('label');
    var input = document.createElement('input'), said = document.createElement('span');
    box.className = 'find';
    label.htmlFor = id;
    label.textContent = 'Filter these rows';
    input.id = id;
    input.type = 'search';
    input.autocomplete = 'off';
    said.setAttribute('role', 'status');
    box.appendChild(label);
    box.appendChild(input);
    box.appendChild(said);
    holder.parentNode.insertBefore(box, holder);
    input.addEventListener('input', function () {
      if (!low) low = rows.map(function (r) { return r.textContent.toLowerCase(); });
      var words = input.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
      rows.forEach(function (r, i) {
        var keep = words.every(function (w) { return low[i].indexOf(w) >= 0; });
        r.hidden = !keep;
        if (keep) shown++;
      });
      said.textContent = words.length ? shown + ' of ' + rows.length + ' rows on this page' : '';
    });
  }

  Array.prototype.forEach.call(document.querySelectorAll('.tw > table'), function (table) {
    if (!table.tHead || !table.tBodies[0] || table.tBodies[0].rows.length < 2) return;
    sortable(table);
    if (table.tBodies[0].rows.length > 12) findable(table, table.parentNode);
  });
})();
