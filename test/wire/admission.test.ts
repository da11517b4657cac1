import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import { aPod, aPodWith, aServiceEntry, aTenant, recordAt } from '../builders.ts';
import { anApp, aReview, post, responseOf } from './wire.ts';

const paths = ['/mutate', '/validate'] as const;

describe('an admission path', () => {
  it.each(paths)('answers %s with the uid it was asked with', async (path) => {
    const answer = await post(anApp(), path, aReview({ uid: 'a-uid-of-its-own' }));
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.body).toMatchObject({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
    });
    expect(responseOf(answer)['uid']).toBe('a-uid-of-its-own');
  });

  it.each(paths)('answers each of many requests at once on %s with its own uid', async (path) => {
    const app = anApp();
    const uids = Array.from({ length: 100 }, (_, index) => `uid-${index}`);
    const answers = await Promise.all(uids.map((uid) => post(app, path, aReview({ uid }))));
    expect(answers.map((answer) => responseOf(answer)['uid'])).toEqual(uids);
    expect(app.decisions()).toHaveLength(uids.length);
  });

  it.each(paths)('takes a content type with parameters on %s', async (path) => {
    const answer = await post(anApp(), path, aReview()).set(
      'Content-Type',
      'Application/JSON; charset=utf-8',
    );
    expect(answer.status).toBe(200);
  });

  it('denies inside the answer, with code 403, message and audit annotations', async () => {
    const answer = await post(anApp(), '/validate', aReview());
    expect(answer.status).toBe(200);
    expect(responseOf(answer)).toEqual({
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      allowed: false,
      status: {
        status: 'Failure',
        reason: 'Forbidden',
        code: 403,
        message:
          'Pod "payments/report" of tenant "payments" breaks a rule:\n' +
          '- [storage-identity] metadata: the storage identity was not injected. Create the pod ' +
          'again: the mutating webhook did not see it, or another webhook removed what it added',
      },
      auditAnnotations: { tenant: 'payments', decision: 'deny', rules: 'storage-identity' },
    });
  });

  it('warns inside the answer when the tenant only wants warnings', async () => {
    const app = anApp({ tenants: [aTenant({ actions: ['Warn'] })] });
    const response = responseOf(await post(app, '/validate', aReview()));
    expect(response['allowed']).toBe(true);
    expect(response['warnings']).toEqual([
      'storage-identity: metadata: the storage identity was not injected',
    ]);
    expect(response['auditAnnotations']).toEqual({
      tenant: 'payments',
      decision: 'warn',
      rules: 'storage-identity',
    });
  });

  it('patches on /mutate and lets the result pass on /validate', async () => {
    const app = anApp();
    const mutated = responseOf(await post(app, '/mutate', aReview()));
    expect(mutated['patchType']).toBe('JSONPatch');
    const operations: unknown = JSON.parse(
      Buffer.from(String(mutated['patch']), 'base64').toString(),
    );
    expect(operations).toContainEqual(
      expect.objectContaining({ op: 'add', path: '/spec/containers/0/env' }),
    );
    expect(mutated).not.toHaveProperty('auditAnnotations');
  });

  it.each([
    ['exempt', 'kube-system'],
    ['platform', 'istio-system'],
    ['store', 'storage'],
    ['untenanted', 'default'],
  ])('lets pods of the %s namespace %s pass unchanged', async (_class, namespace) => {
    const app = anApp();
    for (const path of paths) {
      const response = responseOf(await post(app, path, aReview({ namespace })));
      expect(response['allowed']).toBe(true);
      expect(response).not.toHaveProperty('patch');
    }
  });

  it('A12: refuses kinds that nobody judges on /validate, saying what to change', async () => {
    const secret = aReview({
      kind: { group: '', version: 'v1', kind: 'Secret' },
      resource: { group: '', version: 'v1', resource: 'secrets' },
    });
    const response = responseOf(await post(anApp(), '/validate', secret));
    expect(response['allowed']).toBe(false);
    expect(response['status']).toEqual({
      status: 'Failure',
      reason: 'Forbidden',
      code: 403,
      message:
        'Bucketwarden has no rule for Secret (secrets of group ""); ' +
        'remove that resource from the webhook configuration',
    });
  });

  it('gives a dry run the same verdict', async () => {
    const app = anApp();
    for (const path of paths) {
      const [real, dry] = [
        await post(app, path, aReview({ dryRun: false })),
        await post(app, path, aReview({ dryRun: true })),
      ];
      expect(dry.body).toEqual(real.body);
    }
  });

  it('says the same of a foreign bucket and of one that does not exist', async () => {
    const app = anApp({ tenants: [aTenant(), aTenant({ name: 'analytics' })] });
    const denialOf = async (bucket: string): Promise<string> => {
      const review = aReview({
        object: aPodWith({ env: [{ name: 'S3_BUCKET', value: bucket }] }),
      });
      const { text } = await post(app, '/validate', review);
      expect(text).toContain(bucket);
      return text.replaceAll(bucket, 'NAME');
    };
    expect(await denialOf('analytics-ledger')).toBe(await denialOf('nowhere-ledger'));
  });

  it('says the same of a foreign host and of one that does not exist', async () => {
    const app = anApp({
      tenants: [aTenant(), aTenant({ name: 'analytics', ingress: { hosts: ['an.example.com'] } })],
    });
    const denialOf = async (host: string): Promise<string> => {
      const { text } = await post(app, '/validate', aReview({ object: aServiceEntry([host]) }));
      expect(text).toContain(host);
      return text.replaceAll(host, 'NAME');
    };
    expect(await denialOf('an.example.com')).toBe(await denialOf('no.example.com'));
  });
});

