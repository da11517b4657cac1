import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import { aConfig, anEngine, aRequest, aServiceEntry, aTenant } from '../builders.ts';
import { messageFor } from './questions.ts';

const tenants = [
  aTenant({ egress: { hosts: ['api.stripe.com', '*.shop.example'], cidrs: ['203.0.113.0/28'] } }),
];
const engine = anEngine({ tenants });

function entryOf(spec: JsonRecord): JsonRecord {
  const entry = aServiceEntry(['innocent.example.com'], { exportTo: ['*'], ...spec });
  return { ...entry, metadata: { name: 'entry', namespace: 'free' } };
}

describe('a ServiceEntry in a namespace of no tenant', () => {
  const refused =
    'is beyond this namespace, and the hosts or addresses are not for others to publish. ' +
    'Set exportTo to ["."]; Bucketwarden fills it in when the field is left out';

  it.each<[string, JsonRecord]>([
    ['a host granted to a tenant', { hosts: ['api.stripe.com'] }],
    ['a host inside a granted wildcard', { hosts: ['eu.shop.example'] }],
    ['an address of a granted range', { addresses: ['203.0.113.7'] }],
    ['a range around a granted one', { addresses: ['203.0.113.0/24'] }],
    ['an address of a granted range as a host', { hosts: ['203.0.113.7'] }],
    ['a ClusterIP', { addresses: ['10.96.1.13'] }],
    ['the range of Services', { addresses: ['10.96.0.0/16'] }],
    ['a pod of IPv6', { addresses: ['fd00:10:244::7'] }],
    ['a ClusterIP in a translated form', { addresses: ['64:ff9b::10.96.1.13', '::10.96.1.13'] }],
  ])('may not be exported with %s', async (_, spec) => {
    for (const scope of ['*', 'payments']) {
      const object = entryOf({ ...spec, exportTo: [scope] });
      expect(await messageFor(aRequest({ object }), engine)).toContain(
        `[export-scope] spec.exportTo[0]: "${scope}" ${refused}`,
      );
    }
    const kept = entryOf({ ...spec, exportTo: ['.'] });
    expect(await messageFor(aRequest({ object: kept }), engine)).toBe('');
  });

  it.each<[string, JsonRecord]>([
    ['a host of nobody', {}],
    ['an address of nobody', { addresses: ['198.51.100.1', '203.0.113.16/28'] }],
  ])('may be exported with %s', async (_, spec) => {
    expect(await messageFor(aRequest({ object: entryOf(spec) }), engine)).toBe('');
  });

  it('may be exported anywhere when the config asks for nothing outside tenants', async () => {
    const lax = anEngine({ tenants, config: aConfig({ untenanted: { hosts: 'None' } }) });
    const object = entryOf({ hosts: ['api.stripe.com'] });
    expect(await messageFor(aRequest({ object }), lax)).toBe('');
  });
});
