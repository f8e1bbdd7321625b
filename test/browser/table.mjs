// Checks of the table of rows: its order and its filter, by the JSON of the same report.

// The titles of columns, and their keys in JSON. A report with another column needs a line here.
const KEYS = {
  RAM: 'pss_bytes',
  SHARED: 'shared_bytes',
  SWAPPED: 'swap_bytes',
  'COUNT BEFORE': 'count_before',
  BEFORE: 'before_bytes',
  AFTER: 'after_bytes',
  CHANGE: 'change_bytes',
  NEW: 'new_bytes',
  ENDED: 'ended_bytes',
  GROWN: 'grown_bytes',
  'SWAP BEFORE': 'swap_before_bytes',
  'SWAP AFTER': 'swap_after_bytes',
  PROCESS: 'program',
  PID: 'pid',
  USER: 'user',
  COMMAND: 'command',
};

// Remembers which row of the JSON each row of the page shows.
function rememberRows() {
  [...document.querySelectorAll('#rows tbody tr')].forEach((row, i) => (row.index = i));
}

// The titles of columns that are sorted from the first letter on at first.
const TEXTS = new Set(['PROCESS', 'USER', 'COMMAND']);

// A report of changes has another key for how many processes there are.
function keyOf(title, row) {
  return title === 'COUNT' ? ('count_after' in row ? 'count_after' : 'count') : KEYS[title];
}

function titles() {
  return [...document.querySelectorAll('#rows thead th')].map((th) => {
    const copy = th.cloneNode(true);
    copy.querySelectorAll('small').forEach((unit) => unit.remove());
    return copy.textContent.trim();
  });
}

// Returns the state of a column, and its rows in the order that the page shows.
function state(column) {
  const th = document.querySelectorAll('#rows thead th')[column];
  const rows = [...document.querySelectorAll('#rows tbody tr')];
  return {
    sort: th.getAttribute('aria-sort'),
    sorted: document.querySelectorAll('#rows [aria-sort]').length,
    order: rows.map((row) => row.index),
  };
}

// Returns whether values are in order, the missing ones last. Texts are compared as the page's language does; figures
// are in order by what is not shown of them, too.
function inOrder(values, descending) {
  const sign = descending ? -1 : 1;
  return values.every((value, i) => {
    const before = values[i - 1];
    if (i === 0 || value === null || value === undefined) {
      return true;
    }
    if (before === null || before === undefined) {
      return false;
    }
    return typeof value === 'number'
      ? sign * (before - value) <= 0
      : sign * before.localeCompare(value, 'en') <= 0;
  });
}

// Returns the rows of a tree below each row, by the index of the row; those at the top are below -1.
function children(depths) {
  const below = new Map();
  const path = [];
  depths.forEach(([index, depth]) => {
    path[depth] = index;
    const parent = depth > 0 ? path[depth - 1] : -1;
    below.set(parent, [...(below.get(parent) ?? []), index]);
  });
  return below;
}

// Returns what is wrong with the order of the rows; in a tree, rows must be in order below their own parent.
function misplaced(json, page, order, key, descending) {
  const depths = json.rows.map((row, index) => [index, page.tree ? row.depth : 0]);
  const sorted = children(order.map((index) => depths[index]));
  const family = (below) => JSON.stringify([...below].map(([p, c]) => [p, [...c].sort()]).sort());
  return [
    family(sorted) !== family(children(depths)) && 'rows are not below their parents',
    ...[...sorted.values()].map((indexes) => {
      const values = indexes.map((index) => json.rows[index][key]);
      return !inOrder(values, descending) && `${descending ? 'descending' : 'ascending'}: ${values.slice(0, 20)}`;
    }),
  ];
}

async function checkOrder({ tab, json, page }, column, title, act, descending) {
  await act();
  const { sort, sorted, order } = await tab.evaluate(state, column);
  return [
    sort !== (descending ? 'descending' : 'ascending') && `${title} says ${sort}`,
    sorted !== 1 && `${sorted} columns say that they are sorted`,
    new Set(order).size !== json.rows.length && `${title}: ${order.length} rows of ${json.rows.length}`,
    ...misplaced(json, page, order, keyOf(title, json.rows[0]), descending).map((problem) => problem && `${title}: ${problem}`),
  ];
}

