import { listOf, recordOf } from '../../admission/json.ts';
import { containersOf } from '../../objects/workload/containers.ts';
import { coversContent } from '../../objects/workload/covers-content.ts';
import { hasMeshImage } from '../../objects/workload/mesh-containers.ts';
import { serviceAccountOf, type Workload } from '../../objects/workload/pod-template.ts';
import { tokenVolumes, type TokenVolume } from '../../objects/workload/token-projections.ts';
import { hasAnyGrant } from '../../tenant/ask-bucket.ts';
import type { World } from '../../tenant/world.ts';
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
  validate(view, world) {
    const { config } = world.settings;
    const mesh = new MeshReaders(view.workload, config.mesh.proxyImages);
    return tokenVolumes(view.workload).flatMap((volume) => {
      const { audience: storeAudience } = config.storage.sts;
      const isReserved = ({ audience }: Token): boolean =>
        audience === storeAudience || audience === meshAudience;
      const reserved = volume.tokens.filter(isReserved);
      if (reserved.length === 0 || isInjected(volume, view, world)) return [];
      return reserved
        .filter(({ audience }) => audience !== meshAudience || !mesh.isOnlyReaderOf(volume.name))
        .map(({ path, audience }) => ({
          path,
          reason: `audience "${audience}" is reserved for the tokens that are injected`,
        }));
    });
  },
};

type Token = TokenVolume['tokens'][number];

/** What istiod accepts in exchange for a certificate (istio/istio pkg/kube/inject, `istio-token`). */
const meshAudience = 'istio-ca';
const meshVolume = 'istio-token';

/** The injected volume, unchanged, on a pod whose account was granted something. */
function isInjected(
  { value }: TokenVolume,
  { identity, workload }: WorkloadView,
  { tenant }: World,
): boolean {
  if (identity === undefined || tenant === undefined || tenant.identity === 'Never') return false;
  if (!hasAnyGrant(tenant, serviceAccountOf(workload))) return false;
  return identity.accepted.some(({ volume: wanted }) => coversContent(value, wanted));
}

/** Whether nothing but the mesh's own containers reads the injector's volume; found out once. */
class MeshReaders {
  readonly #workload: Workload;
  readonly #images: readonly string[];
  #isOnlyReader: boolean | undefined;

  constructor(workload: Workload, images: readonly string[]) {
    this.#workload = workload;
    this.#images = images;
  }

  isOnlyReaderOf(volume: string): boolean {
    if (volume !== meshVolume) return false;
    this.#isOnlyReader ??= this.#findOut();
    return this.#isOnlyReader;
  }

  #findOut(): boolean {
    const readers = containersOf(this.#workload).filter(({ value }) =>
      listOf(value['volumeMounts']).some((mount) => recordOf(mount)['name'] === meshVolume),
    );
    return readers.length > 0 && readers.every((one) => hasMeshImage(one, this.#images));
  }
}
