import type { HistoryView, ReceiptView } from '../contract';
import { fivePeople } from './people';
import { at } from './world';

const MB = 1_000_000;

export function someHistory(): HistoryView[] {
  return [
    ended('h1', 'incoming', 'Mia', ['contract.pdf'], 1, 2.4, 0.4, 'local'),
    ended('h2', 'outgoing', 'Jon', ['mixdown.flac', 'cover.jpg', 'notes.txt'], 3, 121, 3, 'relay'),
    ended('h3', 'outgoing', 'Studio NAS', ['archive-2025'], 18_204, 64_300, 26, 'local'),
    {
      ...ended('h4', 'outgoing', 'Ravi', ['drone-raw'], 42, 900, 29, 'direct'),
      code: 'declined',
      figures: null,
    },
    { ...ended('h5', 'incoming', 'دينا', ['رسالة'], 1, 0.001, 51, 'direct'), kind: 'text' },
    ended('h6', 'incoming', 'دينا', ['خطة الموقع.pdf'], 1, 12, 75, 'direct'),
    {
      ...ended('h7', 'incoming', 'Jon', ['backup.tar'], 1, 8_000, 140, 'relay'),
      code: 'disk_full',
      figures: null,
    },
  ];
}

export function someReceipts(): ReceiptView[] {
  return [
    receipt('h1', 'contract.pdf', 'Mia', "Ana's laptop", 1, 2.4, 0.4),
    receipt('h2', 'mixdown.flac', "Ana's laptop", 'Jon', 3, 121, 3),
    receipt('h3', 'archive-2025', "Ana's laptop", 'Studio NAS', 18_204, 64_300, 26),
  ];
}

function ended(
  transfer: string,
  direction: HistoryView['direction'],
  peer: string,
  names: string[],
  entries: number,
  megabytes: number,
  hoursAgo: number,
  path: 'local' | 'direct' | 'relay',
): HistoryView {
  const figures = { path, seconds: 2 + megabytes / 90, resent_bytes: 0, skipped: 0 };
  const bytes = megabytes * MB;
  const ended_at = at(hoursAgo);
  return { transfer, direction, peer, kind: 'files', names, entries, bytes, ended_at, code: null, figures };
}

function receipt(
  transfer: string,
  title: string,
  sender: string,
  receiver: string,
  entries: number,
  megabytes: number,
  hoursAgo: number,
): ReceiptView {
  return {
    transfer,
    title,
    sender: { device_id: idOf(sender), name: sender, time: at(hoursAgo) },
    receiver: { device_id: idOf(receiver), name: receiver, time: at(hoursAgo) },
    entries,
    files: entries,
    bytes: megabytes * MB,
    skipped: 0,
    digest: 'c1f0a97c44d8b1e6035d6a2b7719e0f4a8c53b20de91f76c5a0482f7be6d3391',
    sums: null,
  };
}

function idOf(name: string): string {
  const person = fivePeople().find((it) => it.name === name);
  return person?.devices[0]?.device_id ?? '4K7Q-P2ZD-9WXA-HM3T';
}
