import { expect, it } from 'vitest';

import type { Finding } from '../../lib/backend/contract';
import { FINDINGS } from '../../lib/backend/mock/findings';
import { report, sentences, verdictOf } from './findings';

const unwanted: Finding = {
  topic: 'relay',
  verdict: 'limited',
  case: 'relay_unwanted',
  value: null,
  fact: '',
  consequence: 'without',
  advice: 'allow',
};

it('says what follows without relays by how bad it is', () => {
  expect(sentences(unwanted)).toMatchObject({
    fact: 'finding-relay-unwanted-fact',
    consequence: 'finding-only-direct',
    advice: 'finding-relay-unwanted-advice',
  });
  const worse: Finding = { ...unwanted, verdict: 'bad' };
  expect(sentences(worse).consequence).toBe('finding-nobody-outside');
});

it('sums up by the worst finding', () => {
  expect(verdictOf(FINDINGS.filter((it) => it.verdict === 'good'))).toBe('good');
  expect(verdictOf(FINDINGS)).toBe('limited');
  expect(verdictOf([...FINDINGS, { ...unwanted, verdict: 'bad' }])).toBe('bad');
});

it('reports a line for each finding', () => {
  const text = report(FINDINGS, (key, args) => `${key}(${args.value ?? ''})`, '1.0');
  const lines = text.split('\n');
  expect(lines[0]).toBe('Wherry 1.0');
  expect(lines).toHaveLength(FINDINGS.length + 2);
  expect(text).toContain('finding-server-answers-fact(34)');
});
