// Checks of the pictures: areas, what the names of processes do to them, and the zoom.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { overlappingLabels, paleLabels, violations } from './looks.mjs';

// How far a sum of areas may be from the whole.
const TOLERANCE = 0.005;

// Returns the areas of each treemap, in the units of its picture and in bytes.
function treemaps() {
  return [...document.querySelectorAll('figure svg')]
    .filter((svg) => svg.querySelector('g[data-b]'))
    .map((svg) => {
      const areas = [...svg.querySelectorAll('g[data-b]')];
      const leaves = areas.filter((g) => !g.querySelector('g[data-b]'));
      const whole = svg.querySelector('g[data-b]');
      return {
        bytes: Number(whole.dataset.b),
        groups: areas
          .filter((g) => g.querySelector('g[data-b]'))
          .map((g) => ({
            title: g.querySelector('title')?.textContent,
            bytes: Number(g.dataset.b),
            parts: [...g.children].filter((e) => e.dataset.b).map((e) => Number(e.dataset.b)),
          })),
        leaves: leaves.map((g) => {
          const rect = g.querySelector(':scope > rect');
          const box = rect?.getBoundingClientRect();
          return {
            title: g.querySelector('title')?.textContent ?? g.textContent,
            bytes: Number(g.dataset.b),
            attributes: rect && ['x', 'y', 'width', 'height'].map((name) => rect.getAttribute(name)),
            box: box && { left: box.left, top: box.top, right: box.right, bottom: box.bottom },
          };
        }),
      };
    });
}

function areaOf({ box }) {
  return (box.right - box.left) * (box.bottom - box.top);
}

// Returns the leaves that lie over another one.
function overlaps(leaves) {
  const sorted = [...leaves].sort((a, b) => a.box.left - b.box.left);
  const problems = [];
  sorted.forEach((a, i) => {
    for (let j = i + 1; j < sorted.length && sorted[j].box.left < a.box.right - 0.1; j++) {
      const b = sorted[j];
      if (Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top) > 0.1) {
        problems.push(`${a.title} and ${b.title} overlap`);
      }
    }
  });
  return problems;
}

function wholes(json) {
  const accounts = json.host_memory;
  return accounts ? [accounts.mem_total_bytes] : json.rows.map((row) => row.mem_total_bytes);
}

async function areasAddUp(tab, json) {
  const maps = await tab.evaluate(treemaps);
  const expected = wholes(json);
  const problems = [maps.length !== expected.length && `${maps.length} treemaps of ${expected.length}`];
  const scales = [];
  for (const { bytes, leaves, groups } of maps) {
    if (leaves.some((leaf) => !leaf.box)) {
      problems.push('areas without a rectangle');
      continue;
    }
    const area = leaves.reduce((sum, leaf) => sum + areaOf(leaf), 0);
    const sum = leaves.reduce((sum, leaf) => sum + leaf.bytes, 0);
    const left = Math.min(...leaves.map(({ box }) => box.left));
    const right = Math.max(...leaves.map(({ box }) => box.right));
    const top = Math.min(...leaves.map(({ box }) => box.top));
    const bottom = Math.max(...leaves.map(({ box }) => box.bottom));
    const whole = (right - left) * (bottom - top);
    scales.push(bytes / whole);
    problems.push(
      !expected.some((total) => total === bytes) && `${bytes} is not MemTotal, ${expected}`,
      Math.abs(sum - bytes) > TOLERANCE * bytes && `leaves have ${sum} of ${bytes} bytes`,
      Math.abs(area - whole) > TOLERANCE * whole && `leaves fill ${area} of ${whole}`,
      ...overlaps(leaves),
    );
    for (const leaf of leaves) {
      const { box } = leaf;
      const rounding = 0.02 * (box.right - box.left + box.bottom - box.top + 0.02);
      if (Math.abs(areaOf(leaf) - (leaf.bytes * whole) / bytes) > rounding + 1e-4 * areaOf(leaf)) {
        problems.push(`${leaf.title} has the area ${areaOf(leaf)} for ${leaf.bytes} bytes of ${bytes} in ${whole}`);
      }
    }
    for (const { title, bytes: all, parts } of groups) {
      const part = parts.reduce((a, b) => a + b, 0);
      problems.push(Math.abs(all - part) > TOLERANCE * all && `${title}: parts have ${part} of ${all} bytes`);
    }
  }
  const [least, most] = [Math.min(...scales), Math.max(...scales)];
  problems.push(most - least > TOLERANCE * most && `scales from ${least} to ${most} bytes`);
  return problems;
}

