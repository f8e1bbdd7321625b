// Checks of how a page looks: by axe, in colours, on a phone, at 200 % and on paper.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const PHONE = { width: 390, height: 844 };

// Returns the violations of all rules or of some, by the whole page or a part of it. Chromium evaluates axe for the tests, which no
// policy of the page restricts.
export async function violations(tab, part = 'html', rules) {
  await tab.evaluate(axe + ';0');
  const options = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) };
  const found = await tab.evaluate(([e, o]) => globalThis.axe.run(e, o), [part, options]);
  return found.violations.map(
    (v) => `${v.id}: ${v.help}: ${v.nodes.length} times: ${v.nodes[0].html.slice(0, 200)} ${v.nodes[0].failureSummary ?? ''}`,
  );
}

function openDetails(tab) {
  return tab.evaluate(() => document.querySelectorAll('details').forEach((d) => (d.open = true)));
}

function closeDetails(tab) {
  return tab.evaluate(() => document.querySelectorAll('details').forEach((d) => (d.open = false)));
}

// Returns the labels in pictures whose contrast with what is below them is less than 4.5, which axe does not look at.
export function paleLabels() {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const data = pen.getImageData(0, 0, 1, 1).data;
    return [data[0], data[1], data[2], data[3] / 255];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const light = (c) => {
    const [r, g, b] = c.slice(0, 3).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };
  const alpha = (colour, opacity) => [...colour.slice(0, 3), colour[3] * Number(opacity)];
  // The colours that a shape may have: those of a pattern are these of all its parts.
  const fills = (shape) => {
    const style = getComputedStyle(shape);
    if (style.fill === 'none') {
      return [];
    }
    const id = style.fill.match(/url\("?#([^")]*)"?\)/)?.[1];
    if (!id) {
      return [alpha(rgba(style.fill), style.fillOpacity * style.opacity)];
    }
    return [...document.getElementById(id).querySelectorAll('*')].flatMap((part) => {
      const s = getComputedStyle(part);
      return [s.fill, s.stroke].filter((c) => c !== 'none').map((c) => alpha(rgba(c), s.opacity));
    });
  };
  const page = rgba(getComputedStyle(document.body).backgroundColor);
  const problems = [];
  for (const svg of document.querySelectorAll('figure svg')) {
    const shapes = [...svg.querySelectorAll('rect, path, circle')].filter((s) => !s.closest('defs'));
    const boxes = shapes.map((s) => s.getBoundingClientRect());
    const outlines = shapes.map((s) => s.tagName === 'rect');
    for (const text of svg.querySelectorAll('text')) {
      const box = text.getBoundingClientRect();
      const style = getComputedStyle(text);
      if (box.width === 0 || style.visibility !== 'visible') {
        continue;
      }
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      let below = [page];
      shapes.forEach((shape, i) => {
        const b = boxes[i];
        if (!(shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING) || getComputedStyle(shape).visibility !== 'visible') {
          return;
        }
        if (outlines[i] && x >= b.left && x <= b.right && y >= b.top && y <= b.bottom) {
          const own = fills(shape);
          below = own.length === 0 ? below : own.flatMap((f) => below.map((c) => over(f, c)));
          below = below.slice(0, 16);
        }
      });
      const colour = alpha(rgba(style.fill), style.fillOpacity * style.opacity);
      for (const b of below) {
        const c = contrast(over(colour, b), b);
        if (c < 4.5) {
          problems.push(`${text.textContent}: ${c.toFixed(2)}: rgb(${colour.map(Math.round)}) on rgb(${b.map(Math.round)})`);
        }
      }
    }
  }
  return problems;
}

// Returns the labels in pictures that stick out of the picture, or lie over one another.
export function overlappingLabels() {
  const problems = [];
  for (const svg of document.querySelectorAll('figure svg')) {
    const whole = svg.getBoundingClientRect();
    const boxes = [];
    for (const text of svg.querySelectorAll('text')) {
      const box = text.getBoundingClientRect();
      if (box.width > 0 && getComputedStyle(text).visibility === 'visible') {
        boxes.push([box, text.textContent]);
      }
    }
    for (const [box, text] of boxes) {
      if (box.left < whole.left - 1 || box.right > whole.right + 1 || box.top < whole.top - 2 || box.bottom > whole.bottom + 2) {
        problems.push(`${text} sticks out`);
      }
    }
    boxes.sort((a, b) => a[0].top - b[0].top);
    for (let i = 0; i < boxes.length; i++) {
      for (let j = i + 1; j < boxes.length && boxes[j][0].top < boxes[i][0].bottom; j++) {
        const [a, b] = [boxes[i][0], boxes[j][0]];
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 2 && down > 0.4 * Math.min(a.height, b.height)) {
          problems.push(`${boxes[i][1]} and ${boxes[j][1]} overlap`);
        }
      }
    }
  }
  return problems;
}

