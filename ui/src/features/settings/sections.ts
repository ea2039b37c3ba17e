import type { SettingView } from '../../lib/backend/contract';

export interface Section {
  name: 'profile' | 'receiving' | 'network' | 'other';
  rows: SettingView[];
}

const PLACES: Record<string, Section['name']> = {
  'device-name': 'profile',
  'destination-folder': 'receiving',
  'existing-names': 'receiving',
  'impossible-names': 'receiving',
  'name-rules': 'receiving',
  'disk-reserve-bytes': 'receiving',
  'history-days': 'receiving',
  'server-url': 'network',
  'host-here': 'network',
  'stun-servers': 'network',
  relay: 'network',
  'relay-budget-bytes': 'network',
  'active-transfers': 'network',
  'send-rate': 'network',
  'receive-rate': 'network',
};

/** Sorts settings into what they are about; one that we do not know yet is shown last, not hidden. */
export function sections(rows: SettingView[]): Section[] {
  const names: Section['name'][] = ['profile', 'receiving', 'network', 'other'];
  const all = names.map((name) => ({
    name,
    rows: rows.filter((it) => (PLACES[it.key] ?? 'other') === name),
  }));
  return all.filter((it) => it.rows.length > 0);
}
