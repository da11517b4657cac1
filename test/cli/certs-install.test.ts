import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { recordOf, valueAt, type JsonRecord } from '../../src/admission/json.ts';
import { makeCertificates, type CertsFlags } from '../../src/cli/certs.ts';
import { createStoringCluster } from '../kube/stored-objects.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { collectIo } from './collect-io.ts';

const secrets = '/api/v1/namespaces/bucketwarden-system/secrets';
const configuration =
  '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/bucketwarden';
const files = ['ca.crt', 'tls.key', 'tls.crt', 'signing-keys.json'] as const;

let objects = new Map<string, JsonRecord>();

beforeEach(() => {
  objects = new Map([
    [
      configuration,
      { metadata: { name: 'bucketwarden' }, webhooks: [{ name: 'validate.bucketwarden.io' }] },
    ],
  ]);
});

/** Runs `certs --install` as from a checkout. */
async function install(checkout: string, flags: Partial<CertsFlags> = {}): Promise<string> {
  const { io, printed } = collectIo({ directory: checkout });
  const all = { dir: 'certs', namespace: 'bucketwarden-system', install: true, ...flags };
  expect(await makeCertificates(all, io, () => Promise.resolve(createStoringCluster(objects)))).toBe(0);
  return printed()['stdout.txt'];
}

function local(checkout: string): Record<string, string> {
  return Object.fromEntries(
    files.map((name) => [name, readFileSync(join(checkout, 'certs', name), 'utf8')]),
  );
}

/** What the Secrets hold. */
function installed(): Record<string, string> {
  const names = ['bucketwarden-tls', 'bucketwarden-signing-keys'];
  const data = names.flatMap((name) =>
    Object.entries(recordOf(objects.get(`${secrets}/${name}`)?.['data'])),
  );
  return Object.fromEntries(
    data.map(([key, text]) => [key, Buffer.from(String(text), 'base64').toString()]),
  );
}

function states(stdout: string): readonly string[] {
  return stdout
    .split('\n')
    .filter((line) => line.includes(' certs/'))
    .map((line) => line.split(/ +/, 2).join(' '));
}

const refusal = (reasons: string, directory: string): string =>
  `the files in ${directory} do not continue what the cluster runs on: ${reasons}. Nothing was changed. ` +
  'To continue from the cluster, name an empty directory with --dir. To replace what the cluster has, add ' +
  '--replace: requests fail until every replica has the new certificate, and nobody can verify the ' +
  'attestations of running pods any more';
const noAuthority = "ca.crt does not contain the authority that signed the cluster's certificate";
const noKey = 'signing-keys.json does not contain the key that the cluster signs with';

