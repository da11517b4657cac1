import { Agent } from 'node:https';
import { afterEach, describe, expect, it } from 'vitest';
import { clientCertificates } from './client-certificates.ts';
import { ask, endAll, startServed, tenantYaml, type Answer, type Served } from './served.ts';
import { aReview } from './wire.ts';

const { ca: clientCa, client, kubelet, stranger } = await clientCertificates();
const files = { 'tenants.yaml': tenantYaml('payments-ledger'), 'clients.crt': clientCa };

afterEach(endAll);

function start(clientName?: readonly string[]): Promise<Served> {
  return startServed(files, (path) => ({
    clientCa: path('clients.crt'),
    ...(clientName && { clientName }),
  }));
}

function review(
  { server, ca }: Served,
  pair?: { readonly cert: string; readonly key: string },
): Promise<Answer> {
  const body = JSON.stringify(aReview());
  return ask({ port: server.port, ca, path: '/validate', body, ...(pair && { client: pair }) });
}

const warning =
  'every certificate of the client authority is accepted; if kubelets have one of it, so are they: ' +
  'name the API server with --client-name';

function messages({ log }: Served): unknown[] {
  return log.lines().map(({ msg }) => msg);
}

describe('a server with a client authority', () => {
  it('answers its clients alone; health stays on the metrics port', async () => {
    const served = await start();
    expect((await review(served, client)).status).toBe(200);
    await expect(review(served)).rejects.toThrow(/certificate required|ECONNRESET|socket hang up/);
    await expect(review(served, stranger)).rejects.toThrow();
    const health = await fetch(`http://127.0.0.1:${served.server.metricsPort}/readyz`);
    expect(health.status).toBe(200);
  });

  it('warns that it accepts every client of the authority', async () => {
    const served = await start();
    expect(messages(served)).toContain(warning);
    expect((await review(served, kubelet)).status).toBe(200);
  });

  it('writes the name of the caller into each decision line', async () => {
    const served = await start();
    await review(served, client);
    await review(served, kubelet);
    const decisions = served.log.lines().filter(({ msg }) => msg === 'decision');
    expect(decisions).toEqual([
      expect.objectContaining({ caller: 'kube-apiserver', callerAuthenticated: true }),
      expect.objectContaining({ caller: 'system:node:worker-1', callerAuthenticated: true }),
    ]);
  });
});

describe('a server with a client authority and client names', () => {
  it('refuses other clients of the authority, with a decision line', async () => {
    const served = await start(['kube-apiserver']);
    expect(messages(served)).not.toContain(warning);
    expect((await review(served, client)).status).toBe(200);
    const refused = await review(served, kubelet);
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.text)).toEqual({
      code: 'unaccepted-caller',
      message:
        'the client certificate is of "system:node:worker-1", which --client-name does not list',
    });
    expect(served.log.lines().at(-1)).toMatchObject({
      msg: 'decision',
      decision: 'unaccepted',
      status: 403,
      caller: 'system:node:worker-1',
      callerAuthenticated: true,
      problem:
        'the client certificate is of "system:node:worker-1", which --client-name does not list',
    });
    expect(await served.metrics()).toContain('bucketwarden_failures_total{reason="unaccepted"} 1');
  });

  it.each([
    ['common name', ['system:node:worker-1']],
    ['alternative name', ['other', 'worker-1.example.com']],
  ])('accepts a client by its %s', async (_kind, names) => {
    const served = await start(names);
    expect((await review(served, kubelet)).status).toBe(200);
    expect((await review(served, client)).status).toBe(403);
  });

  it.each(['Kube-Apiserver', 'kube-apiserver ', 'kube-*', ''])(
    'compares names exactly: "%s" is not "kube-apiserver"',
    async (name) => {
      expect((await review(await start([name]), client)).status).toBe(403);
    },
  );

  it('knows a client that resumes its TLS session', async () => {
    const { server, ca } = await start(['kube-apiserver']);
    const agent = new Agent({ keepAlive: false });
    const body = JSON.stringify(aReview());
    const question = { port: server.port, ca, path: '/validate', body, agent, client };
    const ports = new Set<number | undefined>();
    for (let round = 0; round < 3; round++) {
      const { status, localPort } = await ask(question);
      expect(status).toBe(200);
      ports.add(localPort);
    }
    expect(ports.size).toBe(3);
  });

  it('needs the authority', async () => {
    await expect(startServed(files, () => ({ clientName: ['kube-apiserver'] }))).rejects.toThrow(
      '--client-name needs --client-ca: names are read from certificates of that authority',
    );
  });
});
