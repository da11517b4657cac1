import { X509Certificate } from 'node:crypto';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { generateSigningKey, rotateKeys } from '../../src/identity/key-ring.ts';
import { ask, certificates, endAll, mayUse, startServed, tenantYaml } from './served.ts';

afterEach(endAll);

const tenants = { 'tenants.yaml': tenantYaml('payments-ledger') };

describe('reloading', () => {
  it('C12: takes over good tenants and refuses bad ones whole', async () => {
    const served = await startServed(tenants);
    const { server, write, log, metrics } = served;
    await write('tenants.yaml', tenantYaml('payments-archive'));
    await server.reload();
    expect(await mayUse(served, 'payments-archive')).toBe(true);
    expect(await mayUse(served, 'payments-ledger')).toBe(false);

    const good = tenantYaml('analytics-ledger', 'analytics');
    await write('tenants.yaml', `${good}---\n${tenantYaml('Payments')}`);
    await server.reload();
    await server.reload();
    expect(await mayUse(served, 'payments-archive')).toBe(true);
    expect(log.lines()).toContainEqual(
      expect.objectContaining({
        level: 'error',
        msg: 'reload refused',
        source: 'policy',
        problemCount: 1,
        problems: [expect.stringMatching(/tenants\.yaml:13:20: spec\.buckets\[0\]\.name: /)],
      }),
    );
    const text = await metrics();
    expect(text).toContain('bucketwarden_reloads_total{source="policy",result="accepted"} 1');
    expect(text).toContain('bucketwarden_reloads_total{source="policy",result="refused"} 1');
    expect(text).toContain('bucketwarden_tenants{state="ready"} 1');
  });

  it('keeps the last good tenants when the file is gone, and goes on when it is back', async () => {
    const served = await startServed(tenants);
    const { server, write, directory } = served;
    await rm(join(directory, 'tenants.yaml'));
    await server.reload();
    await server.reload();
    // Said once, not at every look.
    expect(await served.metrics()).toContain(
      'bucketwarden_reloads_total{source="policy",result="refused"} 1',
    );
    expect(await mayUse(served, 'payments-ledger')).toBe(true);
    await write('tenants.yaml', tenantYaml('payments-archive'));
    await server.reload();
    expect(await mayUse(served, 'payments-archive')).toBe(true);
  });

  it('sees a ConfigMap mount being turned to its next generation', async () => {
    const served = await startServed({ 'unused.yaml': '' }, (path) => ({
      tenants: [path('mount')],
    })).catch((error: unknown) => error);
    expect(served).toBeInstanceOf(Error);

    const mounted = await startServed(tenants, (path) => ({ tenants: [path('tenants.yaml')] }));
    const mount = join(mounted.directory, 'mount');
    for (const [generation, bucket] of [
      ['..one', 'payments-one'],
      ['..two', 'payments-two'],
    ] as const) {
      await mkdir(join(mount, generation), { recursive: true });
      await writeFile(join(mount, generation, 'tenants.yaml'), tenantYaml(bucket));
    }
    await symlink('..one', join(mount, '..data'));
    await symlink('..data/tenants.yaml', join(mount, 'tenants.yaml'));
    const second = await startServed({}, () => ({ tenants: [mount] }));
    expect(await mayUse(second, 'payments-one')).toBe(true);
    await rm(join(mount, '..data'));
    await symlink('..two', join(mount, '..data'));
    await second.server.reload();
    expect(await mayUse(second, 'payments-two')).toBe(true);
    expect(await mayUse(second, 'payments-one')).toBe(false);
  });

  it('takes over the config and refuses one that the tenants contradict', async () => {
    const header = 'apiVersion: bucketwarden.io/v1alpha1\nkind: BucketwardenConfig\n';
    const served = await startServed({ ...tenants, 'config.yaml': header }, (path) => ({
      config: path('config.yaml'),
    }));
    const { server, write } = served;
    await write('config.yaml', `${header}rules: {bucket-outside-tenant: [Warn]}\n`);
    await server.reload();
    expect(await mayUse(served, 'analytics-ledger')).toBe(true);
    await write('config.yaml', `${header}exemptNamespaces: [payments]\n`);
    await server.reload();
    expect(await served.metrics()).toContain(
      'bucketwarden_reloads_total{source="policy",result="refused"} 1',
    );
    expect(await mayUse(served, 'analytics-ledger')).toBe(true);
  });

  it('shows a new certificate to new connections and keeps the open ones', async () => {
    const [one, two] = [await certificates(), await certificates()];
    const files = {
      ...tenants,
      'tls.crt': one.serving.certificate,
      'tls.key': one.serving.privateKey,
    };
    const { server, write, metrics } = await startServed(files, (path) => ({
      tlsCert: path('tls.crt'),
      tlsKey: path('tls.key'),
    }));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const old = { port: server.port, ca: one.ca.certificate, path: '/healthz', agent };
    const before = await ask(old);

    await write('tls.crt', two.serving.certificate);
    await server.reload();
    // Half a pair is refused: the old certificate is still shown.
    const during = await ask({ ...old, agent: new Agent() });
    expect(during.fingerprint).toBe(before.fingerprint);

    await write('tls.key', two.serving.privateKey);
    await server.reload();
    expect((await ask(old)).localPort).toBe(before.localPort);
    const after = await ask({ port: server.port, ca: two.ca.certificate, path: '/healthz' });
    expect(after.fingerprint).toBe(new X509Certificate(two.serving.certificate).fingerprint256);
    expect(server.caCertificate).toBeUndefined();
    const text = await metrics();
    expect(text).toContain('bucketwarden_reloads_total{source="certificate",result="refused"} 1');
    expect(text).toContain('bucketwarden_reloads_total{source="certificate",result="accepted"} 1');
    agent.destroy();
  });

  it('rotates signing keys and goes on accepting what the old one signed', async () => {
    const first = await generateSigningKey();
    const { server, ca, write } = await startServed(
      { ...tenants, 'keys.json': JSON.stringify({ keys: [first] }) },
      (path) => ({ signingKeys: path('keys.json') }),
    );
    const kids = async (): Promise<unknown[]> => {
      const { text } = await ask({ port: server.port, ca, path: '/.well-known/jwks.json' });
      return (JSON.parse(text) as { keys: { kid: unknown }[] }).keys.map(({ kid }) => kid);
    };
    expect(await kids()).toEqual([first.kid]);
    const rotated = await rotateKeys([first]);
    await write('keys.json', JSON.stringify({ keys: rotated }));
    await server.reload();
    expect(await kids()).toEqual(rotated.map(({ kid }) => kid));
    await write('keys.json', '{"keys":[]}');
    await server.reload();
    expect(await kids()).toHaveLength(2);
  });
});
