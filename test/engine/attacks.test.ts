import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import { admit } from '../../src/engine/admit.ts';
import { aConfig, anEngine, aRequest, aServiceEntry, aTenant } from '../builders.ts';
import { messageFor } from './questions.ts';

/** Numbers are those of docs/bypasses.md. */
const granted = {
  egress: { hosts: ['api.stripe.com', '*.eu.example.com'], cidrs: ['203.0.113.0/28'] },
};
const tenants = [aTenant(granted), aTenant({ name: 'analytics' })];
const engine = anEngine({ tenants });

function entry(
  hosts: readonly string[],
  spec: JsonRecord = {},
  namespace = 'payments',
): JsonRecord {
  return { ...aServiceEntry(hosts, spec), metadata: { name: 'entry', namespace } };
}

const judge = (object: JsonRecord, to = engine): Promise<string> =>
  messageFor(aRequest({ object }), to);

describe('a violation that was admitted while rules only warned', () => {
  it('G4: is not armed later: an entry for the store gets no endpoints by UPDATE', async () => {
    const oldObject = entry(['minio.storage.svc.cluster.local']);
    const endpoints = [{ address: '203.0.113.5' }];
    const object = entry(['minio.storage.svc.cluster.local'], { resolution: 'STATIC', endpoints });
    const { decision } = await admit(aRequest({ object, oldObject }), engine);
    expect(decision.message).toContain('[service-entry-protected-host] spec.hosts[0]: host');
  });
});

describe('a namespace that is called like a top-level domain', () => {
  it.each(['minio-hl.storage', 'minio-0.minio-hl.storage', 'MINIO-HL.Storage.'])(
    'G5: is a namespace first, as host and as endpoint: %s',
    async (host) => {
      const reason = 'is the short form of a Service in another namespace';
      expect(await judge(entry([host]))).toContain(
        `[service-entry-protected-host] spec.hosts[0]: host "${host}" ${reason}`,
      );
      expect(await judge(entry([host], {}, 'free'))).toContain(`host "${host}" ${reason}`);
      const endpoints = [{ address: host }];
      expect(await judge(entry(['api.stripe.com'], { endpoints }))).toContain(
        'spec.endpoints[0].address: ',
      );
    },
  );

  it('G5: is known outside tenants when a tenant lists it, and inside tenants reads like any other name', async () => {
    expect(await judge(entry(['web.analytics'], {}, 'free'))).toContain('is the short form');
    const foreign = await judge(entry(['web.analytics']));
    expect(foreign).toBe((await judge(entry(['web.nobody']))).replaceAll('nobody', 'analytics'));
    expect(foreign).toContain(
      '[service-entry-host] spec.hosts[0]: host "web.analytics" is not granted',
    );
  });

  it('G5: wins over a grant that is older than the namespace, wherever namespaces are known', async () => {
    const careless = anEngine({ tenants: [aTenant({ egress: { hosts: ['cdn.app'] } })] });
    expect(await judge(entry(['cdn.app']), careless)).toBe('');
    const namespaces = new Map([['app', {}]]);
    const surroundings = { ...careless.surroundings, namespaces };
    expect(await judge(entry(['cdn.app']), { ...careless, surroundings })).toContain(
      'host "cdn.app" is granted, but a namespace is called like its last label',
    );
  });
});

describe('an address as a host', () => {
  const config = aConfig({
    storage: {
      endpoints: ['https://minio.storage.svc.cluster.local:9000', 'https://10.96.1.13:9000'],
    },
  });
  const withAddress = anEngine({ tenants, config });

  it.each(['169.254.169.254', '0xa9fea9fe', '10.96.1.13', '::ffff:10.96.1.13'])(
    'G6: is as protected as an endpoint, in tenants and outside: %s',
    async (host) => {
      for (const namespace of ['payments', 'free']) {
        expect(await judge(entry([host], {}, namespace), withAddress)).toContain(
          `[service-entry-protected-host] spec.hosts[0]: host "${host}" overlaps a protected range`,
        );
      }
    },
  );
});

