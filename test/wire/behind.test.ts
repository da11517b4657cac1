import { afterEach, describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import { compilePolicy } from '../../src/engine/compiled-policy.ts';
import { UnknownAnswerError } from '../../src/errors.ts';
import { generateSigningKey } from '../../src/identity/key-ring.ts';
import type { ClusterView } from '../../src/server/live/current-engine.ts';
import { aConfig, aPod, aTenant } from '../builders.ts';
import { patched } from '../inject/admission-cycle.ts';
import { ask, endAll, startServed, tenantYaml, type Served } from './served.ts';
import { anApp, aReview, post, responseOf, type TestApp } from './wire.ts';

afterEach(endAll);

const before = { config: aConfig(), tenants: [aTenant()] };
const after = { config: aConfig(), tenants: [aTenant({ env: [{ name: 'NEW', value: 'x' }] })] };

const unknown = {
  code: 'unknown-answer',
  message:
    'the pod has its identity from tenants or a config that this replica has not read yet; create it again',
};

/** A cluster that has changed without our having heard of it. */
function aSilentCluster(
  app: TestApp,
  change: () => Promise<void>,
): { readonly view: ClusterView; readonly reads: () => number } {
  let reads = 0;
  const view = {
    isFresh: true,
    refresh(): Promise<void> {
      reads++;
      return change();
    },
    refreshNamespaces: () => Promise.resolve(),
    namespaces: new Map(),
  };
  app.current.useCluster(view);
  return { view, reads: () => reads };
}

/** The pod after /mutate of an app, as the API server would send it to /validate. */
async function injectedBy(app: TestApp): Promise<JsonRecord> {
  const response = responseOf(await post(app, '/mutate', aReview()));
  return patchedWith(response['patch']);
}

function patchedWith(patch: unknown): JsonRecord {
  const text = Buffer.from(String(patch), 'base64').toString('utf8');
  return patched(aPod(), JSON.parse(text) as Parameters<typeof patched>[1]);
}

describe('of two servers, the one that is behind', () => {
  it('reads the cluster anew and allows what the other one injected', async () => {
    const [older, newer] = [anApp(before), anApp(after)];
    const { reads } = aSilentCluster(older, () => {
      older.current.usePolicy(compilePolicy(after));
      return Promise.resolve();
    });
    const object = await injectedBy(newer);
    const answer = await post(older, '/validate', aReview({ object }));
    expect(answer.status).toBe(200);
    expect(responseOf(answer)['allowed']).toBe(true);
    expect(reads()).toBe(1);
  });

  it('fails, and does not deny, when the cluster says nothing new or cannot be read', async () => {
    const object = await injectedBy(anApp(after));
    const older = anApp(before);
    aSilentCluster(older, () => Promise.resolve());
    const answer = await post(older, '/validate', aReview({ object }));
    expect(answer.status).toBe(500);
    expect(answer.body).toEqual(unknown);

    const cut = anApp(before);
    aSilentCluster(cut, () => Promise.reject(new UnknownAnswerError('cannot be read')));
    const failed = await post(cut, '/validate', aReview({ object }));
    expect(failed.status).toBe(500);
    expect(failed.body).toEqual({ code: 'unknown-answer', message: 'cannot be read' });
  });

  it('reads once for all that arrive within a second', async () => {
    const object = await injectedBy(anApp(after));
    const older = anApp(before);
    const { reads } = aSilentCluster(older, () => Promise.resolve());
    const asked = Array.from({ length: 5 }, () => post(older, '/validate', aReview({ object })));
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status)).toEqual([500, 500, 500, 500, 500]);
    await post(older, '/validate', aReview({ object }));
    expect(reads()).toBe(1);
  });

  it('reads nothing for pods that are denied for their own sake', async () => {
    const older = anApp(before);
    const { reads } = aSilentCluster(older, () => Promise.resolve());
    const answer = await post(older, '/validate', aReview({ object: aPod() }));
    expect(responseOf(answer)['allowed']).toBe(false);
    expect(reads()).toBe(0);
  });
});

describe('of two servers with files, the one that is behind', () => {
  const header = 'apiVersion: bucketwarden.io/v1alpha1\nkind: BucketwardenConfig\n';
  const config = (text: string): string => `${header}${text}`;

  async function startPair(): Promise<{ readonly older: Served; readonly newer: Served }> {
    const keys = JSON.stringify({ keys: [await generateSigningKey()] });
    const start = (): Promise<Served> =>
      startServed(
        {
          'tenants.yaml': tenantYaml('payments-ledger'),
          'config.yaml': header,
          'keys.json': keys,
        },
        (path) => ({ signingKeys: path('keys.json'), config: path('config.yaml') }),
      );
    return { older: await start(), newer: await start() };
  }

  async function send({ server, ca }: Served, path: string, object: JsonRecord): Promise<Answered> {
    const body = JSON.stringify(aReview({ object }));
    const { status, text } = await ask({ port: server.port, ca, path, body });
    return { status, body: JSON.parse(text) as unknown };
  }

  async function injectedByServer(served: Served): Promise<JsonRecord> {
    return patchedWith(responseOf(await send(served, '/mutate', aPod()))['patch']);
  }

  it.each<readonly [string, string, string]>([
    ['tenants', 'tenants.yaml', `${tenantYaml('payments-ledger')}  env: [{name: NEW, value: x}]\n`],
    ['a config', 'config.yaml', config('storage: {endpoints: ["https://s3.example.com"]}\n')],
  ])('reads %s before it answers', async (_, file, text) => {
    const { older, newer } = await startPair();
    await newer.write(file, text);
    await newer.server.reload();
    const object = await injectedByServer(newer);
    await older.write(file, text);
    const { status, body } = await send(older, '/validate', object);
    expect(status).toBe(200);
    expect(responseOf({ body })['allowed']).toBe(true);
  });

  it('fails, and does not deny, when its files say nothing new', async () => {
    const { older, newer } = await startPair();
    await newer.write('config.yaml', config('storage: {sts: {audience: store}}\n'));
    await newer.server.reload();
    const answer = await send(older, '/validate', await injectedByServer(newer));
    expect(answer).toEqual({ status: 500, body: unknown });
  });
});

interface Answered {
  readonly status: number;
  readonly body: unknown;
}
