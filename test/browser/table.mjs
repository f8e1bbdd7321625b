// Checks of the table of rows: its order and its filter, by the JSON of the same report.

// The titles of columns, and their keys in JSON. A report with another column needs a line here.
const KEYS = {
  RAM: 'pss_bytes',
  SHARED: 'shared_bytes',
  SWAPPED: 'swap_bytes',
  PROCESS: 'program',
  COUNT: 'count',
  PID: 'pid',
  USER: 'user',
  COMMAND: 'command',
};

// Remembers which row of the JSON each row of the page shows.
function rememberRows() {
  [...document.querySelectorAll('#rows tbody tr')].forEach((row, i) => (row.index = i));
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

// Returns whether values are in order, the missing ones last. Texts are compared as the page's language does.
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
    const order = typeof value === 'number' ? before - value : before.localeCompare(value, 'en');
    return sign * order <= 0;
  });
}

async function checkOrder(tab, json, column, title, act, descending) {
  await act();
  const { sort, sorted, order } = await tab.evaluate(state, column);
  const values = order.map((index) => json.rows[index][KEYS[title]]);
  return [
    sort !== (descending ? 'descending' : 'ascending') && `${title} says ${sort}`,
    sorted !== 1 && `${sorted} columns say that they are sorted`,
    new Set(order).size !== json.rows.length && `${title}: ${order.length} rows of ${json.rows.length}`,
    !inOrder(values, descending) && `${title} ${sort}: ${values.slice(0, 20)}`,
  ];
}

async function sorts(tab, json) {
  const problems = [];
  const all = await tab.evaluate(titles);
  const keys = all.filter((title) => KEYS[title] && KEYS[title] in json.rows[0]);
  if (keys.length !== all.length) {
    problems.push(`columns ${all}, of which only ${keys} are known`);
  }
  for (const [column, title] of all.entries()) {
    const button = tab.locator('#rows thead th').nth(column).locator('button');
    const isText = json.rows.some((row) => typeof row[KEYS[title]] === 'string');
    const click = () => button.click();
    problems.push(...(await checkOrder(tab, json, column, title, click, !isText)));
    problems.push(...(await checkOrder(tab, json, column, title, click, isText)));
  }
  return problems;
}

// Sorts the first column, by the keys that press a button.
async function sortsByKeyboard(tab, json) {
  const title = (await tab.evaluate(titles))[0];
  const button = tab.locator('#rows thead th').first().locator('button');
  const isText = json.rows.some((row) => typeof row[KEYS[title]] === 'string');
  await tab.locator('#rows thead th').last().locator('button').click();
  await button.focus();
  const press = (key) => () => tab.keyboard.press(key);
  return [
    ...(await checkOrder(tab, json, 0, title, press('Enter'), !isText)),
    ...(await checkOrder(tab, json, 0, title, press('Space'), isText)),
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

// Filters by the middle of a name, the first word of the last row without its first letter, in capital letters.
async function filters(tab, json) {
  const all = json.rows.length;
  const word = json.rows[all - 1].program.match(/\w+/)[0].slice(1);
  const expected = json.rows.flatMap((row, i) => (texts(row).includes(word.toLowerCase()) ? [i] : []));
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

export function tableChecks({ json, page }) {
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
  if (page.sorts) {
    checks.push(
      ['sorts by each column', (tab) => sorts(tab, json)],
      ['sorts by keyboard', (tab) => sortsByKeyboard(tab, json)],
      ['filters by name', (tab) => filters(tab, json)],
    );
  }
  return checks;
}
