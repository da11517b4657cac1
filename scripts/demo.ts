import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { styleText } from 'node:util';
import jsonpatch from 'jsonpatch';
import { isRecord } from '../src/admission/json.ts';
import { readManifest, type ManifestObject } from '../src/manifest/documents.ts';
import { serve } from '../src/server/serve.ts';
import { createReviewClient, type ReviewClient } from './demo/review-client.ts';
import { renderPatch } from './demo/render-patch.ts';

/**
 * `npm run demo`: serves the example tenants over TLS on this machine and plays real admission reviews
 * through it, first /mutate, then /validate on the patched object, as an API server would.
 */
const story = [
  ['examples/good/pod.yaml', 'A Pod as its author writes it: the storage identity is injected.'],
  [
    'examples/good/report.yaml',
    'A Deployment that asks for its own bucket and reads a shared one.',
  ],
  ['examples/good/service-entry.yaml', 'A granted host; exportTo is filled in.'],
  [
    'examples/bad/foreign-bucket.yaml',
    "Another tenant's bucket reads like one that does not exist.",
  ],
  ['examples/bad/static-keys.yaml', 'Static keys: only a warning, as examples/config.yaml says.'],
  [
    'examples/bad/service-entries.yaml',
    "A wildcard that covers the store, and the store's own name.",
  ],
] as const;

const root = new URL('../', import.meta.url);
const log = new PassThrough();
const logged: string[] = [];
log.on('data', (chunk: Buffer) => logged.push(chunk.toString()));

process.chdir(root.pathname);
const server = await serve(
  {
    host: '127.0.0.1',
    port: 0,
    metricsPort: 0,
    tenants: ['examples/tenants.yaml'],
    config: 'examples/config.yaml',
  },
  { stdout: log },
);
print(`\nServing examples/tenants.yaml on https://127.0.0.1:${server.port}, no cluster needed.\n`);
const client = createReviewClient(server.port, server.caCertificate ?? '');
for (const [file, about] of story) {
  print(heading(`${file}: ${about}`));
  const { objects } = readManifest(file, readFileSync(new URL(file, root), 'utf8'));
  for (const object of objects) await play(object, client);
}
client.close();
await server.stop();
const decisions = logged
  .join('')
  .split('\n')
  .filter((line) => line.includes('"decision"'));
print(heading(`${decisions.length} decision lines were logged. The last one:`));
print(`${decisions.at(-1) ?? ''}\n`);
print('Next: npm run dev -- check examples/bad --tenants examples/tenants.yaml\n');

async function play({ value }: ManifestObject, to: ReviewClient): Promise<void> {
  if (!isRecord(value)) return;
  const mutated = await to.post('/mutate', value);
  for (const line of renderPatch(mutated.patch)) print(`  ${line}`);
  const object: unknown = jsonpatch.apply_patch(value, [...mutated.patch]);
  const { allowed, message, warnings } = await to.post(
    '/validate',
    isRecord(object) ? object : value,
  );
  print(allowed ? paint('green', '  ALLOWED') : `${paint('red', '  DENIED')} ${indent(message)}`);
  for (const warning of warnings) print(`  ${paint('yellow', 'WARNING')} ${warning}`);
  print('');
}

function heading(text: string): string {
  return paint('bold', `── ${text}`);
}

function indent(text: string): string {
  return text.replaceAll('\n', '\n  ');
}

/** Colour only on a terminal and never against NO_COLOR, which styleText looks after. */
function paint(style: 'bold' | 'green' | 'red' | 'yellow', text: string): string {
  return styleText(style, text, { stream: process.stdout, validateStream: true });
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
