import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import {
  aDeployment,
  anEngine,
  aPod,
  aPodWith,
  aRequest,
  aServiceEntry,
  aTenant,
} from '../builders.ts';
import { admitted } from '../inject/admission-cycle.ts';
import { messageFor } from './questions.ts';

/** Numbers are those of docs/bypasses.md; what needs an API server is in test/cluster. */
const engine = anEngine({
  tenants: [
    aTenant({
      egress: {
        hosts: ['api.payments.example.com', '*.shop.example.com'],
        cidrs: ['203.0.113.0/28'],
      },
    }),
    aTenant({
      name: 'analytics',
      egress: { hosts: ['api.vendor.example.com'] },
      ingress: { hosts: ['reports.example.com'] },
    }),
  ],
});
const judge = (object: JsonRecord): Promise<string> => messageFor(aRequest({ object }), engine);
const entry = (host: string, spec: JsonRecord = {}): Promise<string> =>
  judge(aServiceEntry([host], spec));

describe('in a pod', () => {
  it('A16: of a variable that is set twice, the second value is found as well as the first', async () => {
    const env = ['payments-ledger', 'analytics-ledger'].map((value) => ({
      name: 'S3_BUCKET',
      value,
    }));
    expect(await judge(aDeployment({ env }))).toContain(
      'spec.template.spec.containers[0].env[1].value: bucket "analytics-ledger" is not granted',
    );
  });

  it.each<[string, JsonRecord, string]>([
    ['a value', { env: [{ name: 'AWS_ACCESS_KEY_ID', value: 'x' }] }, 'env[0].name'],
    [
      'a key of a Secret',
      {
        env: [
          {
            name: 'AWS_SECRET_ACCESS_KEY',
            valueFrom: { secretKeyRef: { name: 'other', key: 'k' } },
          },
        ],
      },
      'env[0].name',
    ],
    [
      'a prefix for a whole Secret',
      { envFrom: [{ prefix: 'AWS_', secretRef: { name: 'other' } }] },
      '',
    ],
  ])(
    'D1: a foreign credential by %s is denied, or warned of where it cannot be seen',
    async (_, container, path) => {
      const message = await judge(aDeployment(container));
      expect(message).toContain(path === '' ? '' : `containers[0].${path}`);
      expect(message === '').toBe(path === '');
    },
  );

  it('D3: the identity of a pod is that of its own account, whatever it says', async () => {
    const annotations = { 'bucketwarden.io/subject': 'system:serviceaccount:payments:root' };
    const { decision } = await admitted(aPod({ metadata: { annotations } }), engine);
    expect(decision.message).toContain(
      '"system:serviceaccount:payments:root" is not the injected "system:serviceaccount:payments:ledger-writer"',
    );
  });

  it('D6: keys in arguments and URLs are found', async () => {
    expect(await judge(aPodWith({ args: ['s3://AKIA0:secret@payments-ledger/x'] }))).toContain(
      '[static-credentials] spec.containers[0].args[0]',
    );
  });
});

describe('in a ServiceEntry', () => {
  it.each(['reports.example.com', 'api.vendor.example.com'])(
    'E1: another tenant’s exact host is denied: %s',
    async (host) => {
      expect(await entry(host)).toContain(`host "${host}" is not granted`);
    },
  );

  it.each([
    'REPORTS.Example.COM',
    'reports.example.com.',
    ' reports.example.com ',
    'ｒeports.example.com',
    'xn--reports-9ya.example.com',
  ])('E2: another spelling is no way in: "%s"', async (host) => {
    expect(await entry(host)).not.toBe('');
  });

  it.each(['*', '*.example.com', '*.vendor.example.com', '*example.com', '*.svc.cluster.local'])(
    'E3: a wildcard that covers foreign hosts is denied: %s',
    async (host) => {
      expect(await entry(host)).toContain('[service-entry-wildcard-host] spec.hosts[0]: wildcard');
    },
  );

  it.each(['analytics/reports.example.com', '*/reports.example.com', './reports.example.com'])(
    'E4: a namespace before the host does not hide it: %s',
    async (host) => {
      expect(await entry(host)).not.toBe('');
    },
  );

  it.each([
    'api.payments.example.com.evil.net',
    'evilapi.payments.example.com',
    'evilshop.example.com',
  ])('E5: a host that only ends or begins like a granted one is not granted: %s', async (host) => {
    expect(await entry(host)).toContain(`host "${host}" is not granted`);
  });

  it.each([
    'minio.storage',
    'minio.storage.svc',
    'minio.storage.svc.cluster.local',
    'MINIO.storage.svc.',
  ])('E6: the store is known by every name: %s', async (host) => {
    expect(await entry(host)).toContain('[service-entry-protected-host] spec.hosts[0]: host');
  });

  it.each(['10.0.0.1', '0x7f000001', '2130706433', '0177.0.0.1', '::ffff:169.254.169.254'])(
    'E7: an address as host, or as address, is one however it is written: %s',
    async (text) => {
      expect(await entry(text)).toContain('spec.hosts[0]: ');
      expect(await entry('api.payments.example.com', { addresses: [text] })).toContain(
        'spec.addresses[0]: ',
      );
    },
  );

  it.each(['minio.storage.svc', '198.51.100.1', 'unix:///x.sock', '127.0.0.1'])(
    'E8: an innocent host with an endpoint elsewhere is denied: %s',
    async (address) => {
      const spec = { resolution: 'STATIC', endpoints: [{ address }] };
      expect(await entry('api.payments.example.com', spec)).toContain('spec.endpoints[0].address');
    },
  );

  it('E9: resolution NONE and DYNAMIC_DNS open nothing that was not granted', async () => {
    const ports = [{ number: 5432, name: 'tcp', protocol: 'TCP' }];
    const none = { resolution: 'NONE', ports };
    expect(await entry('api.payments.example.com', none)).toContain('spec.ports[0]');
    const dynamic = { resolution: 'DYNAMIC_DNS' };
    expect(await entry('api.payments.example.com', dynamic)).toContain('spec.resolution');
    expect(await entry('a.shop.example.com', dynamic)).toBe('');
  });

  it.each([undefined, [], ['*'], ['analytics']])(
    'E10: what is exported stays with the tenant: %j',
    async (exportTo) => {
      expect(await entry('api.payments.example.com', { exportTo })).toContain(
        '[export-scope] spec.exportTo',
      );
    },
  );

  it('E16: each of several hosts is judged on its own', async () => {
    const hosts = ['api.payments.example.com', 'reports.example.com', 'a.shop.example.com'];
    const message = await judge(aServiceEntry(hosts));
    expect(message).toMatch(
      /^ServiceEntry .* breaks a rule:\n- \[service-entry-host\] spec\.hosts\[1\]/,
    );
  });

  it('E19: who comes first does not own a host', async () => {
    const object = aServiceEntry(['reports.example.com']);
    expect(await messageFor(aRequest({ object, oldObject: aServiceEntry([]) }), engine)).toContain(
      'host "reports.example.com" is not granted',
    );
  });
});