// Compares the areas of processes with their rows.
async function areasAreOfProcesses(tab, json) {
  const maps = await tab.evaluate(treemaps);
  const rows = new Map(json.rows.map((row) => [row.pid, row.pss_bytes]));
  const shown = maps.flatMap(({ leaves }) => leaves.map(({ title, bytes }) => [title.match(/\bpid (\d+)/)?.[1], bytes]));
  const own = shown.filter(([pid]) => pid);
  return [
    own.length < Math.min(40, json.rows.length / 2) && `${own.length} areas of processes`,
    ...own.filter(([pid, bytes]) => rows.get(Number(pid)) !== bytes).map(([pid, bytes]) => `${pid} has ${bytes} bytes`),
  ];
}

// Returns what the structure of a page is, without labels: elements, their attributes, and the geometry of pictures.
function structure() {
  const elements = {};
  const attributes = new Set();
  for (const element of document.querySelectorAll('*')) {
    // By the length of its name, a label is there or not, and a cell of the table has one part or two.
    if (element.matches('text, tspan, bdi, td details, td summary, th details, th summary')) {
      continue;
    }
    elements[element.tagName] = (elements[element.tagName] ?? 0) + 1;
    for (const { name } of element.attributes) {
      attributes.add(name);
    }
  }
  return {
    elements,
    attributes: [...attributes].sort(),
    geometry: [...document.querySelectorAll('svg rect')].map((rect) =>
      ['x', 'y', 'width', 'height'].map((name) => rect.getAttribute(name)).join(' '),
    ),
    pictures: [...document.querySelectorAll('svg')].map((svg) => svg.getAttribute('viewBox')),
  };
}

async function isLike(tab, { page, folder }) {
  const context = await tab.context().browser().newContext({ viewport: tab.viewportSize() });
  const other = await context.newPage();
  await other.goto(pathToFileURL(join(folder, page.like + '.html')).href);
  const expected = await other.evaluate(structure);
  await context.close();
  const found = await tab.evaluate(structure);
  return Object.keys(expected).map(
    (part) =>
      JSON.stringify(found[part]) !== JSON.stringify(expected[part]) &&
      `${part}: ${JSON.stringify(found[part])} in place of ${JSON.stringify(expected[part])}`.slice(0, 2000),
  );
}

// Returns what is wrong with any picture: its words, its table, and figures that are none.
function unsound() {
  return [...document.querySelectorAll('figure')].flatMap((figure) => {
    const svg = figure.querySelector('svg');
    const box = svg?.viewBox.baseVal;
    const outside = [...(svg?.querySelectorAll('rect, path, circle, line') ?? [])].filter((shape) => {
      const own = shape.closest('defs') ? { x: box.x, y: box.y, width: 0, height: 0 } : shape.getBBox();
      return (
        own.x < box.x - 1 || own.y < box.y - 1 || own.x + own.width > box.x + box.width + 1 || own.y + own.height > box.y + box.height + 1
      );
    });
    return [
      !figure.querySelector('figcaption')?.checkVisibility() && 'a picture without a caption',
      !svg && 'a figure without a picture',
      !figure.querySelector('table tbody tr') && 'a picture without a table',
      /NaN|Infinity|undefined|null/.test(svg?.outerHTML.replace(/<(text|title)[^]*?<\/\1>/g, '')) && 'figures that are none',
      ...outside.map((shape) => `${shape.outerHTML} lies outside`),
    ].filter(Boolean);
  });
}

function nothingForeign() {
  return [...document.querySelectorAll('*')].flatMap((element) =>
    [...element.attributes]
      .filter(({ name, value }) => /^on|^style$|^src|^srcset$/.test(name) || /^\s*(javascript|data|https?):/i.test(value))
      .map(({ name, value }) => `${element.tagName} has ${name}=${value.slice(0, 80)}`),
  );
}

// What a treemap shows at the moment.
function view() {
  const svg = document.querySelector('svg.tm');
  const figure = svg.closest('figure');
  const outer = svg.getBoundingClientRect();
  const filled = [...svg.querySelectorAll('g[data-b]')].filter((g) => {
    const box = g.getBoundingClientRect();
    return Math.abs(box.width - outer.width) < 8 && Math.abs(box.height - outer.height) < 8;
  });
  return {
    said: figure.querySelector('[role=status]').textContent,
    filled: Number(filled.at(-1)?.dataset.b),
    isBackShown: figure.querySelector('button').checkVisibility(),
    focus: document.activeElement.getAttribute('aria-label'),
    stops: [...svg.querySelectorAll('*')].filter((e) => e.tabIndex >= 0).length,
    places: [...svg.querySelectorAll('g[data-b] rect')].map((r) => {
      const box = r.getBoundingClientRect();
      return [box.x - outer.x, box.y - outer.y, box.width, box.height].map((v) => v.toFixed(1)).join(' ');
    }),
  };
}

