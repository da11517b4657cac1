import { randomBytes } from 'node:crypto';
import type { JsonRecord } from '../../src/admission/json.ts';
import { eventually } from '../eventually.ts';
import { describeResult, type Kubectl } from './kubectl.ts';

type Kind = 'mutate' | 'validate';

/**
 * A webhook that nobody answers and that is called for one Lease alone. When creating that Lease fails
 * because of it, the API server has taken over the registration that it is part of: until then the
 * server goes on admitting objects by the registration that it knew before.
 */
export interface Canary {
  /** To be added to the webhooks of a MutatingWebhookConfiguration or ValidatingWebhookConfiguration. */
  entry(kind: Kind): JsonRecord;
  /** Resolves when the API server calls both. */
  heard(kubectl: Kubectl): Promise<void>;
}

/** One that is different from all that were registered before. */
export function createCanary(): Canary {
  const id = randomBytes(6).toString('hex');
  const nameOf = (kind: Kind): string => `canary-${kind}-${id}.example.com`;
  return {
    entry: (kind) => ({
      name: nameOf(kind),
      // A port that nothing listens on.
      clientConfig: { url: 'https://127.0.0.1:1/' },
      rules: [
        {
          apiGroups: ['coordination.k8s.io'],
          apiVersions: ['v1'],
          operations: ['CREATE'],
          resources: ['leases'],
        },
      ],
      matchConditions: [
        { name: 'canary', expression: `object.metadata.name == "${leases[kind]}"` },
      ],
      failurePolicy: 'Fail',
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
    }),
    heard: (kubectl) =>
      waitUntil(kubectl, 'the API server knows the registration', (stderr) =>
        kinds.every((kind) => stderr.includes(`failed calling webhook "${nameOf(kind)}"`)),
      ),
  };
}

/** Resolves when the API server no longer calls any canary. */
export function canariesGone(kubectl: Kubectl): Promise<void> {
  return waitUntil(
    kubectl,
    'the API server has forgotten the registration',
    (stderr) => stderr === '',
  );
}

const kinds: readonly Kind[] = ['mutate', 'validate'];
const leases: Readonly<Record<Kind, string>> = {
  mutate: 'canary-mutate',
  validate: 'canary-validate',
};

async function waitUntil(
  kubectl: Kubectl,
  what: string,
  isTrue: (stderr: string) => boolean,
): Promise<void> {
  const objects = kinds.map((kind) => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: leases[kind], namespace: 'default' },
  }));
  const stdin = objects.map((object) => JSON.stringify(object)).join('\n');
  await eventually(async () => {
    const result = await kubectl(['create', '--dry-run=server', '-f', '-'], { stdin });
    if (!isTrue(result.stderr)) throw new Error(`not yet: ${what}\n${describeResult(result)}`);
  });
}
