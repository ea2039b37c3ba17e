import type { Finding } from '../../lib/backend/contract';
import type { Args } from '../../lib/i18n/words.svelte';

/** The keys of the sentences that say a finding, and what they are about. */
export interface Sentences {
  fact: string;
  consequence: string | null;
  advice: string | null;
  args: Args;
}

const TRANSPORTS: Partial<Record<Finding['topic'], string>> = {
  relay_udp: 'UDP',
  relay_tcp: 'TCP',
  relay_tls: 'TLS',
};

export function sentences(finding: Finding): Sentences {
  const key = `finding-${finding.case.replaceAll('_', '-')}`;
  return {
    fact: `${key}-fact`,
    consequence:
      finding.consequence === null ? null : (WITHOUT_RELAY[key]?.(finding) ?? `${key}-consequence`),
    advice: finding.advice === null ? null : `${key}-advice`,
    args: { value: Number(finding.value ?? 0), transport: TRANSPORTS[finding.topic] ?? '' },
  };
}

/** What is said of all findings together. */
export function verdictOf(findings: Finding[]): 'good' | 'limited' | 'bad' {
  const verdicts = findings.map((it) => it.verdict);
  if (verdicts.includes('bad')) return 'bad';
  return verdicts.every((it) => it === 'good') ? 'good' : 'limited';
}

/** Plain text, for whoever helps. It names no address and nobody. */
export function report(
  findings: Finding[],
  say: (key: string, args: Args) => string,
  version: string,
): string {
  const lines = findings.map((it) => {
    const { fact, consequence, advice, args } = sentences(it);
    const words = [fact, consequence, advice].flatMap((key) => (key === null ? [] : [say(key, args)]));
    return `[${say(`verdict-${it.verdict}`, {})}] ${words.join(' ')}`;
  });
  return [`Wherry ${version}`, ...lines, ''].join('\n');
}

function withoutRelay(finding: Finding): string {
  return finding.verdict === 'bad' ? 'finding-nobody-outside' : 'finding-only-direct';
}

const WITHOUT_RELAY: Partial<Record<string, (finding: Finding) => string>> = {
  'finding-relay-unwanted': withoutRelay,
  'finding-relay-unknown': withoutRelay,
  'finding-no-relay': withoutRelay,
  'finding-no-relay-reached': withoutRelay,
};
