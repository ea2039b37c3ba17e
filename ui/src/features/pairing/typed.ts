import { answer } from '../../lib/backend/backend';
import { t } from '../../lib/i18n/words.svelte';
import type { Session } from '../../lib/state/session.svelte';
import { tidyCode } from './code';

/** What a person typed, pasted or opened: a code, or what is wrong with it in words. */
export type Typed = { code: string } | { wrong: string };

export async function readTyped(session: Session, text: string, aim: 'receive' | 'pair'): Promise<Typed> {
  const code = tidyCode(text);
  if (code !== null) return { code };
  const command = { command: 'link', action: 'parse', text: text.trim() } as const;
  const link = await answer(session.backend, command, 'link').catch(() => null);
  if (!link) return { wrong: t('code-shape') };
  if (link.aim !== null && link.aim !== aim) return { wrong: t(`link-for-${link.aim}`) };
  if (link.is_other_server) return { wrong: t('link-other-server', { server: link.server ?? '' }) };
  return { code: link.code };
}