describe('malformed input (A11, A14, F4)', () => {
  const review = aReview();
  const without = (member: string): object => ({
    ...review,
    request: Object.fromEntries(Object.entries(review.request).filter(([key]) => key !== member)),
  });
  const withRequest = (changes: JsonRecord): object => ({
    ...review,
    request: { ...review.request, ...changes },
  });

  it.each<[string, object | string, string]>([
    ['an empty body', '', 'body: not JSON'],
    ['half a document', '{"kind":', 'body: not JSON'],
    ['a list', '[]', 'body: must be a JSON object'],
    ['null', 'null', 'body: must be a JSON object'],
    [
      'v1beta1',
      { ...review, apiVersion: 'admission.k8s.io/v1beta1' },
      'body: must be an AdmissionReview of admission.k8s.io/v1, ' +
        'found "AdmissionReview" of "admission.k8s.io/v1beta1"',
    ],
    [
      'another kind',
      { ...review, kind: 'Pod' },
      'body: must be an AdmissionReview of admission.k8s.io/v1, ' +
        'found "Pod" of "admission.k8s.io/v1"',
    ],
    ['no request', { ...review, request: undefined }, 'request: missing'],
    ['no uid', without('uid'), 'request.uid: missing'],
    ['an empty uid', withRequest({ uid: '' }), 'request.uid: missing'],
    ['a number for a uid', withRequest({ uid: 1 }), 'request.uid: missing'],
    ['no kind', without('kind'), 'request.kind: missing'],
    ['no resource', without('resource'), 'request.resource: missing'],
    ['no operation', without('operation'), 'request.operation: unknown operation nothing'],
    [
      'an unknown operation',
      withRequest({ operation: 'PATCH' }),
      'request.operation: unknown operation "PATCH"',
    ],
    ['no object on CREATE', withRequest({ object: null }), 'request.object: must be an object'],
    ['a list for an object', withRequest({ object: [] }), 'request.object: must be an object'],
    [
      'no oldObject on UPDATE',
      withRequest({ operation: 'UPDATE' }),
      'request.oldObject: must be an object',
    ],
  ])('%s is rejected with 400', async (_name, body, message) => {
    for (const path of paths) {
      const answer = await post(anApp(), path, body);
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual({ code: 'malformed-request', message });
    }
  });

  it('is never echoed', async () => {
    const secret = 'hunter2-hunter2';
    const body = `{"kind":"AdmissionReview","request":{"object":{"password":"${secret}"},}}`;
    const app = anApp();
    const answer = await post(app, '/validate', body);
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain(secret);
    expect(JSON.stringify(app.lines())).not.toContain(secret);
  });

  it.each([
    ['null containers', { containers: null }],
    ['null among the containers', { containers: [null] }],
    ['a text for the containers', { containers: 'all' }],
    ['null env', { containers: [{ name: 'a', image: 'a', env: null }] }],
    ['null in env', { containers: [{ name: 'a', image: 'a', env: [null, 1, 'x', []] }] }],
    ['numbers for texts', { containers: [{ name: 1, image: 2, args: [3], command: 4 }] }],
    ['null volumes', { volumes: null, containers: [{ name: 'a', image: 'a' }] }],
  ])('%s in a pod gets a clean decision', async (_name, spec) => {
    const object = { ...aPod(), spec };
    for (const path of paths) {
      const answer = await post(anApp(), path, aReview({ object }));
      expect(answer.status).toBe(200);
      expect(typeof responseOf(answer)['allowed']).toBe('boolean');
    }
  });

  it.each([
    ['a pod without spec', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }],
    ['a pod without metadata', { apiVersion: 'v1', kind: 'Pod', spec: { containers: [] } }],
    ['an empty object', {}],
    ['null hosts', { ...aServiceEntry([]), spec: { hosts: null } }],
    ['numbers for hosts', { ...aServiceEntry([]), spec: { hosts: [1, null, {}] } }],
    ['a ServiceEntry without spec', { ...aServiceEntry([]), spec: null }],
  ])('%s gets a clean decision', async (_name, object) => {
    const kind = 'kind' in object ? object.kind : 'Pod';
    const changes =
      kind === 'ServiceEntry'
        ? { object }
        : { object, kind: { group: '', version: 'v1', kind: 'Pod' }, namespace: 'payments' };
    for (const path of paths) {
      const answer = await post(anApp(), path, aReview(changes));
      expect(answer.status).toBe(200);
      expect(typeof responseOf(answer)['allowed']).toBe('boolean');
    }
  });

  it('with prototype keys for annotations and labels changes no verdict', async () => {
    const keys = '"__proto__":"x","constructor":"x","toString":"x"';
    const body = JSON.stringify(aReview()).replace(
      '"metadata":{',
      `"__proto__":{"spec":{}},"metadata":{"annotations":{${keys}},"labels":{${keys}},`,
    );
    expect(JSON.parse(body)).toBeDefined();
    const app = anApp();
    const response = responseOf(await post(app, '/validate', body));
    expect(recordAt(response, 'status')['message']).toBe(
      recordAt(responseOf(await post(app, '/validate', aReview())), 'status')['message'],
    );
    expect((await post(app, '/mutate', body)).status).toBe(200);
    expect({}).not.toHaveProperty('spec');
  });

  it('nested deeper than 200 levels is rejected', async () => {
    const nest = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
    const body = (depth: number): string =>
      JSON.stringify(aReview()).replace('"spec":{', `"spec":{"x":${nest(depth)},`);
    const app = anApp();
    // The object and its spec are the first two levels.
    expect((await post(app, '/mutate', body(198))).status).toBe(200);
    const answer = await post(app, '/mutate', body(199));
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      code: 'malformed-request',
      message: 'request.object: nested deeper than 200 levels',
    });
    expect((await post(app, '/mutate', body(100_000))).status).toBe(400);
    expect((await post(app, '/validate', body(198))).status).toBe(200);
  });
});
