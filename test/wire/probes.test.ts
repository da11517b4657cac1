import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose';
import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { compilePolicy } from '../../src/engine/compiled-policy.ts';
import { createKeyRing, generateSigningKey } from '../../src/identity/key-ring.ts';
import { annotations } from '../../src/names.ts';
import { createMetricsApp } from '../../src/server/http/metrics-app.ts';
import { aConfig, aTenant } from '../builders.ts';
import { anApp, aReview, post, responseOf } from './wire.ts';

describe('a server that has loaded everything', () => {
  it.each(['/healthz', '/readyz'])('says so under %s', async (path) => {
    const answer = await supertest(anApp().listener).get(path);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ status: 'ok' });
    expect(answer.headers).not.toHaveProperty('x-powered-by');
  });

  it('serves the keys that verify the attestation on a pod', async () => {
    const app = anApp();
    const mutated = responseOf(await post(app, '/mutate', aReview()));
    const operations = JSON.parse(Buffer.from(String(mutated['patch']), 'base64').toString()) as {
      path: string;
      value: Record<string, string>;
    }[];
    const added = operations.find(({ path }) => path === '/metadata/annotations');
    const attestation = added?.value[annotations.attestation] ?? '';
    const answer = await supertest(app.listener).get('/.well-known/jwks.json');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/jwk-set+json; charset=utf-8');
    const keySet = JSON.parse(answer.text || String(answer.body)) as JSONWebKeySet;
    expect(answer.text).not.toContain('"d"');
    const { payload } = await compactVerify(attestation, createLocalJWKSet(keySet));
    expect(JSON.parse(new TextDecoder().decode(payload))).toMatchObject({
      iss: 'bucketwarden.io',
      tenant: 'payments',
      namespace: 'payments',
      serviceAccount: 'ledger-writer',
    });
  });

  it('has nothing anywhere else', async () => {
    for (const path of ['/', '/metrics', '/mutate/', '/validate/x', '/%ff']) {
      const answer = await supertest(anApp().listener).get(path);
      expect(answer.status, path).toBe(404);
      expect(answer.body).toEqual({ code: 'not-found', message: 'nothing is served here' });
    }
  });

  it.each(['/healthz', '/readyz', '/.well-known/jwks.json'])(
    'takes nothing but GET under %s',
    async (path) => {
      const answer = await supertest(anApp().listener).post(path).send({});
      expect(answer.status).toBe(405);
      expect(answer.headers['allow']).toBe('GET, HEAD');
    },
  );
});

describe('a server that has not loaded everything', () => {
  it('names what is missing, one after the other', async () => {
    const app = anApp({ isLoaded: false });
    const readiness = async (): Promise<object> => {
      const answer = await supertest(app.listener).get('/readyz');
      return { status: answer.status, body: answer.body as unknown };
    };
    const notReady = (message: string): object => ({
      status: 503,
      body: { code: 'not-ready', message },
    });
    expect(await readiness()).toEqual(notReady('the tenants are not loaded yet'));
    app.current.usePolicy(compilePolicy({ config: aConfig(), tenants: [aTenant()] }));
    expect(await readiness()).toEqual(notReady('the signing key is not loaded yet'));
    app.current.useKeys(await createKeyRing([await generateSigningKey()]));
    expect(await readiness()).toEqual({ status: 200, body: { status: 'ok' } });
  });

  it('is alive, and answers no review', async () => {
    const app = anApp({ isLoaded: false });
    expect((await supertest(app.listener).get('/healthz')).status).toBe(200);
    expect((await supertest(app.listener).get('/.well-known/jwks.json')).status).toBe(503);
    for (const path of ['/mutate', '/validate']) {
      const answer = await post(app, path, aReview());
      expect(answer.status).toBe(503);
      expect(answer.body).toEqual({
        code: 'not-ready',
        message: 'the tenants are not loaded yet',
      });
    }
    expect(app.decisions().map(({ decision }) => decision)).toEqual(['not_ready', 'not_ready']);
  });
});

describe('a server that ends', () => {
  it('is not ready any more, still answers, and asks to close the connection', async () => {
    const app = anApp();
    app.startDraining();
    const ready = await supertest(app.listener).get('/readyz');
    expect(ready.status).toBe(503);
    expect(ready.body).toEqual({ code: 'not-ready', message: 'the server is shutting down' });
    const answer = await post(app, '/mutate', aReview());
    expect(answer.status).toBe(200);
    expect(answer.headers['connection']).toBe('close');
  });
});

describe('the metrics port', () => {
  it('serves the metrics, and health for those without a client certificate', async () => {
    const app = anApp();
    const listener = createMetricsApp(app);
    await post(app, '/validate', aReview());
    const answer = await supertest(listener).get('/metrics');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.text).toContain(
      'bucketwarden_requests_total{webhook="validate",operation="CREATE",decision="deny"} 1',
    );
    expect((await supertest(listener).get('/readyz')).status).toBe(200);
    expect((await supertest(listener).get('/healthz')).status).toBe(200);
    expect((await supertest(listener).post('/validate').send(aReview())).status).toBe(404);
  });
});
