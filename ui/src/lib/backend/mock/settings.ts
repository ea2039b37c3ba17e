import type { SettingView } from '../contract';

/** The settings as the engine lists them. */
export function settingRows(): SettingView[] {
  return [
    row('device-name', "Ana's laptop", 'a name of at most 128 bytes', 'the name of the machine', null),
    row('server-url', 'wss://meet.example.org', 'an address that begins with wss://', 'none', 'server'),
    row('host-here', 'off', 'off, on, or the name or address of this machine', 'off', null),
    row(
      'destination-folder',
      '/home/ana/Downloads/Wherry',
      'an absolute path',
      'the downloads folder',
      'into',
    ),
    row('history-days', '90', 'a number of days from 0 to 36500', '90', null),
    row('existing-names', 'keep-both', 'one of: keep-both, skip, replace', 'keep-both', null),
    row('impossible-names', 'rename', 'one of: rename, leave-out', 'rename', null),
    row('name-rules', 'system', 'one of: system, windows', 'system', null),
    row('after-receive-command', 'none', 'none, or the absolute path of a program', 'none', null),
    row('disk-reserve-bytes', null, 'a number of bytes, or one with K, M, G or T', '1 GiB or 5 %', null),
    row('active-transfers', '4', 'a number of transfers from 1 to 64', '4', null),
    row('relay', 'automatic', 'one of: automatic, never, only', 'automatic', null),
    row('relay-budget-bytes', null, 'a number of bytes, or one with K, M, G or T', 'none', null),
    row('send-rate', null, 'bytes a second from 16K, or none', 'none', null),
    row('receive-rate', null, 'bytes a second from 16K, or none', 'none', null),
  ];
}

/** The same under a policy of an organisation. */
export function managedRows(): SettingView[] {
  return settingRows().map((it) => {
    if (it.key === 'server-url') {
      return { ...it, value: 'wss://wherry.studio.example', source: 'policy', locked: true };
    }
    if (it.key === 'send-rate') {
      return { ...it, value: '2M mon-fri 08:00-18:00, none', source: 'policy', locked: true };
    }
    return it.key === 'destination-folder' ? { ...it, source: 'file' } : it;
  });
}

function row(
  key: string,
  value: string | null,
  allowed: string,
  fallback: string,
  flag: string | null,
): SettingView {
  return {
    key,
    value,
    source: key === 'destination-folder' ? 'file' : 'default',
    locked: false,
    default: fallback,
    allowed,
    about: '',
    environment: `WHERRY_${key.replaceAll('-', '_').toUpperCase()}`,
    flag,
  };
}
