import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import { buildStorageIdentity, type StorageIdentity } from '../../src/identity/storage-identity.ts';
import { TenantIndex } from '../../src/tenant/tenant-index.ts';
import { aConfig, aTenant } from '../builders.ts';
import { tenantIn } from '../tenant/surroundings.ts';

const account = { namespace: 'payments', name: 'ledger-writer' };

function identity(
  spec: JsonRecord = {},
  { config = {}, isWindows = false, name = account.name, others = [] as JsonRecord[] } = {},
): StorageIdentity {
  const tenants = [aTenant(spec), ...others.map((other) => aTenant(other))];
  const tenant = tenantIn(new TenantIndex(tenants), 'payments');
  return buildStorageIdentity(tenant, { ...account, name }, { config: aConfig(config), isWindows });
}

function variables(built: StorageIdentity): Record<string, string> {
  return Object.fromEntries(built.variables.map(({ name, value }) => [name, value]));
}

describe('the identity of an account', () => {
  it('names it in annotations', () => {
    const { annotations } = identity({}, { config: { mesh: { trustDomain: 'prod.example' } } });
    expect(annotations).toEqual({
      'bucketwarden.io/tenant': 'payments',
      'bucketwarden.io/subject': 'system:serviceaccount:payments:ledger-writer',
      'bucketwarden.io/spiffe-id': 'spiffe://prod.example/ns/payments/sa/ledger-writer',
    });
  });

  it('tells every SDK where the store is, and nothing else', () => {
    expect(variables(identity())).toEqual({
      AWS_ENDPOINT_URL_S3: 'https://minio.storage.svc.cluster.local:9000',
      AWS_ENDPOINT_URL_STS: 'https://minio.storage.svc.cluster.local:9000',
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ROLE_ARN: 'arn:minio:iam:::role/MHR2BeH2-q1dHO2yx5U9Mf-tP9Q',
      AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/secrets/bucketwarden.io/identity/token',
      AWS_ROLE_SESSION_NAME: 'payments.ledger-writer',
      BUCKETWARDEN_TENANT: 'payments',
    });
  });

  it('never sets the endpoint of all AWS services, nor any key', () => {
    const names = identity().variables.map(({ name }) => name);
    for (const name of ['AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) {
      expect(names).not.toContain(name);
    }
  });

  it('follows the config', () => {
    const storage = {
      endpoints: ['https://s3.example.com', 'https://minio.storage:9000'],
      region: 'eu-1',
      sts: { endpoint: 'https://sts.example.com', audience: 'store', roleRegion: 'eu-2' },
    };
    expect(variables(identity({}, { config: { storage } }))).toMatchObject({
      AWS_ENDPOINT_URL_S3: 'https://s3.example.com',
      AWS_ENDPOINT_URL_STS: 'https://sts.example.com',
      AWS_REGION: 'eu-1',
      AWS_DEFAULT_REGION: 'eu-1',
      AWS_ROLE_ARN: `arn:minio:iam:eu-2::role/${createHash('sha1').update('store').digest('base64url')}`,
    });
    const fixed = { sts: { roleArn: 'arn:aws:iam::1:role/x' } };
    expect(variables(identity({}, { config: { storage: fixed } })).AWS_ROLE_ARN).toBe(
      'arn:aws:iam::1:role/x',
    );
  });

  it("adds the tenant's own variables behind", () => {
    const env = [{ name: 'PAYMENTS_REGION', value: 'eu' }];
    expect(identity({ env }).variables.at(-1)).toEqual(env[0]);
  });

  it('brings a token for the store alone, which the kubelet renews', () => {
    const built = identity({}, { config: { storage: { sts: { audience: 'store' } } } });
    expect(built.volume).toEqual({
      name: 'bucketwarden-identity',
      projected: {
        defaultMode: 420,
        sources: [
          { serviceAccountToken: { audience: 'store', expirationSeconds: 7200, path: 'token' } },
        ],
      },
    });
    expect(built.mount).toEqual({
      name: 'bucketwarden-identity',
      mountPath: '/var/run/secrets/bucketwarden.io/identity',
      readOnly: true,
    });
  });

  it('mounts a private CA beside the token and names it to both kinds of clients', () => {
    const ca = { configMap: 'store-ca', key: 'root.pem' };
    const built = identity({}, { config: { storage: { ca } } });
    expect(built.volume).toMatchObject({
      projected: {
        sources: [
          { serviceAccountToken: { path: 'token' } },
          { configMap: { name: 'store-ca', items: [{ key: 'root.pem', path: 'ca.crt' }] } },
        ],
      },
    });
    expect(variables(built)).toMatchObject({
      AWS_CA_BUNDLE: '/var/run/secrets/bucketwarden.io/identity/ca.crt',
      NODE_EXTRA_CA_CERTS: '/var/run/secrets/bucketwarden.io/identity/ca.crt',
    });
  });

  it('uses paths of Windows on Windows', () => {
    const built = identity({}, { isWindows: true });
    const mountPath = 'C:\\var\\run\\secrets\\bucketwarden.io\\identity';
    expect(built.mount).toMatchObject({ mountPath });
    expect(variables(built).AWS_WEB_IDENTITY_TOKEN_FILE).toBe(`${mountPath}\\token`);
  });
});

describe('the claims of an identity', () => {
  const closed = { name: 'payments-closed', serviceAccounts: ['ledger-writer'] };

  it('are the account, its tenant, the declaration and its grants', () => {
    const { generation, config, ...claims } = identity().claims;
    const grants = createHash('sha256')
      .update('["payments-ledger","ReadWrite",[]]')
      .digest('base64url');
    expect(claims).toEqual({
      tenant: 'payments',
      namespace: 'payments',
      serviceAccount: 'ledger-writer',
      grants,
    });
    expect(generation).toMatch(/^[0-9a-f]{16}$/);
    expect(config).toMatch(/^[\w-]{43}$/);
  });

  it('change with what the account was granted, not with what others were', () => {
    const buckets = [{ name: 'payments-ledger' }];
    const grants = (spec: JsonRecord, name = account.name): string =>
      identity(spec, { name }).claims.grants;
    expect(grants({ buckets: [...buckets, closed] })).not.toBe(grants({ buckets }));
    expect(grants({ buckets: [...buckets, closed] }, 'other')).toBe(grants({ buckets }, 'other'));
    expect(grants({ buckets: [{ ...buckets[0], prefixes: ['a/'] }] })).not.toBe(
      grants({ buckets }),
    );
    expect(grants({ buckets: [{ ...buckets[0], access: 'ReadOnly' }] })).not.toBe(
      grants({ buckets }),
    );
  });

  it('change when an owner shares, although the own declaration stays', () => {
    const alone = identity().claims;
    const sharedWith = [{ tenant: 'payments' }];
    const owner = { name: 'owner', buckets: [{ name: 'owner-a', sharedWith }] };
    const shared = identity({}, { others: [owner] }).claims;
    expect(shared.generation).toBe(alone.generation);
    expect(shared.grants).not.toBe(alone.grants);
  });

  it('change with what of the config is injected, and with nothing else of it', () => {
    const fingerprint = (config: JsonRecord, isWindows = false): string =>
      identity({}, { config, isWindows }).claims.config;
    const same = [
      fingerprint({}, true),
      fingerprint({ rules: { 'static-credentials': ['Warn'] } }),
      fingerprint({ exemptNamespaces: ['other'] }),
    ];
    expect(new Set(same)).toEqual(new Set([fingerprint({})]));
    const different = [
      {},
      { storage: { region: 'eu-1' } },
      { storage: { endpoints: ['https://s3.example.com'] } },
      { storage: { ca: { configMap: 'store-ca' } } },
      { storage: { sts: { audience: 'store', roleArn: 'arn:minio:iam:::role/x' } } },
      { storage: { sts: { expirationSeconds: 3600 } } },
      { mesh: { trustDomain: 'prod.example' } },
    ].map((config) => fingerprint(config));
    expect(new Set(different).size).toBe(different.length);
  });

  it('do not depend on the order of the entries', () => {
    const entries = [
      { name: 'payments-b' },
      { name: 'payments-a', access: 'ReadOnly' },
      { name: 'payments-a', access: 'WriteOnly', prefixes: ['in/'] },
    ];
    expect(identity({ buckets: entries }).claims.grants).toBe(
      identity({ buckets: entries.toReversed() }).claims.grants,
    );
  });
});
