/** A formatted message as a tree: plain text, and stretches of their own direction. */
export type Part = string | Part[];

const OPEN = '\u2068';
const CLOSE = '\u2069';
const STEERING = /[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]/g;

const OPEN_LEFT_TO_RIGHT = '\u2066';

/** Keeps its order between words that run from the right. */
export function leftToRight(text: string): string {
  return OPEN_LEFT_TO_RIGHT + text + CLOSE;
}

/** Takes out what could turn the words around a name. */
export function withoutSteering(text: string): string {
  return text.replace(STEERING, '');
}

const MOST_LETTERS = 64;
const LAST_LETTERS = 16;

/** A name that is too long for its place loses its middle: what it begins with and how it ends tell most. */
export function shortened(text: string): string {
  if (text.length <= MOST_LETTERS) return text;
  const letters = [...text];
  if (letters.length <= MOST_LETTERS) return text;
  const first = letters.slice(0, MOST_LETTERS - LAST_LETTERS - 1).join('');
  return `${first}…${letters.slice(-LAST_LETTERS).join('')}`;
}

/** Splits at the isolation marks that the formatter puts around every argument. */
export function partsOf(message: string): Part[] {
  const stack: Part[][] = [[]];
  for (const piece of message.split(/([\u2068\u2069])/)) {
    if (piece === OPEN) {
      stack.push([]);
    } else if (piece === CLOSE && stack.length > 1) {
      const inner = stack.pop() ?? [];
      stack.at(-1)?.push(inner);
    } else if (piece !== '' && piece !== CLOSE) {
      stack.at(-1)?.push(piece);
    }
  }
  return stack.flatMap((level) => level);
}
