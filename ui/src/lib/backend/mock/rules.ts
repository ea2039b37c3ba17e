import type { AnyReply } from '../backend';
import type { Contact, ReceiveRule, RuleCommand, RuleView } from '../contract';
import type { Stage } from './mock';
import { contactOf, DONE, found } from './obey';

/** Nothing said. */
export const OPEN_RULE: ReceiveRule = {
  accept: null,
  ceiling_bytes: null,
  executables: null,
  into: null,
  existing: null,
};

export function obeyRule(stage: Stage, command: RuleCommand): AnyReply {
  const { world } = stage;
  if (command.action === 'list') return { reply: 'rules', rules: world.rules };
  const contact =
    command.contact === null ? null : found(contactOf(stage, command.contact), 'unknown_contact');
  const id = contact?.contact ?? null;
  if (command.action === 'clear') {
    world.rules = world.rules.filter((it) => it.contact !== id);
    return DONE;
  }
  const said = world.rules.find((it) => it.contact === id) ?? ruleOf(contact, OPEN_RULE);
  const rule = { ...said.rule, ...command.rule };
  world.rules = [...world.rules.filter((it) => it.contact !== id), { ...said, rule }];
  return DONE;
}

export function ruleOf(contact: Contact | null, rule: ReceiveRule): RuleView {
  const suspended = contact && !contact.verified ? 'not_verified' : null;
  return { contact: contact?.contact ?? null, name: contact?.name ?? null, rule, suspended };
}