// Returns the middle of the largest process, and the bytes of the groups that contain it, from the outermost in.
function target() {
  const svg = document.querySelector('svg.tm');
  svg.scrollIntoView();
  const leaves = [...svg.querySelectorAll('g[data-b]')].filter(
    (g) => !g.querySelector('g[data-b]') && /^pid /.test(g.querySelector('title')?.textContent),
  );
  const leaf = leaves.find((g) => g.parentNode.children.length > 3) ?? leaves[0];
  const box = leaf.getBoundingClientRect();
  const path = [];
  for (let g = leaf; g !== svg; g = g.parentNode) {
    path.unshift(Number(g.dataset.b));
  }
  return { x: box.x + box.width / 2, y: box.y + box.height / 2, path, title: leaf.querySelector('title').textContent };
}

// Enlarges an area and one within it, checks what is shown meanwhile, and leaves both.
async function zoom(tab, enlarge, leave, path, looks) {
  const start = await tab.evaluate(view);
  const problems = [start.isBackShown && 'there is a way back from the whole'];
  await enlarge(0);
  const first = await tab.evaluate(view);
  problems.push(
    !path.slice(1).includes(first.filled) && `the first step shows ${first.filled} of ${path}`,
    !first.isBackShown && 'there is no way back',
    ...(await looks()),
  );
  await enlarge(1);
  const second = await tab.evaluate(view);
  problems.push(second.filled >= first.filled && `the second step shows ${second.filled}, the first ${first.filled}`);
  for (let step = 0; step < 9 && (await tab.evaluate(view)).isBackShown; step++) {
    await leave();
  }
  const end = await tab.evaluate(view);
  problems.push(JSON.stringify(end.places) !== JSON.stringify(start.places) && 'areas have not come back to their places');
  return problems;
}

async function zoomsByMouse(tab) {
  const { x, y, path, title } = await tab.evaluate(target);
  await tab.mouse.move(x, y);
  const { said } = await tab.evaluate(view);
  const size = title.slice(title.lastIndexOf(', ') + 2);
  const click = async () => {
    const place = await tab.evaluate(target);
    await tab.mouse.click(place.x, place.y);
  };
  const looks = async () => [
    ...(await tab.evaluate(overlappingLabels)),
    ...(await tab.evaluate(paleLabels)),
    ...(await violations(tab, 'figure')),
  ];
  return [
    !(said.includes(title.match(/pid \d+/)[0]) && said.includes(size) && said.includes('%')) && `says ${said} of ${title}`,
    ...(await zoom(tab, click, () => tab.locator('figure button').first().click(), path, looks)),
  ];
}

async function zoomsByKeyboard(tab) {
  const { path } = await tab.evaluate(target);
  await tab.locator('svg.tm [tabindex="0"]').first().focus();
  const start = await tab.evaluate(view);
  await tab.keyboard.press('ArrowRight');
  const next = await tab.evaluate(view);
  await tab.keyboard.press('ArrowLeft');
  const back = await tab.evaluate(view);
  const focused = await tab.evaluate(() => {
    const style = getComputedStyle(document.activeElement);
    return style.outlineStyle !== 'none' || (style.stroke !== 'none' && parseFloat(style.strokeWidth) > 0);
  });
  return [
    start.stops !== 1 && `Tab stops ${start.stops} times`,
    !focused && 'the focus cannot be seen',
    !/%/.test(start.focus) && `the focus is on ${start.focus}`,
    start.focus === next.focus && `an arrow leaves the focus on ${next.focus}`,
    start.focus !== back.focus && `the arrow back leads to ${back.focus}`,
    ...(await zoom(tab, () => tab.keyboard.press('Enter'), () => tab.keyboard.press('Escape'), path, () => [])),
  ];
}

