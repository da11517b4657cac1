import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import type { Engine } from '../../src/engine/admit.ts';
import { anEngine, aPod, aPodWith } from '../builders.ts';
import { admitted, lossesIn } from './admission-cycle.ts';
import { mount, roleArn, variables, volume } from './expected-identity.ts';

const engine = anEngine();

async function messageFor(object: JsonRecord, to: Engine = engine): Promise<string> {
  return (await admitted(object, to)).decision.message;
}

describe('a value of the user’s own', () => {
  const leave =
    'Leave everything named bucketwarden.io/… and the injected variables to Bucketwarden';

  it.each([
    [
      'a variable',
      aPodWith({ env: [{ name: 'AWS_ROLE_ARN', value: 'other' }] }),
      `spec.containers[0].env[0]: variable "AWS_ROLE_ARN" is set to "other", but Bucketwarden injects "${roleArn}"`,
    ],
    [
      'a variable from elsewhere',
      aPodWith({
        env: [{ name: 'AWS_ROLE_ARN', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
      }),
      `spec.containers[0].env[0]: variable "AWS_ROLE_ARN" comes from elsewhere, but Bucketwarden injects "${roleArn}"`,
    ],
    [
      'the right value first and a foreign one behind it',
      aPodWith({
        env: [
          { name: 'AWS_ROLE_ARN', value: roleArn },
          { name: 'AWS_ROLE_ARN', value: 'other' },
        ],
      }),
      `spec.containers[0].env[1]: variable "AWS_ROLE_ARN" is set to "other", but Bucketwarden injects "${roleArn}"`,
    ],
    [
      'the switch that ignores endpoints',
      aPodWith({ env: [{ name: 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', value: 'true' }] }),
      'spec.containers[0].env[0].value: "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" makes SDKs ignore the store\'s endpoint',
    ],
    [
      'an annotation',
      aPod({
        metadata: { annotations: { 'bucketwarden.io/subject': 'system:serviceaccount:a:b' } },
      }),
      'metadata.annotations["bucketwarden.io/subject"]: "system:serviceaccount:a:b" is not the injected "system:serviceaccount:payments:ledger-writer"',
    ],
    [
      'a volume under our name',
      aPod({ spec: { volumes: [{ name: 'bucketwarden-identity', emptyDir: {} }] } }),
      'spec.volumes[0]: volume "bucketwarden-identity" is not the injected one',
    ],
    [
      'our volume with another audience',
      aPod({
        spec: {
          volumes: [
            {
              name: 'bucketwarden-identity',
              projected: {
                defaultMode: 420,
                sources: [
                  {
                    serviceAccountToken: {
                      audience: 'vault',
                      expirationSeconds: 7200,
                      path: 'token',
                    },
                  },
                ],
              },
            },
          ],
        },
      }),
      'spec.volumes[0]: volume "bucketwarden-identity" is not the injected one',
    ],
    [
      'another mount on our path',
      aPodWith({
        volumeMounts: [{ name: 'data', mountPath: '/var/run/secrets/bucketwarden.io/identity/' }],
      }),
      'spec.containers[0].volumeMounts[0]: a mount of "bucketwarden-identity" or on its path is not the injected one',
    ],
    [
      'another mount over our token',
      aPodWith({
        volumeMounts: [
          {
            name: 'data',
            mountPath: '/run/secrets/x/../bucketwarden.io//identity/token',
            subPath: 't',
          },
        ],
      }),
      'spec.containers[0].volumeMounts[0]: a mount of "bucketwarden-identity" or on its path is not the injected one',
    ],
    [
      'another mount on our path on Windows',
      aPodWith({
        volumeMounts: [{ name: 'data', mountPath: 'c:/VAR/run/secrets/bucketwarden.io/identity' }],
      }),
      'spec.containers[0].volumeMounts[0]: a mount of "bucketwarden-identity" or on its path is not the injected one',
    ],
    [
      'our mount with a subPath',
      aPodWith({ volumeMounts: [{ ...mount, subPath: 'x' }] }),
      'spec.containers[0].volumeMounts[0]: a mount of "bucketwarden-identity" or on its path is not the injected one',
    ],
    [
      'our volume elsewhere',
      aPodWith({ volumeMounts: [{ ...mount, mountPath: '/elsewhere' }] }),
      'spec.containers[0].volumeMounts[0]: a mount of "bucketwarden-identity" or on its path is not the injected one',
    ],
    [
      'a contradiction in an init container only',
      aPod({
        spec: { initContainers: [{ name: 'a', env: [{ name: 'AWS_ROLE_ARN', value: 'eu' }] }] },
      }),
      `spec.initContainers[0].env[0]: variable "AWS_ROLE_ARN" is set to "eu", but Bucketwarden injects "${roleArn}"`,
    ],
    [
      'a contradiction in an ephemeral container only',
      aPod({
        spec: {
          ephemeralContainers: [{ name: 'a', env: [{ name: 'AWS_ROLE_ARN', value: 'eu' }] }],
        },
      }),
      `spec.ephemeralContainers[0].env[0]: variable "AWS_ROLE_ARN" is set to "eu", but Bucketwarden injects "${roleArn}"`,
    ],
  ])('stays and is denied when it contradicts: %s', async (_, pod, expected) => {
    const { object, decision } = await admitted(pod, engine);
    const fix = expected.includes('Bucketwarden injects') ? 'Remove the variable' : leave;
    expect(decision.message).toBe(
      `Pod "payments/report" of tenant "payments" breaks a rule:\n- [storage-identity] ${expected}. ${fix}`,
    );
    expect(lossesIn(object, pod)).toEqual([]);
  });

  it.each([
    ['variables', aPodWith({ env: variables.slice(2, 5) })],
    ['annotations', aPod({ metadata: { annotations: { 'bucketwarden.io/tenant': 'payments' } } })],
    ['the volume', aPod({ spec: { volumes: [volume] } })],
    ['the mount', aPodWith({ volumeMounts: [mount] })],
    [
      'endpoints kept',
      aPodWith({ env: [{ name: 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', value: 'false' }] }),
    ],
  ])('passes when it is the right one: %s', async (_, pod) => {
    expect(await messageFor(pod)).toBe('');
  });
});
