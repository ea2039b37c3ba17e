// What the packages stand on, told by cargo and npm themselves, without a network.
// usage: bill.mjs licences|sbom TARGET PACKAGE... (TARGET as rustc names it; the page of the window counts with `desktop`)
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const RULE = '-'.repeat(80);
const [form, target, ...programs] = process.argv.slice(2);

const parts = [...crates(), ...(programs.includes('desktop') ? scripts() : [])].sort(
  (a, b) => order(a.name, b.name) || order(a.version, b.version),
);
if (form === 'licences') process.stdout.write(licences());
else if (form === 'sbom') process.stdout.write(`${JSON.stringify(sbom(), null, 1)}\n`);
else throw new Error('usage: bill.mjs licences|sbom TARGET PACKAGE...');

/** The crates that end up in the programs: no build scripts, no macros' own needs, no tests. */
function crates() {
  const asked = ['metadata', '--locked', '--format-version', '1', '--filter-platform', target];
  const metadata = JSON.parse(execFileSync('cargo', asked, { cwd: ROOT, maxBuffer: 1 << 28 }));
  const packages = new Map(metadata.packages.map((it) => [it.id, it]));
  const nodes = new Map(metadata.resolve.nodes.map((it) => [it.id, it]));
  const isOurs = (it) => metadata.workspace_members.includes(it.id);
  const waiting = metadata.packages.filter((it) => isOurs(it) && programs.includes(it.name)).map((it) => it.id);
  if (waiting.length !== programs.length) throw new Error(`not all of ${programs} are packages`);
  const found = new Set(waiting);
  while (waiting.length > 0) {
    for (const { pkg, dep_kinds } of nodes.get(waiting.pop()).deps) {
      const isMacro = packages.get(pkg).targets.some((it) => it.kind.includes('proc-macro'));
      if (isMacro || found.has(pkg) || dep_kinds.every(({ kind }) => kind !== null)) continue;
      found.add(pkg);
      waiting.push(pkg);
    }
  }
  const foreign = [...found].map((id) => packages.get(id)).filter((it) => !isOurs(it));
  return foreign.map((it) => ({
    name: it.name,
    version: it.version,
    licence: it.license ?? '',
    address: `pkg:cargo/${it.name}@${it.version}`,
    digest: locked().get(`${it.name} ${it.version}`),
    folder: dirname(it.manifest_path),
  }));
}

/** The scripts that the page of the window is made of. */
function scripts() {
  const lock = JSON.parse(readFileSync(join(ROOT, 'ui/package-lock.json')));
  // Svelte compiles into the page, whatever it counts as.
  const isUsed = (path, it) => path === 'node_modules/svelte' || (path !== '' && !it.dev && !it.optional);
  const used = Object.entries(lock.packages).filter(([path, it]) => isUsed(path, it));
  return used.map(([path, it]) => {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const folder = join(ROOT, 'ui', path);
    return { name, version: it.version, licence: it.license ?? '', address: `pkg:npm/${name}@${it.version}`, folder };
  });
}

function locked() {
  locked.digests ??= new Map(
    [...readFileSync(join(ROOT, 'Cargo.lock'), 'utf8').matchAll(/name = "(.+)"\nversion = "(.+)"\nsource = .+\nchecksum = "(.+)"/g)].map(
      ([, name, version, digest]) => [`${name} ${version}`, digest],
    ),
  );
  return locked.digests;
}

/** One page: who is in it under which licence, then every text once. */
function licences() {
  const texts = new Map();
  for (const part of parts) {
    for (const text of textsOf(part.folder)) {
      const key = text.replace(/\s+/g, ' ').trim();
      if (!texts.has(key)) texts.set(key, { text, names: new Set() });
      texts.get(key).names.add(`${part.name} ${part.version}`);
    }
  }
  const list = parts.map((it) => `${it.name} ${it.version}: ${it.licence}`).join('\n');
  const all = [...texts.values()].map(({ text, names }) => `${RULE}\n${[...names].join(', ')}\n${RULE}\n\n${text.trim()}\n`);
  return `Wherry is under MIT or Apache-2.0, as you choose. These programs hold parts by others, besides\nthe standard library of Rust (MIT OR Apache-2.0):\n\n${list}\n\n${all.join('\n')}`;
}

function textsOf(folder) {
  const names = existsSync(folder) ? readdirSync(folder).sort(order) : [];
  const texts = names.filter((it) => /^(licen[cs]e|copying|notice|unlicense)/i.test(it) && !/\.(rs|toml|html|json)$/.test(it));
  return texts.flatMap((it) => {
    try {
      return [readFileSync(join(folder, it), 'utf8').replaceAll('\r', '')];
    } catch {
      return []; // A folder of that name.
    }
  });
}

/** CycloneDX 1.5. */
function sbom() {
  const version = /\[workspace\.package\]\nversion = "(.+)"/.exec(readFileSync(join(ROOT, 'Cargo.toml'), 'utf8'))[1];
  const body = {
    metadata: {
      timestamp: new Date(1000 * Number(process.env.SOURCE_DATE_EPOCH ?? 0)).toISOString(),
      component: { type: 'application', 'bom-ref': 'wherry', name: 'wherry', version, licenses: [{ expression: 'MIT OR Apache-2.0' }] },
    },
    components: parts.map((it) => ({
      type: 'library',
      'bom-ref': it.address,
      name: it.name,
      version: it.version,
      purl: it.address.replace('npm/@', 'npm/%40'),
      ...(it.licence === '' ? {} : { licenses: [{ expression: it.licence.replaceAll('/', ' OR ') }] }),
      ...(it.digest === undefined ? {} : { hashes: [{ alg: 'SHA-256', content: it.digest }] }),
    })),
  };
  const digest = createHash('sha256').update(JSON.stringify(body)).digest('hex');
  // The variant and version bits of a UUID that is derived from content.
  const uuid = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-a${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
  return { bomFormat: 'CycloneDX', specVersion: '1.5', serialNumber: `urn:uuid:${uuid}`, version: 1, ...body };
}

/** The same order in every language. */
function order(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}