describe('an exemption from one rule', () => {
  const exemption = {
    rule: 'service-entry-wildcard-host',
    namespace: 'payments',
    kind: 'ServiceEntry',
    name: 'entry',
    reason: 'PAY-1',
    expires: '2027-01-31',
  };
  const exempt = anEngine({ tenants: [aTenant({ ...granted, exemptions: [exemption] })] });

  it.each([
    '*local',
    '*cluster.local',
    '*.storage',
    '*.',
    '*.svc.cluster.local',
    '*.google.internal',
  ])(
    'G7: does not open what another rule protects: %s covers the store, a Service or metadata',
    async (host) => {
      const message = await judge(entry([host]), exempt);
      expect(message).toContain('[service-entry-protected-host] spec.hosts[0]: host');
      expect(message).not.toContain('[service-entry-wildcard-host]');
    },
  );
});

describe('a namespace that somebody calls like the end of a host', () => {
  it.each(['com', 'svc', 'local'])(
    'G5: cannot be created by those who may not declare tenants: %s',
    async (name) => {
      const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
      expect(await judge(object)).toContain(
        `metadata.name: hosts that end in ".${name}" would become names of Services in this namespace`,
      );
    },
  );

  it.each(['api.stripe.com', 'pay.example.com'])(
    'G5: publishes no host of a tenant from there: %s',
    async (host) => {
      const withIngress = anEngine({
        tenants: [aTenant({ ...granted, ingress: { hosts: ['pay.example.com'] } })],
      });
      for (const kind of ['ServiceEntry', 'VirtualService']) {
        const object = { ...entry([host], { exportTo: ['*'] }, 'com'), kind };
        expect(await judge(object, withIngress)).toContain(
          '[export-scope] spec.exportTo[0]: "*" is beyond',
        );
      }
    },
  );

  it.each(['api.competitor.shop', 'a.b.c.d.shop', 'competitor.shop'])(
    'G5: gives its tenant no hosts of the Internet: %s',
    async (host) => {
      const shop = anEngine({ tenants: [aTenant({ name: 'shop' })] });
      expect(await judge(entry([host], {}, 'shop'), shop)).toContain(
        `host "${host}" is not granted`,
      );
      expect(await judge(entry(['web.shop.svc.cluster.local'], {}, 'shop'), shop)).toBe('');
    },
  );

  it('G5: does not take the store by what a search path makes of its name', async () => {
    const host = 'minio.storage.svc.cluster.local.svc.cluster.local';
    const object = { ...entry([host], { exportTo: ['*'] }, 'local'), kind: 'VirtualService' };
    expect(await judge(object)).toContain('[export-scope]');
  });
});

describe('a namespace of nobody', () => {
  it.each([
    [['minio.storage.svc.cluster.local'], ['*']],
    [['*cluster.local'], ['payments']],
    [['*ge.svc.cluster.local'], ['*']],
    [['MINIO.storage.svc.cluster.local'], ['payments']],
  ])('G11: does not publish a VirtualService for %j to %j', async (hosts, exportTo) => {
    const object = { ...entry(hosts, { exportTo }, 'free'), kind: 'VirtualService' };
    expect(await judge(object)).toContain('[export-scope] spec.exportTo[0]');
  });

  it.each([['10.96.1.13'], ['10.96.0.0/16'], ['fd00::/8']])(
    'G10: does not publish the virtual address %s with an innocent host',
    async (address) => {
      const spec = {
        addresses: [address],
        resolution: 'STATIC',
        ports: [{ number: 9000, name: 'tcp', protocol: 'TCP' }],
        endpoints: [{ address: '10.244.0.12' }],
      };
      for (const exportTo of [['*'], ['payments']]) {
        const object = entry(['x.evil.example'], { ...spec, exportTo }, 'free');
        expect(await judge(object)).toContain('[export-scope] spec.exportTo[0]');
      }
    },
  );

  it('G10: does not publish a route for addresses either', async () => {
    const match = [{ destinationSubnets: ['10.96.1.13/32'] }];
    const spec = { tcp: [{ match, route: [] }], exportTo: ['*'] };
    const object = {
      ...entry(['web.free.svc.cluster.local'], spec, 'free'),
      kind: 'VirtualService',
    };
    expect(await judge(object)).toContain('[export-scope] spec.exportTo[0]');
  });

  it.each<[string, JsonRecord]>([
    ['host', { hosts: ['api.stripe.com'] }],
    ['range', { addresses: ['203.0.113.0/24'] }],
  ])('G12: does not publish the egress %s of a tenant beyond itself', async (_, spec) => {
    const object = entry(['x.example.com'], { ...spec, exportTo: ['*'] }, 'free');
    expect(await judge(object)).toContain(
      '[export-scope] spec.exportTo[0]: "*" is beyond this namespace',
    );
  });
});
