/** A line of one side: whether the other has it too. */
export interface DiffLine {
  text: string;
  own: boolean;
}

/** More lines than this are not compared; they are shown as they are. */
const MOST_LINES = 4_000;
/** So many lines may differ; beyond it everything between the first and the last difference counts as one. */
const MOST_STEPS = 600;

/** Both texts line by line, each line with whether only this side has it. */
export function compared(one: string, other: string): [DiffLine[], DiffLine[]] {
  const [a, b] = [linesOf(one), linesOf(other)];
  if (a.length > MOST_LINES || b.length > MOST_LINES) return [marked(a, new Set()), marked(b, new Set())];
  const limit = Math.min(a.length, b.length);
  let start = 0;
  while (start < limit && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < limit - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const inner = differences(a.slice(start, a.length - end), b.slice(start, b.length - end));
  return [marked(a, shifted(inner[0], start)), marked(b, shifted(inner[1], start))];
}

export function linesOf(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

/** The lines of each that the other lacks, by their places: the shortest way from one to the other (Myers, 1986). */
function differences(a: string[], b: string[]): [Set<number>, Set<number>] {
  const trail: Map<number, number>[] = [];
  let best = new Map<number, number>([[1, 0]]);
  for (let steps = 0; steps <= Math.min(a.length + b.length, MOST_STEPS); steps += 1) {
    trail.push(best);
    const next = new Map(best);
    for (let k = -steps; k <= steps; k += 2) {
      const down = k === -steps || (k !== steps && at(best, k - 1) < at(best, k + 1));
      let x = down ? at(best, k + 1) : at(best, k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      next.set(k, x);
      if (x >= a.length && x - k >= b.length) return walkedBack(trail, a.length, b.length);
    }
    best = next;
  }
  return [new Set(a.keys()), new Set(b.keys())];
}

function walkedBack(trail: Map<number, number>[], x: number, y: number): [Set<number>, Set<number>] {
  const lost = new Set<number>();
  const won = new Set<number>();
  for (let steps = trail.length - 1; steps > 0; steps -= 1) {
    const best = trail[steps] ?? new Map<number, number>();
    const k = x - y;
    const down = k === -steps || (k !== steps && at(best, k - 1) < at(best, k + 1));
    const before = down ? k + 1 : k - 1;
    const from = at(best, before);
    if (down) won.add(from - before);
    else lost.add(from);
    x = from;
    y = from - before;
  }
  return [lost, won];
}

function at(best: Map<number, number>, k: number): number {
  return best.get(k) ?? -1;
}

function shifted(places: Set<number>, by: number): Set<number> {
  return new Set([...places].map((it) => it + by));
}

function marked(lines: string[], own: Set<number>): DiffLine[] {
  return lines.map((text, index) => ({ text, own: own.has(index) }));
}