describe('certs --install', () => {
  it('takes from the cluster what a second checkout lacks, and changes nothing there', async () => {
    const [first, second] = [temporaryDirectory(), temporaryDirectory()];
    await install(first);
    const before = installed();
    expect(before).toEqual(local(first));

    expect(states(await install(second))).toEqual([
      'taken certs/ca.crt',
      'taken certs/tls.key',
      'taken certs/tls.crt',
      'taken certs/signing-keys.json',
    ]);
    expect(installed()).toEqual(before);
    expect(local(second)).toEqual(before);
    expect(existsSync(join(second, 'certs/ca.key'))).toBe(false);
  });

  it('fills the caBundle of an entry that was added, from a second checkout', async () => {
    await install(temporaryDirectory());
    objects.set(configuration, {
      metadata: { name: 'bucketwarden' },
      webhooks: [{ name: 'validate.bucketwarden.io' }, { name: 'validate-new.bucketwarden.io' }],
    });
    await install(temporaryDirectory());
    const bundle = Buffer.from(installed()['ca.crt'] ?? '').toString('base64');
    for (const index of [0, 1]) {
      const path = ['webhooks', index, 'clientConfig', 'caBundle'];
      expect(valueAt(objects.get(configuration), path)).toBe(bundle);
    }
  });

  it('rotates with overlap from a second checkout', async () => {
    const [first, second] = [temporaryDirectory(), temporaryDirectory()];
    await install(first);
    const before = installed();
    expect(states(await install(second, { rotate: true }))).toEqual([
      'made certs/ca.crt',
      'made certs/ca.key',
      'made certs/tls.key',
      'made certs/tls.crt',
      'made certs/signing-keys.json',
    ]);
    const after = installed();
    expect(after['ca.crt']?.endsWith(before['ca.crt'] ?? '-')).toBe(true);
    expect(keyIds(after)).toEqual([expect.any(String), ...keyIds(before)]);
    expect(after['tls.crt']).not.toBe(before['tls.crt']);
  });

  it('rotates from the checkout that installed, as before', async () => {
    const checkout = temporaryDirectory();
    await install(checkout);
    await install(checkout, { rotate: true });
    expect(installed()).toEqual(local(checkout));
  });

  it.each([
    ['both', [], `${noAuthority}, and ${noKey}`],
    ['an authority', ['signing-keys.json'], noAuthority],
    ['signing keys', ['ca.crt', 'ca.key', 'tls.crt', 'tls.key'], noKey],
    ['half an authority', ['ca.crt', 'signing-keys.json'], noAuthority],
  ])('refuses to replace what is in use: %s of another checkout', async (_, missing, reasons) => {
    const [first, second] = [temporaryDirectory(), temporaryDirectory()];
    await install(first);
    const before = installed();
    await install(second, { install: false });
    for (const name of missing) rmSync(join(second, 'certs', name));
    const message = refusal(reasons, join(second, 'certs'));
    for (const rotate of [false, true]) {
      await expect(install(second, { rotate })).rejects.toThrow(message);
    }
    expect(installed()).toEqual(before);
    for (const name of missing) expect(existsSync(join(second, 'certs', name))).toBe(false);
  });

  it('refuses files from before a rotation elsewhere', async () => {
    const [first, second] = [temporaryDirectory(), temporaryDirectory()];
    await install(first);
    await install(second, { rotate: true });
    await expect(install(first)).rejects.toThrow(
      refusal(`${noAuthority}, and ${noKey}`, join(first, 'certs')),
    );
  });

  it('refuses to guess when the Secret lacks the authority, whatever made it', async () => {
    await install(temporaryDirectory());
    const { data } = recordOf(objects.get(`${secrets}/bucketwarden-tls`));
    const { 'tls.crt': certificate, 'tls.key': key } = recordOf(data);
    objects.set(`${secrets}/bucketwarden-tls`, { data: { 'tls.crt': certificate, 'tls.key': key } });
    const checkout = temporaryDirectory();
    await expect(install(checkout)).rejects.toThrow(
      refusal(
        "the cluster's Secret does not contain the authority that signed the cluster's certificate",
        join(checkout, 'certs'),
      ),
    );
  });

  it('replaces what is in use when it is told to', async () => {
    const [first, second] = [temporaryDirectory(), temporaryDirectory()];
    await install(first);
    await install(second, { replace: true });
    expect(installed()).toEqual(local(second));
    expect(installed()).not.toEqual(local(first));
  });

  it('replaces Secrets that no server could have used', async () => {
    const text = Buffer.from('to be filled').toString('base64');
    const tls = { 'tls.crt': text, 'tls.key': text };
    objects.set(`${secrets}/bucketwarden-tls`, { data: tls });
    objects.set(`${secrets}/bucketwarden-signing-keys`, { data: { 'signing-keys.json': text } });
    const checkout = temporaryDirectory();
    await install(checkout);
    expect(installed()).toEqual(local(checkout));
  });

  it('makes nothing when the cluster cannot be read', async () => {
    const checkout = temporaryDirectory();
    const { io } = collectIo({ directory: checkout });
    const flags = { dir: 'certs', namespace: 'bucketwarden-system', install: true };
    const connect = (): never => {
      throw new Error('no cluster');
    };
    await expect(makeCertificates(flags, io, connect)).rejects.toThrow('no cluster');
    expect(existsSync(join(checkout, 'certs'))).toBe(false);
  });

  it('knows --replace and --kubeconfig only together with --install', async () => {
    const { io } = collectIo({ directory: temporaryDirectory() });
    const flags = { dir: 'certs', namespace: 'bucketwarden-system' };
    await expect(makeCertificates({ ...flags, replace: true }, io)).rejects.toThrow(
      '--replace is for --install',
    );
    await expect(makeCertificates({ ...flags, kubeconfig: 'x' }, io)).rejects.toThrow(
      '--kubeconfig is for --install',
    );
  });
});

function keyIds(contents: Record<string, string>): readonly unknown[] {
  const set: unknown = JSON.parse(contents['signing-keys.json'] ?? '');
  const keys = recordOf(set)['keys'];
  return Array.isArray(keys) ? keys.map((key) => recordOf(key)['kid']) : [];
}
