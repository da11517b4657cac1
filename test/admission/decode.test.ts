import { describe, expect, it } from 'vitest';
import { decodeReview } from '../../src/admission/decode.ts';
import { limits } from '../../src/limits.ts';
import { aRequest } from '../builders.ts';

function decode(changes: object): unknown {
  const request = { ...aRequest(), ...changes };
  const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
  return decodeReview(JSON.stringify(review), limits.maxDepth);
}

describe('the members of a request that are repeated in answers and log lines', () => {
  const long = 'a'.repeat(254);

  it.each([
    ['request.uid', { uid: long }],
    ['request.name', { name: long }],
    ['request.namespace', { namespace: long }],
    ['request.subResource', { subResource: long }],
    ['request.kind.group', { kind: { group: long, version: 'v1', kind: 'Pod' } }],
    ['request.kind.version', { kind: { group: '', version: long, kind: 'Pod' } }],
    ['request.kind.kind', { kind: { group: '', version: 'v1', kind: long } }],
    ['request.resource.group', { resource: { group: long, version: 'v1', resource: 'pods' } }],
    ['request.resource.resource', { resource: { group: '', version: 'v1', resource: long } }],
  ])('%s has at most 253 characters', (member, changes) => {
    expect(() => decode(changes)).toThrow(`${member}: longer than 253 characters`);
  });

  it('request.userInfo.username may be longer, as some identity providers make it', () => {
    expect(() => decode({ userInfo: { username: 'a'.repeat(4_096) } })).not.toThrow();
    expect(() => decode({ userInfo: { username: 'a'.repeat(4_097) } })).toThrow(
      'request.userInfo.username: longer than 4096 characters',
    );
  });

  it('may be as long as Kubernetes allows', () => {
    const most = 'a'.repeat(253);
    expect(decode({ name: most, namespace: most })).toMatchObject({ name: most, namespace: most });
  });
});
