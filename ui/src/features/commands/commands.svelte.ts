import type { IconName } from '../../controls/icons';
import { withoutSteering } from '../../lib/i18n/parts';
import { t } from '../../lib/i18n/words.svelte';
import type { Session } from '../../lib/state/session.svelte';
import { MODIFIER } from '../../shell/modifier';
import { router } from '../../shell/route.svelte';
import { sharing } from '../folders/sharing.svelte';
import { reachable } from '../people/recipients';
import type { Sending } from '../sending/sending.svelte';

export interface Command {
  id: string;
  label: string;
  icon: IconName;
  hint?: string;
  run: () => void;
}

export const commandBar = $state({ open: false });

/** Everything that the command bar knows, those that fit `wanted`. */
export function commands(session: Session, sending: Sending, wanted: string): Command[] {
  const needle = wanted.trim().toLocaleLowerCase();
  const all = [...places(), ...people(session, sending), ...transfers(session), ...ways(session)];
  return all.filter((it) => withoutSteering(it.label).toLocaleLowerCase().includes(needle));
}

function places(): Command[] {
  return [
    {
      id: 'people',
      label: t('people'),
      icon: 'people',
      hint: `${MODIFIER} 1`,
      run: () => router.go({ place: 'people' }),
    },
    {
      id: 'folders',
      label: t('folders'),
      icon: 'folder',
      hint: `${MODIFIER} 2`,
      run: () => router.go({ place: 'folders' }),
    },
    {
      id: 'activity',
      label: t('activity'),
      icon: 'activity',
      hint: `${MODIFIER} 3`,
      run: () => router.go({ place: 'activity' }),
    },
    {
      id: 'add',
      label: t('add-contact'),
      icon: 'add',
      hint: `${MODIFIER} N`,
      run: () => router.go({ place: 'add' }),
    },
    {
      id: 'share',
      label: t('share-folder'),
      icon: 'folder',
      hint: `${MODIFIER} ⇧ N`,
      run: () => sharing.with(),
    },
    {
      id: 'code',
      label: t('by-code'),
      icon: 'link',
      hint: `${MODIFIER} L`,
      run: () => router.go({ place: 'code' }),
    },
    {
      id: 'settings',
      label: t('settings'),
      icon: 'settings',
      hint: `${MODIFIER} ,`,
      run: () => router.go({ place: 'settings' }),
    },
    {
      id: 'devices',
      label: t('add-device'),
      icon: 'person',
      run: () => router.go({ place: 'devices' }),
    },
  ];
}

function people(session: Session, sending: Sending): Command[] {
  return session.state.people.contacts.flatMap((contact) => {
    const to = reachable([contact]);
    const name = contact.name;
    const open: Command = {
      id: `open-${contact.contact}`,
      label: t('open-person', { name }),
      icon: 'person',
      run: () => router.go({ place: 'person', contact: contact.contact }),
    };
    if (to.length === 0) return [open];
    const send: Command = {
      id: `send-${contact.contact}`,
      label: t('send-files-to', { name }),
      icon: 'files',
      run: () => void sending.pickFiles(to),
    };
    return [send, open];
  });
}

/** Out of the window. */
function ways(session: Session): Command[] {
  const { host } = session.backend;
  const out = (run: () => Promise<void>) => () => void session.attempt(run);
  if (session.facts?.platform === 'browser') return [];
  return [
    { id: 'log', label: t('open-log'), icon: 'text', run: out(host.openLog) },
    { id: 'quit', label: t('quit'), icon: 'close', hint: `${MODIFIER} Q`, run: out(host.quit) },
  ];
}

function transfers(session: Session): Command[] {
  const ask = (action: 'pause_all' | 'resume_all') => () =>
    void session.ask({ command: 'transfer', action }, 'transfers');
  if (session.state.transfers.length === 0) return [];
  return [
    { id: 'pause-all', label: t('pause-all'), icon: 'pause', run: ask('pause_all') },
    { id: 'resume-all', label: t('resume-all'), icon: 'resume', run: ask('resume_all') },
  ];
}
