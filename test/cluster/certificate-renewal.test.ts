import { copyFileSync, cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import { fillDirectory } from '../../src/certs/certificate-directory.ts';
import { firstCertificate } from '../../src/certs/pem.ts';
import { serve, type RunningServer } from '../../src/server/serve.ts';
import { eventually } from '../eventually.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { administrator, describeOnCluster } from './cluster.ts';
import { kubectlFor } from './kubectl.ts';
import { probe, registerAt, unregister } from './register.ts';
import { createTenancy, removeTenants } from './tenancy.ts';

const dnsNames = ['127.0.0.1'];
const pod: JsonRecord = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { generateName: 'load-', namespace: 'payments' },
  spec: { serviceAccountName: 'default', containers: [{ name: 'a', image: 'a:1' }] },
};

describeOnCluster('renewing authority and certificate', (cluster) => {
  const kubectl = kubectlFor(cluster);
  const [mounted, rotated] = [temporaryDirectory(), temporaryDirectory()];
  let server: RunningServer | undefined;

  beforeAll(async () => {
    await createTenancy(kubectl);
    await fillDirectory({ directory: mounted, dnsNames, isRotating: false, now: new Date() });
    server = await serve(
      {
        host: '127.0.0.1',
        port: 0,
        metricsPort: 0,
        kubeconfig: cluster.kubeconfig,
        tlsCert: join(mounted, 'tls.crt'),
        tlsKey: join(mounted, 'tls.key'),
        signingKeys: join(mounted, 'signing-keys.json'),
      },
      { stdout: new PassThrough().resume() },
    );
    const { port } = server;
    await eventually(() => probe(port));
  });

  afterAll(async () => {
    await unregister(kubectl);
    await server?.stop();
    await removeTenants(kubectl);
  });

  it('F8: fails no request', async () => {
    const port = server?.port ?? 0;
    const trust = (ca: string): Promise<void> => registerAt(kubectl, { port, ca });
    await trust(readFileSync(join(mounted, 'ca.crt'), 'utf8'));

    const admin = await administrator(cluster.kubeconfig);
    const failures: string[] = [];
    let admitted = 0;
    let isOver = false;
    const worker = async (): Promise<void> => {
      while (!isOver) {
        await admin.create('/api/v1/namespaces/payments/pods?dryRun=All', pod).then(
          () => admitted++,
          (error: unknown) => failures.push(String(error)),
        );
      }
    };
    const workers = [worker(), worker(), worker()];
    /** So many more requests, in which the API server hears of what was changed. */
    const more = async (): Promise<void> => {
      const enough = admitted + failures.length + 100;
      await eventually(() => {
        expect(admitted + failures.length).toBeGreaterThan(enough);
      });
    };
    try {
      await more();
      // The steps of `certs --rotate --install`: first both authorities, then the new certificate.
      cpSync(mounted, rotated, { recursive: true });
      await fillDirectory({ directory: rotated, dnsNames, isRotating: true, now: new Date() });
      const both = readFileSync(join(rotated, 'ca.crt'), 'utf8');
      await trust(both);
      await more();
      for (const file of ['tls.key', 'tls.crt', 'signing-keys.json']) {
        copyFileSync(join(rotated, file), join(mounted, file));
      }
      await server?.reload();
      await more();
      // Another caBundle makes the API server connect anew, and see the new certificate.
      await trust(firstCertificate(both));
      await more();
    } finally {
      isOver = true;
      await Promise.all(workers);
    }
    expect(failures).toEqual([]);
  });
});
