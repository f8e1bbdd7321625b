// Checks pages of psm -o html in a real browser:
//   node page.mjs FOLDER
// FOLDER/pages.json lists the pages, see PageInBrowserTest. Prints a line of JSON for each check: the page, what is
// checked, and the problem, or null. Chromium is started once.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { fileChecks } from './file.mjs';
import { looks } from './looks.mjs';
import { paperChecks } from './paper.mjs';
import { pictureChecks } from './pictures.mjs';
import { tableChecks } from './table.mjs';

const CHROMIUM = process.env.PSM_TEST_CHROMIUM ?? '/usr/bin/chromium';

// What keeps a browser from asking for anything that no page wants, and for what a container lacks.
const FLAGS = [
  '--disable-quic',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

const SIZE = { width: 1280, height: 900 };

// How many milliseconds a step may take: more than on any busy machine.
const PATIENCE = 90_000;

const folder = resolve(process.argv[2]);
const pages = JSON.parse(readFileSync(join(folder, 'pages.json'), 'utf8'));

function report(page, check, problem) {
  process.stdout.write(JSON.stringify({ page, check, problem }) + '\n');
}

// Runs a check. It returns or throws a problem; what it returns may be a list of them.
async function run(page, check, body) {
  try {
    const problems = [await body()].flat().filter(Boolean);
    const shown = problems.slice(0, 5).join('\n');
    report(page.name, check, problems.length ? `${problems.length} problems:\n${shown}` : null);
  } catch (e) {
    report(page.name, check, String(e.stack ?? e));
  }
}

function reportOf(page) {
  return JSON.parse(readFileSync(join(folder, page.json), 'utf8'));
}

// Opens a page in a window, and records what it asks for and says, until it is closed.
async function open(context, page) {
  const tab = await context.newPage();
  const noise = [];
  const url = pathToFileURL(join(folder, page.html)).href;
  tab.on('request', (request) => {
    if (request.url() !== url) {
      noise.push('asks for ' + request.url());
    }
  });
  tab.on('console', (message) => noise.push('says ' + message.text()));
  tab.on('pageerror', (error) => noise.push('fails: ' + error));
  tab.on('dialog', (dialog) => {
    noise.push('shows a dialog: ' + dialog.message());
    dialog.dismiss();
  });
  await tab.goto(url);
  return { tab, noise };
}

async function checkInBrowser({ usual }, page) {
  const json = reportOf(page);
  const { tab, noise } = await open(usual, page);
  const visit = { page, json, tab, folder };
  const checks = page.table ? tableChecks(visit) : [...pictureChecks(visit), ...tableChecks(visit), ...looks(visit)];
  for (const [name, check] of checks) {
    await run(page, name, () => check(tab));
  }
  for (const [name, check] of paperChecks(visit)) {
    await run(page, name, () => check(tab));
  }
  await run(page, 'asks for nothing and says nothing', () => noise);
  await tab.close();
}

async function checkWithoutScript({ scriptless }, page) {
  const json = reportOf(page);
  const { tab, noise } = await open(scriptless, page);
  await run(page, 'shows whole without script', async () => {
    const seen = await tab.evaluate(() => ({
      rows: [...document.querySelectorAll('#rows tbody tr')].filter((r) => r.getBoundingClientRect().height > 0)
        .length,
      pictures: [...document.querySelectorAll('figure')].filter((f) => f.querySelector('svg')?.checkVisibility()).length,
      controls: document.querySelectorAll('button, input, [tabindex="-1"]').length,
    }));
    return [
      seen.rows !== json.rows.length && `${seen.rows} rows of ${json.rows.length}`,
      seen.pictures < (page.pictures ?? 0) && `${seen.pictures} pictures of ${page.pictures}`,
      seen.controls > 0 && `${seen.controls} controls that do nothing`,
      ...noise,
    ];
  });
  await tab.close();
}

const profile = mkdtempSync(join(tmpdir(), 'psm-chromium-'));
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: FLAGS,
  timeout: PATIENCE,
  chromiumSandbox: process.getuid() !== 0,
  env: { ...process.env, HOME: profile, TZ: 'UTC' },
});
const windows = {
  usual: await browser.newContext({ viewport: SIZE }),
  scriptless: await browser.newContext({ viewport: SIZE, javaScriptEnabled: false }),
};
Object.values(windows).forEach((context) => context.setDefaultTimeout(PATIENCE));

async function work(queue) {
  for (let page = queue.shift(); page; page = queue.shift()) {
    for (const [name, check] of fileChecks({ page, folder, pages })) {
      await run(page, name, check);
    }
    await checkInBrowser(windows, page);
    await checkWithoutScript(windows, page);
  }
}

try {
  // Two at a time, since the browser has processes of its own.
  const queue = pages.filter((page) => !page.pattern);
  await Promise.all([work(queue), work(queue)]);
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}