// Returns what is wider than the window, if the page scrolls sideways.
function wideElements() {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) {
    return [];
  }
  return [...document.querySelectorAll('body *')]
    .filter((e) => e.getBoundingClientRect().right > width + 1)
    .map((e) => `${e.outerHTML.slice(0, 80)} ends at ${e.getBoundingClientRect().right} of ${width}`);
}

// Returns names that are so wide that they hide the figures beside them.
function wideNames() {
  return [...document.querySelectorAll('#rows tbody th')]
    .filter((name) => name.nextElementSibling && name.offsetWidth > 0.7 * window.innerWidth)
    .map((name) => `${name.textContent.slice(0, 20)} is ${name.offsetWidth} wide`);
}

async function onPhone(tab, check) {
  const size = tab.viewportSize();
  await tab.setViewportSize(PHONE);
  try {
    return await tab.evaluate(check);
  } finally {
    await tab.setViewportSize(size);
  }
}

// Characters that few fonts have. A PDF does not contain the text of what it cannot show.
const WIDE = /[\u0590-\uffff]/;

// Returns the rows of the table that are missing on paper: words that the text of the PDF has less often.
async function missingOnPaper(tab, { page, folder }) {
  const rows = await tab.evaluate(() =>
    [...document.querySelectorAll('#rows tbody tr')].map((row) => row.innerText),
  );
  const file = join(folder, page.name + '.pdf');
  await tab.pdf({ path: file, format: 'A4' });
  const text = execFileSync('pdftotext', ['-raw', file, '-'], { maxBuffer: 1 << 26 }).toString();
  const dense = text.normalize('NFKC').replace(/\s+/g, '');
  const left = new Map();
  for (const word of text.normalize('NFKC').split(/\s+/)) {
    left.set(word, (left.get(word) ?? 0) + 1);
  }
  const problems = [];
  for (const row of rows) {
    for (const word of row.normalize('NFKC').split(/\s+/).filter((w) => w && !WIDE.test(w))) {
      const count = left.get(word) ?? 0;
      left.set(word, count - 1);
      if (count <= 0 && !(/\W|.{9}/.test(word) && dense.includes(word))) { // such words may have several lines
        problems.push(`${word} of ${row.slice(0, 80)}`);
      }
    }
  }
  return problems;
}

async function controlsOnPaper(tab) {
  await tab.emulateMedia({ media: 'print' });
  try {
    return await tab.evaluate(() =>
      [...document.querySelectorAll('button, input, select')]
        .filter((e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && e.offsetHeight > 0)
        .filter((e) => e.tagName !== 'BUTTON' || !e.closest('th')) // the title of a column is shown as its text
        .map((e) => e.outerHTML.slice(0, 100)),
    );
  } finally {
    await tab.emulateMedia({ media: null });
  }
}

// Checks by axe with all details open, in the light; in the dark, colours alone are different.
async function accessible(tab) {
  await openDetails(tab);
  const found = [...(await violations(tab)), ...(await onPhone(tab, wideElements))];
  await tab.emulateMedia({ colorScheme: 'dark' });
  found.push(...(await violations(tab, 'html', ['color-contrast'])));
  await tab.emulateMedia({ colorScheme: null });
  await closeDetails(tab);
  return found;
}

async function readable(tab) {
  const found = await tab.evaluate(paleLabels);
  await tab.emulateMedia({ colorScheme: 'dark' });
  found.push(...(await tab.evaluate(paleLabels)));
  await tab.emulateMedia({ colorScheme: null });
  return found;
}

// Axe looks at each cell; larger tables have the same.
const MANY_ROWS = 100;

export function looks(visit) {
  return [
    ['labels can be read', readable],
    ...(visit.json.rows.length > MANY_ROWS ? [] : [['has no violations by axe', accessible]]),
    ['labels do not overlap', (tab) => tab.evaluate(overlappingLabels)],
    ['labels do not overlap on a phone', (tab) => onPhone(tab, overlappingLabels)],
    ['fits on a phone', (tab) => onPhone(tab, wideElements)],
    ['names leave room for figures', (tab) => onPhone(tab, wideNames)],
    ['prints each row', (tab) => missingOnPaper(tab, visit)],
    ['prints no controls', controlsOnPaper],
  ];
}
