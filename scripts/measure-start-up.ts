import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How long `check` on ten files takes from the compiled build, beside `node -e 0`. Run after `npm run build`. */
const root = fileURLToPath(new URL('..', import.meta.url));
const rounds = 20;
const files = 10;

const directory = mkdtempSync(join(tmpdir(), 'bucketwarden-start-up-'));
for (let index = 0; index < files; index++) {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-${index}`, namespace: 'payments' },
    spec: { containers: [{ name: 'app', image: 'app:1', args: ['--bucket', 'payments-tmp-a'] }] },
  };
  writeFileSync(join(directory, `pod-${index}.json`), JSON.stringify(pod, undefined, 2));
}

const check = ['dist/main.js', 'check', directory, '--tenants', 'examples/tenants.yaml'];
const times = { node: [] as number[], check: [] as number[] };
// Alternating, so that whatever else the machine does hits both alike; the first round warms the disk.
for (let round = 0; round <= rounds; round++) {
  const [node, own] = [run(['-e', '0']), run(check)];
  if (round === 0) continue;
  times.node.push(node);
  times.check.push(own);
}
rmSync(directory, { recursive: true });

const [node, own] = [median(times.node), median(times.check)];
process.stdout.write(
  `node -e 0: ${node.toFixed(1)} ms, check on ${files} files: ${own.toFixed(1)} ms, ` +
    `ratio ${(own / node).toFixed(2)} (medians of ${rounds} runs)\n`,
);

function run(words: readonly string[]): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, words, { cwd: root });
  if (status !== 0) throw new Error(stderr.toString());
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? Number.NaN;
}
