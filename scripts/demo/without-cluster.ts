import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import jsonpatch from 'jsonpatch';
import { isRecord } from '../../src/admission/json.ts';
import { readManifest } from '../../src/files/documents.ts';
import { serve } from '../../src/server/serve.ts';
import { renderPatch } from './render-patch.ts';
import { createReviewClient, type ReviewClient } from './review-client.ts';
import { story } from './story.ts';
import { heading, indent, paint, print } from './terminal.ts';

/**
 * Serves the example tenants over TLS on this machine and plays real admission reviews through it:
 * /mutate, then /validate on the patched object, as an API server would.
 */
export async function playWithoutCluster(): Promise<void> {
  const log = new PassThrough();
  const logged: string[] = [];
  log.on('data', (chunk: Buffer) => logged.push(chunk.toString()));
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
  print(
    `\nServing examples/tenants.yaml on https://127.0.0.1:${server.port}, no cluster needed.\n`,
  );
  const client = createReviewClient(server.port, server.caCertificate ?? '');
  for (const { file, about } of story) {
    print(heading(`${file}: ${about}`));
    const { objects } = readManifest(file, readFileSync(file, 'utf8'));
    for (const { value } of objects) await play(value, client);
  }
  client.close();
  await server.stop();
  const decisions = logged
    .join('')
    .split('\n')
    .filter((line) => line.includes('"decision"'));
  print(heading(`${decisions.length} decision lines were logged. The last one:`));
  print(`${decisions.at(-1) ?? ''}\n`);
  print(
    'Next: npm run -s dev -- check examples/bad --tenants examples/tenants.yaml --config examples/config.yaml\n',
  );
}

async function play(value: unknown, client: ReviewClient): Promise<void> {
  if (!isRecord(value)) return;
  const { patch } = await client.post('/mutate', value);
  for (const line of renderPatch(patch)) print(indent(line));
  const object: unknown = jsonpatch.apply_patch(value, [...patch]);
  const answer = await client.post('/validate', isRecord(object) ? object : value);
  if (answer.allowed) print(indent(paint('green', 'ALLOWED')));
  else print(indent(`${paint('red', 'DENIED')} ${answer.message}`));
  for (const warning of answer.warnings) print(indent(`${paint('yellow', 'WARNING')} ${warning}`));
  print('');
}
