import { getContext, setContext } from 'svelte';

import type { Sending } from '../../features/sending/sending.svelte';
import type { Session } from './session.svelte';

/** What every screen may reach. */
export interface Current {
  session: Session;
  sending: Sending;
}

const KEY = Symbol('current');

export function provide(current: Current): void {
  setContext(KEY, current);
}

export function current(): Current {
  return getContext<Current>(KEY);
}
