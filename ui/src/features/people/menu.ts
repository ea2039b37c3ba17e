import type { MenuItem } from '../../controls/Menu.svelte';
import type { Contact } from '../../lib/backend/contract';
import { t } from '../../lib/i18n/words.svelte';
import { sharing } from '../folders/sharing.svelte';
import { router } from '../../shell/route.svelte';
import type { Recipient, Sending } from '../sending/sending.svelte';

/** Everything that a drag onto a person does, without one. */
export function personMenu(contact: Contact, to: Recipient[], sending: Sending): MenuItem[] {
  const about: MenuItem = {
    label: t('open-person', { name: contact.name }),
    icon: 'person',
    run: () => router.go({ place: 'person', contact: contact.contact }),
  };
  const share: MenuItem = {
    label: t('share-folder'),
    icon: 'folder',
    run: () => sharing.with(contact.contact),
  };
  return to.length === 0 ? [about] : [...sendMenu(to, sending), share, about];
}

export function sendMenu(to: Recipient[], sending: Sending): MenuItem[] {
  return [
    { label: t('send-files'), icon: 'files', run: () => void sending.pickFiles(to) },
    { label: t('send-folder'), icon: 'folder', run: () => void sending.pickFolder(to) },
    { label: t('send-text'), icon: 'text', run: () => (sending.writingTo = to) },
  ];
}
