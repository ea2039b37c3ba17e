import type { Existing, ReceiveRule, RuleView } from '../../lib/backend/contract';

/** What holds where nobody said anything, as the engine has it. */
const AS_DELIVERED: InForce = {
  accept: false,
  ceiling_bytes: 10 * 1024 ** 3,
  executables: false,
  into: '',
  existing: '',
};

export const NOTHING_SAID: ReceiveRule = {
  accept: null,
  ceiling_bytes: null,
  executables: null,
  into: null,
  existing: null,
};

/** A rule with nothing left open; empty text is what the settings say. */
export interface InForce {
  accept: boolean;
  ceiling_bytes: number;
  executables: boolean;
  into: string;
  existing: Existing | '';
}

export function ruleFor(rules: RuleView[], contact: string | null): RuleView | undefined {
  return rules.find((it) => it.contact === contact);
}

/** What holds for `contact` where its own rule says nothing: the rule for everybody, then the program. */
export function inherited(rules: RuleView[], contact: string | null): InForce {
  const everybody = contact === null ? NOTHING_SAID : (ruleFor(rules, null)?.rule ?? NOTHING_SAID);
  return over(everybody, AS_DELIVERED);
}

export function inForce(rules: RuleView[], contact: string): InForce {
  return over(ruleFor(rules, contact)?.rule ?? NOTHING_SAID, inherited(rules, contact));
}

function over(said: ReceiveRule, otherwise: InForce): InForce {
  return {
    accept: said.accept ?? otherwise.accept,
    ceiling_bytes: said.ceiling_bytes ?? otherwise.ceiling_bytes,
    executables: said.executables ?? otherwise.executables,
    into: said.into ?? otherwise.into,
    existing: said.existing ?? otherwise.existing,
  };
}
