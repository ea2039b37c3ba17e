// What a window has to load at most: every script of the build, packed as a server would.
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT_BYTES = 130_000;

const scripts = readdirSync('dist/assets').filter((it) => it.endsWith('.js'));
const bytes = scripts.reduce((sum, it) => sum + gzipSync(readFileSync(`dist/assets/${it}`)).length, 0);
console.log(`${scripts.length} scripts, ${bytes} of ${LIMIT_BYTES} bytes`);
if (bytes > LIMIT_BYTES) process.exit(1);