// Uses a treemap as fingers, assistive technology, printers and windows of another width do.
async function obeysOthers(tab) {
  const usual = tab.viewportSize();
  const touched = await tab.evaluate(() => {
    const svg = document.querySelector('svg.tm');
    const leaf = [...svg.querySelector('g').children].find((g) => g.dataset.b && !g.querySelector('g'));
    const options = { bubbles: true, pointerType: 'touch' };
    leaf.dispatchEvent(new PointerEvent('pointerover', options));
    svg.dispatchEvent(new PointerEvent('pointerleave', options));
    leaf.dispatchEvent(new MouseEvent('click', options));
    return leaf.querySelector('title').textContent.split(',')[0];
  });
  const { said } = await tab.evaluate(view);
  const ring = tab.locator('svg.tm [tabindex="0"]').first();
  const [isKept, name] = await ring.evaluate((e) => {
    const name = e.getAttribute('aria-label');
    const key = new KeyboardEvent('keydown', { key: 'ArrowLeft', altKey: true, cancelable: true });
    return [e.dispatchEvent(key) && e.getAttribute('aria-label') === name, name];
  });
  await ring.press('Home');
  await ring.dispatchEvent('click');
  const zoomed = await tab.evaluate(view);
  await tab.setViewportSize({ width: 500, height: usual.height });
  await tab.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
  const covered = await tab.evaluate(overlappingLabels);
  await tab.setViewportSize(usual);
  await tab.evaluate(() => dispatchEvent(new Event('beforeprint')));
  const printed = await tab.evaluate(view);
  await tab.evaluate(() => dispatchEvent(new Event('afterprint')));
  const after = await tab.evaluate(view);
  await ring.press('Escape');
  return [
    !said.includes(touched) && `says ${said} of ${touched}, which is touched`,
    !name.includes(touched) && `the focus is on ${name} after a touch of ${touched}`,
    !isKept && 'takes a key of the browser',
    !zoomed.isBackShown && 'a click of assistive technology enlarges nothing',
    ...covered,
    printed.isBackShown && 'is printed enlarged',
    JSON.stringify(after.places) !== JSON.stringify(zoomed.places) && 'is not enlarged after it was printed',
  ];
}

// Points at the last sample of each curve: its time and size stand in the words above it.
async function curvesSayPoints(tab) {
  const found = await tab.evaluate(() =>
    [...document.querySelectorAll('svg.cu')].map((svg) => {
      const box = svg.getBoundingClientRect();
      const end = svg.querySelector('.ln').getAttribute('d').match(/([\d.]+) [\d.]+$/)[1];
      const clientX = box.left + (end / svg.viewBox.baseVal.width) * box.width;
      svg.dispatchEvent(new PointerEvent('pointermove', { clientX, clientY: box.top + 20 }));
      return {
        said: [...svg.querySelectorAll('text')].at(-1).textContent,
        state: svg.getAttribute('aria-label'),
        caption: svg.closest('figure').querySelector('figcaption').textContent,
      };
    }),
  );
  return found.flatMap(({ said, state, caption }) => {
    const [, time, size] = said.match(/^(.+Z), about (\S+ \w+)$/) ?? [];
    const until = caption.match(/ to (\w+ \d+ [\d:]+Z)/)[1];
    return [
      Math.abs(Date.parse(`2026 ${time}`) - Date.parse(`2026 ${until}`)) > 20 * 60_000 || !time ? `${said} at ${until}` : '',
      !isNear(size, state) && `${said} of ${state}`,
    ];
  });
}

// Returns whether words have a size that is a hundredth of the picture's height from another at most.
function isNear(size, words) {
  const bytes = (text) => parseFloat(text) * 1024 ** 'BKMGT'.indexOf(text.split(' ')[1]?.[0]);
  return (words.match(/[\d.]+ (B|[KMGT]B)/g) ?? []).some((other) => Math.abs(bytes(other) - bytes(size)) < 0.02 * bytes(size));
}

export function pictureChecks(visit) {
  const { page, json } = visit;
  const checks = [
    ['has sound pictures', (tab) => tab.evaluate(unsound)],
    ['has no handlers and addresses', (tab) => tab.evaluate(nothingForeign)],
  ];
  if (page.treemap) {
    checks.push(['areas add up to MemTotal', (tab) => areasAddUp(tab, json)]);
  }
  if (page.treemap && json.host_memory) {
    checks.push(
      ['areas are those of processes', (tab) => areasAreOfProcesses(tab, json)],
    );
  }
  if (page.treemap && json.host_memory && json.rows.length < 500) {
    checks.push(
      ['zooms by mouse', zoomsByMouse],
      ['zooms by keyboard', zoomsByKeyboard],
      ['obeys fingers, shortcuts and printers', obeysOthers],
    );
  }
  if (page.curves) {
    checks.push(
      ['says what is at a point of a curve', curvesSayPoints],
      ['has a wedge up to a limit', async (tab) => (await tab.locator('svg.cu .wd').count()) === 0 && 'no prediction is drawn'],
    );
  }
  if (page.like) {
    checks.push(['is changed by no name', (tab) => isLike(tab, visit)]);
  }
  return checks;
}
