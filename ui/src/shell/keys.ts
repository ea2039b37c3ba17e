import { commandBar } from '../features/commands/commands.svelte';
import type { Sending } from '../features/sending/sending.svelte';
import { sharing } from '../features/folders/sharing.svelte';
import { router } from './route.svelte';

const REGIONS = ['places', 'main', 'dock'];

/** The keys that work everywhere. */
export function obeyKeys(event: KeyboardEvent, sending: Sending): void {
  if (event.key === 'F6') {
    event.preventDefault();
    nextRegion(event.shiftKey ? -1 : 1);
    return;
  }
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
  const key = event.key.toLowerCase();
  const run = event.shiftKey && key === 'n' ? () => sharing.with() : shortcut(key, sending);
  if (!run) return;
  event.preventDefault();
  run();
}

function shortcut(key: string, sending: Sending): (() => void) | null {
  switch (key) {
    case '1':
      return () => router.go({ place: 'people' });
    case '2':
      return () => router.go({ place: 'folders' });
    case '3':
      return () => router.go({ place: 'activity' });
    case 'k':
      return () => (commandBar.open = !commandBar.open);
    case 'n':
      return () => router.go({ place: 'add' });
    case 'l':
      return () => router.go({ place: 'code' });
    case ',':
      return () => router.go({ place: 'settings' });
    case 'q':
      return () => void sending.session.attempt(() => sending.session.backend.host.quit());
    case 'z':
      return sending.prepared ? () => sending.undo() : null;
    default:
      return null;
  }
}

function nextRegion(step: 1 | -1): void {
  const regions = REGIONS.flatMap((id) => document.getElementById(id) ?? []);
  const here = regions.findIndex((it) => it.contains(document.activeElement));
  const next = regions[(here + step + regions.length) % regions.length];
  const inside = next?.querySelector<HTMLElement>(
    'a[href], button:not([tabindex="-1"]), input, [tabindex="0"]',
  );
  (inside ?? next)?.focus();
}
