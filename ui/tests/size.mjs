// What a window loads at most, packed as a server would: all scripts of the build but the scripted engine, which no window
// has, and of its languages the longest one.
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT_BYTES = 130_000;
const SCRIPTED_ENGINE = 'mock';

const chunks = readdirSync('dist/assets')
  .filter((it) => it.endsWith('.js'))
  .map((it) => ({
    name: it.replace(/-[\w-]{8}\.js$/, ''),
    bytes: gzipSync(readFileSync(`dist/assets/${it}`)).length,
  }));
const parts = readdirSync('src/lib/i18n/locales/en').map((it) => it.replace('.ftl', ''));
const words = (name) => chunks.filter((it) => it.name === name).map((it) => it.bytes);
const code = chunks.filter((it) => it.name !== SCRIPTED_ENGINE && !parts.includes(it.name));
const bytes = sum(code.map((it) => it.bytes)) + sum(parts.map((it) => Math.max(...words(it))));
console.log(
  `a window loads ${bytes} of ${LIMIT_BYTES} bytes; ${sum(chunks.map((it) => it.bytes))} in ${chunks.length} scripts`,
);
// Without these the figure would leave something out unseen.
const isKnown = chunks.some((it) => it.name === SCRIPTED_ENGINE) && parts.every((it) => words(it).length > 1);
if (!isKnown || bytes > LIMIT_BYTES) process.exit(1);

function sum(numbers) {
  return numbers.reduce((all, it) => all + it, 0);
}
