import type {
  Contact,
  DeviceView,
  EntryView,
  Event,
  GroupView,
  HistoryView,
  NearbyView,
  OfferView,
  ReceiptView,
  RuleView,
  SettingProblem,
  SettingView,
  StatusView,
  TransferView,
} from '../contract';
import { settingRows } from './settings';
import type { Shared } from './shared';

/** What the scripted engine knows; a scenario starts it and commands change it. */
export interface World {
  firstRun: boolean;
  /** Whether the engine's lists fail. */
  broken: boolean;
  autostart: boolean;
  status: StatusView;
  deviceName: string;
  contacts: Contact[];
  groups: GroupView[];
  rules: RuleView[];
  folders: Shared[];
  nearby: NearbyView[];
  devices: DeviceView[];
  transfers: TransferView[];
  rates: Record<string, number>;
  entries: Record<string, EntryView[]>;
  offers: Record<string, OfferView>;
  history: HistoryView[];
  receipts: ReceiptView[];
  settings: SettingView[];
  problems: SettingProblem[];
  /** Told as soon as somebody listens. */
  opening: Event[];
}

/** All moments of the scripted world hang on this one, so that it looks the same on every day. */
export const NOON = Date.parse('2027-05-12T14:02:00Z');

export function at(hoursAgo: number): string {
  return new Date(NOON - hoursAgo * 3_600_000).toISOString().replace('.000', '');
}

export const EMPTY_WORLD: World = {
  firstRun: false,
  broken: false,
  autostart: false,
  status: {
    server: { state: 'ready' },
    issued_code: null,
    comparison: null,
    send_codes: [],
    visible_s: 0,
    hosting: [],
  },
  deviceName: "Ana's laptop",
  contacts: [],
  groups: [],
  rules: [],
  folders: [],
  nearby: [],
  devices: [{ device_id: '4K7Q-P2ZD-9WXA-HM3T', name: "Ana's laptop", this: true, connected: true }],
  transfers: [],
  rates: {},
  entries: {},
  offers: {},
  history: [],
  receipts: [],
  settings: settingRows(),
  problems: [],
  opening: [],
};
