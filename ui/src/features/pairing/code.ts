/** Makes `7-lunar-basil` of what a person typed or pasted, or `null` if no code can be meant. */
export function tidyCode(typed: string): string | null {
  const parts = typed
    .trim()
    .toLowerCase()
    .split(/[\s\-–—]+/)
    .filter((part) => part !== '');
  const [number, ...words] = parts;
  if (!number || !/^\d+$/.test(number)) return null;
  if (words.length < 2 || !words.every((word) => /^[a-z]+$/.test(word))) return null;
  return parts.join('-');
}
