import type { Event, TransferView } from '../contract';
import type { Stage } from './mock';
import type { World } from './world';

/** Lets everything that has a rate carry for `seconds`. */
export function advance({ world, tell }: Stage, seconds: number): void {
  for (const transfer of world.transfers) {
    const rate = wavering(world.rates[transfer.transfer] ?? 0, transfer.bytes);
    if (rate === 0 || !['active', 'waiting_for_answer'].includes(transfer.state)) continue;
    Object.assign(transfer, { state: 'active' });
    transfer.bytes = Math.min(transfer.total_bytes, transfer.bytes + rate * seconds);
    tell(transfer.bytes < transfer.total_bytes ? progress(transfer, rate) : completed(world, transfer));
  }
}

/** How each that moves stood, `past` milliseconds ago. */
export function recall(world: World, past: number): Event[] {
  const active = world.transfers.filter((it) => it.state === 'active');
  return active.map((it) => {
    const rate = world.rates[it.transfer] ?? 0;
    return progress(it, past > 1000 ? wavering(rate, it.bytes - past * 40_000) : rate);
  });
}

function progress(transfer: TransferView, rate: number): Event {
  const left = transfer.total_bytes - transfer.bytes;
  return {
    event: 'transfer_progress',
    transfer: transfer.transfer,
    bytes: transfer.bytes,
    total_bytes: transfer.total_bytes,
    rate_bytes_per_s: rate,
    eta_s: rate > 0 ? Math.ceil(left / rate) : null,
    path: transfer.path ?? 'direct',
  };
}

function completed(world: World, transfer: TransferView): Event {
  Object.assign(transfer, { state: 'completed' });
  delete world.rates[transfer.transfer];
  return {
    event: 'transfer_completed',
    transfer: transfer.transfer,
    entries: transfer.entries,
    bytes: transfer.total_bytes,
    digest: 'c1f0a97c44d8b1e6035d6a2b7719e0f4a8c53b20de91f76c5a0482f7be6d3391',
    path: transfer.path ?? 'direct',
    seconds: 9,
    carried_bytes: transfer.total_bytes,
    resent_bytes: 0,
    skipped: 0,
  };
}

/** Links are never quite even. */
function wavering(rate: number, bytes: number): number {
  return Math.round(rate * (1 + 0.12 * Math.sin(bytes / 9e7) + 0.05 * Math.sin(bytes / 2.3e7)));
}
