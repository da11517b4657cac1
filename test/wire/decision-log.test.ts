import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { listOf } from '../../src/admission/json.ts';
import { aPodWith, aTenant, recordAt } from '../builders.ts';
import { anApp, aReview, post } from './wire.ts';

describe('the decision log', () => {
  it('has one line for every request that reached an admission path', async () => {
    const app = anApp({ tenants: [aTenant(), aTenant({ name: 'lax', actions: ['Warn'] })] });
    const requests: [string, object | string][] = [
      ['/mutate', aReview()],
      ['/validate', aReview()],
      ['/validate', aReview({ namespace: 'lax' })],
      ['/validate', aReview({ namespace: 'default' })],
      ['/mutate', '{'],
      ['/validate', { kind: 'Pod' }],
      ['/validate', 'x'.repeat(8 * 1024 * 1024)],
    ];
    for (let round = 0; round < 3; round++) {
      for (const [path, body] of requests) await post(app, path, body);
      await supertest(app.listener).get('/validate');
      await post(app, '/mutate', aReview()).set('Content-Type', 'text/plain');
      await supertest(app.listener).get('/healthz');
      await supertest(app.listener).get('/nowhere');
    }
    const decisions = app.decisions();
    expect(decisions).toHaveLength(3 * (requests.length + 2));
    expect(app.lines()).toHaveLength(decisions.length);
    expect(decisions.slice(0, 9).map(({ decision, status }) => [decision, status])).toEqual([
      ['allow', 200],
      ['deny', 200],
      ['warn', 200],
      ['allow', 200],
      ['malformed', 400],
      ['malformed', 400],
      ['malformed', 413],
      ['malformed', 405],
      ['malformed', 415],
    ]);
  });

  it('says who asked for what, what was decided, and why', async () => {
    const app = anApp();
    const object = aPodWith({ env: [{ name: 'S3_BUCKET', value: 'foreign-ledger' }] });
    await post(app, '/validate', aReview({ uid: 'u-1', object, dryRun: true }));
    const [line] = app.decisions();
    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as unknown,
      msg: 'decision',
      uid: 'u-1',
      webhook: 'validate',
      operation: 'CREATE',
      gvr: '/v1/pods',
      namespace: 'payments',
      name: 'report',
      user: 'system:serviceaccount:kube-system:replicaset-controller',
      callerAuthenticated: false,
      dryRun: true,
      decision: 'deny',
      status: 200,
      tenant: 'payments',
      operations: 0,
      violations: [
        {
          rule: 'bucket-outside-tenant',
          action: 'Deny',
          path: 'spec.containers[0].env[0].value',
          reason: 'bucket "foreign-ledger" is not granted',
        },
        {
          rule: 'storage-identity',
          action: 'Deny',
          path: 'metadata',
          reason: 'the storage identity was not injected',
        },
      ],
      ms: expect.any(Number) as unknown,
    });
  });

  it('writes out the first hundred violations and counts them all', async () => {
    const app = anApp();
    const env = Array.from({ length: 150 }, () => ({ name: 'S3_BUCKET', value: 'foreign-ledger' }));
    await post(app, '/validate', aReview({ object: aPodWith({ env }) }));
    const [line] = app.decisions();
    expect(line?.['violations']).toHaveLength(100);
    // The missing identity is one, too.
    expect(line?.['violationCount']).toBe(151);
  });

  it('answers with twenty warnings at most, and says how many there are', async () => {
    const app = anApp();
    const envFrom = Array.from({ length: 50 }, () => ({ secretRef: { name: 'x' } }));
    const object = aPodWith({ envFrom });
    const answer = await post(app, '/validate', aReview({ object }));
    const body: unknown = answer.body;
    const { warnings } = recordAt(body, 'response');
    expect(warnings).toHaveLength(21);
    expect(listOf(warnings).at(-1)).toMatch(/^bucketwarden: and \d+ more warnings$/);
  });

  it('names a pod that has no name yet by what it will begin with', async () => {
    const app = anApp();
    const pod = aPodWith({});
    const object = { ...pod, metadata: { generateName: 'report-', namespace: 'payments' } };
    await post(app, '/validate', aReview({ object }));
    expect(app.decisions()[0]).toMatchObject({ name: 'report-*' });
  });

  it('says why a kind without rules was refused', async () => {
    const app = anApp();
    const resource = { group: '', version: 'v1', resource: 'secrets' };
    await post(app, '/validate', aReview({ resource }));
    expect(app.decisions()[0]).toMatchObject({
      decision: 'deny',
      problem: expect.stringContaining('Bucketwarden has no rule for') as unknown,
    });
  });

  it('holds no value of the object, no header and no token', async () => {
    const app = anApp();
    const secrets = ['hunter2-in-env', 'hunter2-in-url', 'hunter2-in-header', 'hunter2-in-label'];
    const object = aPodWith({
      env: [
        { name: 'AWS_SECRET_ACCESS_KEY', value: secrets[0] },
        { name: 'URL', value: `s3://user:${secrets[1]}@minio.storage.svc:9000/payments-ledger` },
      ],
    });
    const labelled = { ...object, metadata: { name: 'a', labels: { password: secrets[3] } } };
    for (const path of ['/mutate', '/validate']) {
      await post(app, path, aReview({ object: labelled, namespace: 'payments' })).set(
        'Authorization',
        `Bearer ${secrets[2]}`,
      );
    }
    const text = JSON.stringify(app.lines());
    expect(app.decisions()).toHaveLength(2);
    for (const secret of secrets) expect(text).not.toContain(secret);
    expect(text).toContain('static-credentials');
  });
});

describe('the metrics', () => {
  it('count requests, violations and malformed requests, in a registry of their own', async () => {
    const [app, other] = [anApp(), anApp()];
    await post(app, '/mutate', aReview());
    await post(app, '/validate', aReview());
    await post(app, '/validate', aReview());
    await post(app, '/validate', '{');
    const text = await app.metrics.render();
    for (const line of [
      'bucketwarden_requests_total{webhook="mutate",operation="CREATE",decision="allow"} 1',
      'bucketwarden_requests_total{webhook="validate",operation="CREATE",decision="deny"} 2',
      'bucketwarden_requests_total{webhook="validate",operation="",decision="malformed"} 1',
      'bucketwarden_violations_total{rule="storage-identity",action="Deny"} 2',
      'bucketwarden_malformed_requests_total{status="400"} 1',
      'bucketwarden_request_duration_seconds_count{webhook="validate"} 3',
      'bucketwarden_tenants{state="ready"} 1',
      'bucketwarden_signing_keys 1',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(await other.metrics.render()).not.toContain('webhook="mutate",operation');
  });
});
