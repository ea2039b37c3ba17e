import type { Problem } from '../../lib/backend/contract';
import { formatBytes } from '../../lib/format/amount';
import { words, type Args } from '../../lib/i18n/words.svelte';

/** What will not arrive as it is, in words. */
export function preflight(found: Problem): { key: string; args: Args } {
  switch (found.problem) {
    case 'left_out':
      return { key: `skipped-${found.reason.replaceAll('_', '-')}`, args: {} };
    case 'renamed':
      return { key: 'preflight-renamed', args: { name: found.name } };
    case 'taken':
      return { key: `preflight-taken-${found.existing}`, args: {} };
    case 'no_space':
      return {
        key: 'preflight-no-space',
        args: { missing: formatBytes(found.missing_bytes, words.figures) },
      };
    case 'more':
      return { key: 'preflight-more', args: { count: found.entries } };
  }
}
