// Checks of the pages of a PDF, which the check that all rows are printed has written.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

// The number of rows that make a page of paper one of the table.
const SOME_ROWS = 5;

function dense(text) {
  return text.normalize('NFKC').replace(/\s+/g, '');
}

async function titlesAndStart(tab, file) {
  const paper = execFileSync('pdftotext', ['-raw', file, '-'], { maxBuffer: 1 << 26 }).toString();
  const sheets = paper.replace(/[\u2191\u2193]/g, '').split('\f').map(dense);
  const { titles, rows, start } = await tab.evaluate(() => ({
    titles: [...document.querySelectorAll('#rows thead th')].map((th) => th.textContent).join(''),
    rows: [...document.querySelectorAll('#rows tbody tr')].map((row) => row.textContent),
    start: document.querySelector('.cv bdi')?.textContent ?? document.querySelector('h1').textContent,
  }));
  const words = dense(titles).toUpperCase();
  const texts = rows.map(dense);
  return [
    !sheets[0].includes(dense(start)) && `${start} is not on the first page`,
    ...sheets.map((sheet, i) => {
      const isOfTable = texts.filter((row) => sheet.includes(row)).length >= SOME_ROWS;
      return isOfTable && !sheet.toUpperCase().includes(words) && `page ${i + 1} has no titles ${words}`;
    }),
  ];
}

export function paperChecks({ page, folder }) {
  const file = join(folder, page.name + '.pdf');
  return existsSync(file) ? [['has titles on each page of paper', (tab) => titlesAndStart(tab, file)]] : [];
}
