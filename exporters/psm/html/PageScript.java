package psm.html;

import psm.svg.PictureScript;

/**
 * The script of the page: it sorts tables by their columns, and filters the rows by their names. It
 * is the same for all reports, so that its hash is; data stands in the page alone.
 */
final class PageScript {
    static final String TEXT =
            """
            'use strict';
            {
              const all = (selector, within = document) => [...within.querySelectorAll(selector)];
              const key = (cell, kind) => ({
                missing: cell.classList.contains('x'),
                value: kind === 't' ? cell.textContent
                  : kind === 'n' ? parseFloat(cell.textContent) || 0 : 0,
                rank: +cell.dataset.v || 0,
              });
              const compare = (a, b, kind) => kind === 't'
                ? a.value.localeCompare(b.value, 'en')
                : a.value - b.value || a.rank - b.rank;

              // Rows of a tree stay below their parents.
              const sort = (body, column, kind, down) => {
                const top = {below: []};
                const path = [top];
                for (const row of body.rows) {
                  const depth = Math.min(+row.dataset.d || 0, path.length - 1);
                  const item = {row, key: key(row.cells[column], kind), below: []};
                  path[depth].below.push(item);
                  path.length = depth + 1;
                  path.push(item);
                }
                // Without recursion, since trees may be deep.
                const left = [top];
                for (let item; item = left.pop();) {
                  if (item.row) body.append(item.row);
                  item.below.sort((a, b) => a.key.missing - b.key.missing
                    || (down ? compare(b.key, a.key, kind) : compare(a.key, b.key, kind)));
                  left.push(...item.below.reverse());
                }
              };

              for (const table of all('table.s')) {
                all('th[data-s]', table).forEach((th, column) => {
                  const button = document.createElement('button');
                  button.type = 'button';
                  button.append(...th.childNodes);
                  th.append(button);
                  button.onclick = () => {
                    const order = th.getAttribute('aria-sort');
                    const down = order ? order === 'ascending' : th.dataset.s !== 't';
                    all('th[aria-sort]', table).forEach(e => e.removeAttribute('aria-sort'));
                    th.setAttribute('aria-sort', down ? 'descending' : 'ascending');
                    sort(table.tBodies[0], column, th.dataset.s, down);
                  };
                });
              }

              const rows = all('#rows tbody tr');
              if (rows.length > 1) {
                const texts = rows.map(row => all('th,td.n', row)
                  .map(cell => cell.textContent.toLowerCase()).join('\\n'));
                const find = document.createElement('p');
                find.className = 'find';
                find.innerHTML = '<label>Filter by name <input type=search></label> <output></output>';
                document.getElementById('rows').parentNode.before(find);
                const [label, output] = find.children;
                const input = label.lastChild;
                input.oninput = () => {
                  const words = input.value.toLowerCase().split(' ');
                  let shown = 0;
                  let depth = 0;
                  // From the last row, so that parents follow what is found below them.
                  for (let i = rows.length; i--;) {
                    const own = +rows[i].dataset.d || 0;
                    const found = own < depth || words.every(word => texts[i].includes(word));
                    rows[i].hidden = !found;
                    shown += found;
                    depth = found ? own : depth;
                  }
                  output.textContent = input.value
                    ? `${shown} of ${rows.length} rows; totals are of all` : '';
                };
                input.onkeydown = event => {
                  if (event.key === 'Escape') {
                    input.value = '';
                    input.oninput();
                  }
                };
              }
            }
            """
                            // Without indentation and comments, which browsers do not need.
                            .replaceAll("\n(\\s*(//.*\n)?)*", "\n")
                    + PictureScript.TEXT;

    private PageScript() {}
}