async function sorts(visit) {
  const { tab, json } = visit;
  const problems = [];
  const all = await tab.evaluate(titles);
  const keys = all.filter((title) => keyOf(title, json.rows[0]) in json.rows[0]);
  if (keys.length !== all.length) {
    problems.push(`columns ${all}, of which only ${keys} are known`);
  }
  for (const [column, title] of all.entries()) {
    const button = tab.locator('#rows thead th').nth(column).locator('button');
    const isText = TEXTS.has(title);
    // The mouse waits for what moves: once is enough.
    const click = () => (column === 0 ? button.click() : button.evaluate((e) => e.click()));
    problems.push(...(await checkOrder(visit, column, title, click, !isText)));
    problems.push(...(await checkOrder(visit, column, title, click, isText)));
  }
  return problems;
}

// Sorts the first column, by the keys that press a button.
async function sortsByKeyboard(visit) {
  const { tab, json } = visit;
  const title = (await tab.evaluate(titles))[0];
  const button = tab.locator('#rows thead th').first().locator('button');
  const isText = TEXTS.has(title);
  await tab.locator('#rows thead th').last().locator('button').click();
  await button.focus();
  const press = (key) => () => tab.keyboard.press(key);
  return [
    ...(await checkOrder(visit, 0, title, press('Enter'), !isText)),
    ...(await checkOrder(visit, 0, title, press('Space'), isText)),
    (await button.evaluate((e) => getComputedStyle(e).outlineStyle)) === 'none' && 'the focus cannot be seen',
  ];
}

function shownRows(tab) {
  return tab.evaluate(() =>
    [...document.querySelectorAll('#rows tbody tr')].filter((r) => r.offsetHeight > 0).map((r) => r.index),
  );
}

function texts(row) {
  return Object.values(row).filter((value) => typeof value === 'string').join('\n').toLowerCase();
}

// Filters by the middle of a name, the first word of the last row without its first letter, in capital letters. In a
// tree, the parents of what is found are shown too: the last row is that at the greatest depth.
async function filters({ tab, json, page }) {
  const all = json.rows.length;
  const last = page.tree ? json.rows.reduce((a, b) => (b.depth >= a.depth ? b : a)) : json.rows[all - 1];
  const word = last.program.match(/\w+/)[0].slice(1);
  const expected = [];
  json.rows.forEach((row, i) => {
    if (texts(row).includes(word.toLowerCase())) {
      for (let at = i, depth = row.depth ?? 0; depth >= 0 && !expected.includes(at); depth--) {
        expected.push(at);
        while (depth > 0 && json.rows[at].depth !== depth - 1) at--;
      }
    }
  });
  expected.sort((a, b) => a - b);
  const field = tab.getByRole('searchbox');
  const said = tab.locator('output');
  await field.fill(word.toUpperCase());
  const shown = (await shownRows(tab)).sort((a, b) => a - b);
  const words = await said.first().textContent();
  await field.fill('no such name');
  const none = await shownRows(tab);
  await field.press('Escape');
  const left = await shownRows(tab);
  return [
    JSON.stringify(shown) !== JSON.stringify(expected) && `${word}: shows ${shown} in place of ${expected}`,
    !words.includes(`${expected.length} of ${all}`) && `says ${words}`,
    none.length > 0 && `no such name: shows ${none}`,
    left.length !== all && `shows ${left.length} of ${all} after Escape`,
    (await field.inputValue()) !== '' && 'the field is not empty after Escape',
  ];
}

export function tableChecks(visit) {
  const { json, page } = visit;
  const checks = [
    [
      'has a row for each of the JSON',
      async (tab) => {
        await tab.evaluate(rememberRows);
        const rows = await tab.evaluate(() => document.querySelectorAll('#rows tbody tr').length);
        return rows !== json.rows.length && `${rows} rows of ${json.rows.length}`;
      },
    ],
  ];
  if (page.sorts || page.table) {
    checks.push(['sorts by each column', () => sorts(visit)], ['filters by name', () => filters(visit)]);
  }
  if (page.sorts) {
    checks.push(['sorts by keyboard', () => sortsByKeyboard(visit)]);
  }
  return checks;
}
