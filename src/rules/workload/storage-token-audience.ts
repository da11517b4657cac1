import { listOf, recordOf } from '../../admission/json.ts';
import { containersOf } from '../../objects/workload/containers.ts';
import { coversContent } from '../../objects/workload/covers-content.ts';
import { hasMeshImage } from '../../objects/workload/mesh-containers.ts';
import type { Workload } from '../../objects/workload/pod-template.ts';
import {
  tokenProjections,
  type TokenProjection,
} from '../../objects/workload/token-projections.ts';
import type { Settings } from '../../settings/settings.ts';
import type { RuleOf } from '../rule.ts';
import { workloadSubject, type WorkloadView } from './subject.ts';

export const storageTokenAudience: RuleOf<WorkloadView> = {
  id: 'storage-token-audience',
  title: 'Tokens for the object store and for the mesh come from Bucketwarden and from Istio only',
  why:
    'The store exchanges every token with its audience for credentials, and istiod every token with its ' +
    "own for a certificate. A token that a pod projects by itself is neither bound to the tenant's " +
    'declaration nor seen in its attestation.',
  fix: 'Remove the token from the volume; pods of a tenant get one for the store without asking',
  subject: workloadSubject,
  scope: 'cluster',
  harmsOthers: false,
  defaultActions: ['Deny'],
  examples: {
    allowed: [
      {
        name: 'a token for another service',
        yaml: `
apiVersion: v1
kind: Pod
metadata: {name: report, namespace: payments}
spec:
  containers: [{name: report, image: report:1, volumeMounts: [{name: vault, mountPath: /vault}]}]
  volumes:
    - name: vault
      projected: {sources: [{serviceAccountToken: {audience: vault, path: token}}]}
`,
      },
    ],
    denied: [
      {
        name: 'tokens for the store and for istiod, beside a harmless one',
        yaml: `
apiVersion: apps/v1
kind: Deployment
metadata: {name: report, namespace: default}
spec:
  selector: {matchLabels: {app: report}}
  template:
    metadata: {labels: {app: report}}
    spec:
      containers: [{name: report, image: report:1, volumeMounts: [{name: tokens, mountPath: /tokens}]}]
      volumes:
        - name: tokens
          projected:
            sources:
              - {serviceAccountToken: {audience: minio, path: store}}
              - {serviceAccountToken: {audience: vault, path: vault}}
              - {serviceAccountToken: {audience: istio-ca, path: mesh}}
`,
        paths: [
          'spec.template.spec.volumes[0].projected.sources[0].serviceAccountToken.audience',
          'spec.template.spec.volumes[0].projected.sources[2].serviceAccountToken.audience',
        ],
      },
    ],
  },
  validate(view, { settings }) {
    return tokenProjections(view.workload)
      .filter((token) => isReserved(token, settings) && !isInjected(token, view, settings))
      .map(({ path, audience }) => ({
        path,
        reason: `audience "${audience}" is reserved for the tokens that are injected`,
      }));
  },
};

/** What istiod accepts in exchange for a certificate (istio/istio pkg/kube/inject, `istio-token`). */
const meshAudience = 'istio-ca';
const meshVolume = 'istio-token';

function isReserved({ audience }: TokenProjection, { config }: Settings): boolean {
  return audience === config.storage.sts.audience || audience === meshAudience;
}

function isInjected(token: TokenProjection, view: WorkloadView, settings: Settings): boolean {
  return isOurVolume(token, view) || isMeshVolume(token, view.workload, settings);
}

/** The injected volume, unchanged, on a pod that may carry an identity. */
function isOurVolume({ volume }: TokenProjection, { identity }: WorkloadView): boolean {
  if (identity?.mayCarry !== true) return false;
  return identity.accepted.some(({ volume: wanted }) => coversContent(volume.value, wanted));
}

/** The injector's volume, as long as nothing but the mesh's own containers reads it. */
function isMeshVolume(
  { audience, volume: { name } }: TokenProjection,
  workload: Workload,
  { config }: Settings,
): boolean {
  if (audience !== meshAudience || name !== meshVolume) return false;
  const readers = containersOf(workload).filter(({ value }) =>
    listOf(value['volumeMounts']).some((mount) => recordOf(mount)['name'] === name),
  );
  return readers.length > 0 && readers.every((one) => hasMeshImage(one, config.mesh.proxyImages));
}
