import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { FluentBundle, FluentResource } from '@fluent/bundle';
import { parse, type AST } from 'svelte/compiler';
import { describe, expect, it } from 'vitest';

import { ERROR_CODES } from '../src/lib/backend/contract';
import { LOCALES } from '../src/lib/i18n/words.svelte';
import { settingRows } from '../src/lib/backend/mock/settings';

const FOLDER = 'src/lib/i18n/locales';
const SOURCES = filesUnder('src').filter(
  (it) => /\.(svelte|ts)$/.test(it) && !it.includes('.test.') && !it.endsWith('/generated.ts'),
);

describe('the words', () => {
  it('are spoken in every language that has a folder', () => {
    const folders = readdirSync(FOLDER).toSorted();
    expect(folders).toEqual([...LOCALES].toSorted());
  });

  it('are the same ones in every language', () => {
    const [english, ...others] = LOCALES.map((locale) => [...messages(locale).keys()].toSorted());
    for (const other of others) expect(other).toEqual(english);
  });

  it('take the same arguments in every language', () => {
    const english = messages('en');
    for (const locale of LOCALES) {
      for (const [key, text] of messages(locale)) {
        // A language may leave a number out where its word says it.
        const known = argumentsIn(english.get(key) ?? '');
        expect(known, `${locale}: ${key}`).toEqual(expect.arrayContaining(argumentsIn(text)));
      }
    }
  });

  it('are readable by the formatter in every language', () => {
    for (const locale of LOCALES) {
      const bundle = new FluentBundle(locale);
      for (const file of filesUnder(join(FOLDER, locale))) {
        const faults = bundle.addResource(new FluentResource(readFileSync(file, 'utf8')));
        expect(faults, file).toEqual([]);
      }
      for (const key of messages(locale).keys())
        expect(bundle.hasMessage(key), `${locale}: ${key}`).toBe(true);
    }
  });

  it('exist for every key that the code names', () => {
    const known = messages('en');
    const spoken = SOURCES.filter((it) => !it.includes('/mock/'));
    const missing = spoken.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/(?:\bt\(|key=|key: )['"]([a-z][a-z0-9_-]+)['"]/g)]
        .map((match) => match[1] ?? '')
        .filter((key) => !known.has(key) && !known.has(`problem-${key}-fact`) && !known.has(`setting-${key}`))
        .map((key) => `${file}: ${key}`),
    );
    expect(missing).toEqual([]);
  });

  it('exist for every error code and every setting', () => {
    const known = messages('en');
    const wanted = [
      ...ERROR_CODES.flatMap((code) => [`problem-${code}-fact`, `problem-${code}-consequence`]),
      ...settingRows().flatMap(({ key }) =>
        ['', '-about', '-default', '-allowed'].map((end) => `setting-${key}${end}`),
      ),
    ];
    expect(wanted.filter((key) => !known.has(key))).toEqual([]);
  });
});

describe('the words that are chosen while it runs', () => {
  const known = messages('en');
  const rust = (path: string) => readFileSync(`../crates/${path}`, 'utf8');
  const missing = (keys: string[]) => keys.filter((key) => !known.has(key));

  it('exist for every error code of the engine', () => {
    const codes = variants(rust('api/src/error.rs'), 'ErrorCode');
    expect(codes.toSorted()).toEqual([...ERROR_CODES].toSorted());
  });

  it('exist for every reason of the engine', () => {
    const event = rust('api/src/event.rs');
    const dashed = (name: string) => variants(event, name).map((it) => it.replaceAll('_', '-'));
    const suspensions = variants(rust('api/src/rule.rs'), 'RuleSuspension');
    expect(
      missing([
        ...dashed('SkipReason').map((it) => `skipped-${it}`),
        ...dashed('PauseReason').map((it) => `transfer-paused-${it}`),
        ...suspensions.map((it) => `rule-suspended-${it}`),
      ]),
    ).toEqual([]);
  });

  it('exist for every finding of an examination', () => {
    const dashed = (name: string) =>
      variants(rust('api/src/finding.rs'), name).map((it) => it.replaceAll('_', '-'));
    expect(
      missing([
        ...dashed('FindingCase').map((it) => `finding-${it}-fact`),
        ...dashed('Verdict').map((it) => `verdict-${it}`),
      ]),
    ).toEqual([]);
  });

  it('are about settings that the engine has', () => {
    // One without words here is shown in the words of the engine, so it may come first.
    const keys = [...rust('engine/src/settings/table.rs').matchAll(/key: "([a-z-]+)"/g)].map((it) => it[1]);
    expect(keys.length).toBeGreaterThan(10);
    const strangers = settingRows().filter(({ key }) => !keys.includes(key));
    expect(strangers).toEqual([]);
  });
});

/** The variants of a Rust enum, as serde writes them. */
function variants(source: string, name: string): string[] {
  const [, body] = new RegExp(`pub enum ${name} \\{\\n([\\s\\S]*?)\\n\\}`).exec(source) ?? [];
  const names = [...(body ?? '').matchAll(/^ {4}([A-Z]\w+)/gm)].map((match) => match[1] ?? '');
  expect(names.length, name).toBeGreaterThan(1);
  return names.map((it) => it.replace(/\B[A-Z]/g, (letter) => `_${letter}`).toLowerCase());
}

describe('components', () => {
  it('hold no words of their own', () => {
    const found = SOURCES.filter((it) => it.endsWith('.svelte')).flatMap((file) =>
      wordsIn(readFileSync(file, 'utf8')).map((words) => `${file}: ${words}`),
    );
    expect(found).toEqual([]);
  });

  it('are found out if they do', () => {
    expect(wordsIn('<p>Hello there</p>')).toEqual(['Hello there']);
    expect(wordsIn('<input placeholder="Your name" />')).toEqual(['Your name']);
    expect(wordsIn('<p>{name}, {other}</p><kbd>Ctrl K</kbd>')).toEqual([]);
  });

  it('stay within their budget', () => {
    const long = SOURCES.filter((file) => readFileSync(file, 'utf8').split('\n').length > 300);
    expect(long).toEqual([]);
  });
});

/** The names of keys and examples of codes and patterns are the same in every language. */
const SAME_EVERYWHERE = /^(Ctrl.*|4-amber-…|wss:\/\/…|\*\.log)$/;
const SPOKEN_ATTRIBUTES = ['aria-label', 'title', 'placeholder', 'alt', 'label', 'text'];

function wordsIn(source: string): string[] {
  const found: string[] = [];
  visit(parse(source, { modern: true }).fragment, found);
  return found.map((it) => it.trim()).filter((it) => /\p{L}{2,}/u.test(it) && !SAME_EVERYWHERE.test(it));
}

function visit(node: unknown, found: string[]): void {
  if (Array.isArray(node)) {
    node.forEach((it) => visit(it, found));
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const { type } = node as { type?: string };
  if (type === 'Text') found.push((node as AST.Text).data);
  if (type === 'StyleDirective') return;
  if (type === 'Attribute') {
    const { name, value } = node as AST.Attribute;
    if (SPOKEN_ATTRIBUTES.includes(name)) visit(value, found);
    return;
  }
  for (const [key, value] of Object.entries(node)) {
    if (key !== 'parent' && key !== 'expression') visit(value, found);
  }
}

function messages(locale: string): Map<string, string> {
  const all = new Map<string, string>();
  for (const file of filesUnder(join(FOLDER, locale))) {
    for (const block of readFileSync(file, 'utf8').split(/\n(?=[a-z])/)) {
      const [, key, text] = /^([a-z][\w-]*) =([\s\S]*)$/.exec(block) ?? [];
      if (key) all.set(key, text ?? '');
    }
  }
  return all;
}

function argumentsIn(text: string): string[] {
  return [...new Set([...text.matchAll(/\$(\w+)/g)].map((match) => match[1] ?? ''))].toSorted();
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((it) => it.isFile())
    .map((it) => join(it.parentPath, it.name));
}
