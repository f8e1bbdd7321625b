// Checks of a page's file, without a browser.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HtmlValidate } from 'html-validate';

// Texts of the page may have any length, and its source is not for people, so that it is short.
const validator = new HtmlValidate({
  extends: ['html-validate:recommended', 'html-validate:standard'],
  rules: { 'long-title': 'off' },
});

async function validate(html) {
  const result = await validator.validateString(html);
  return result.results
    .flatMap((r) => r.messages)
    .map((m) => `${m.line}:${m.column} ${m.ruleId}: ${m.message}: ${html.split('\n')[m.line - 1].substr(m.column - 1, 80)}`);
}

function sha256(text) {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function elements(html, name) {
  return [...html.matchAll(new RegExp(`<${name}[^>]*>([^]*?)</${name}>`, 'g'))].map((m) => m[1]);
}

// Returns what is wrong with the Content-Security-Policy: it must allow the page's own style and script, and no more.
function policyProblems(html) {
  const policy = html.match(/<meta http-equiv="content-security-policy" content="([^"]*)">/i)?.[1];
  if (!policy) {
    return 'has no policy';
  }
  const rules = policy.replaceAll('&#39;', "'").split(';').map((rule) => rule.trim()).sort();
  const style = elements(html, 'style');
  const script = elements(html, 'script');
  const expected = [
    "base-uri 'none'",
    "default-src 'none'",
    "form-action 'none'",
    'script-src ' + script.map(sha256).join(' '),
    'style-src ' + style.map(sha256).join(' '),
  ];
  return [
    style.length !== 1 && `${style.length} styles`,
    script.length !== 1 && `${script.length} scripts`,
    script[0]?.length >= 8000 && `${script[0].length} characters of script`,
    style[0]?.length >= 8000 && `${style[0].length} characters of style`,
    JSON.stringify(rules) !== JSON.stringify(expected) && `policy ${policy} is not ${expected.join('; ')}`,
    html.indexOf('<style') < html.search(/http-equiv="content-security-policy"/i) && 'a style precedes the policy',
  ];
}

export function fileChecks({ page, folder, pages }) {
  const html = readFileSync(join(folder, page.html), 'utf8');
  const first = readFileSync(join(folder, pages[0].html), 'utf8');
  return [
    ['is valid HTML', () => validate(html)],
    ['allows its own style and script alone', () => policyProblems(html)],
    [
      'has the same style and script as others',
      () =>
        ['style', 'script']
          .filter((name) => elements(html, name).join() !== elements(first, name).join())
          .map((name) => `another ${name} than ${pages[0].name}`),
    ],
  ];
}
