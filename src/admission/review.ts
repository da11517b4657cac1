import type { JsonRecord } from './json.ts';
import type { PatchOperation } from './json-patch.ts';

/** The wire format of admission.k8s.io/v1, as far as we read it. */

export const reviewApiVersion = 'admission.k8s.io/v1';
export const reviewKind = 'AdmissionReview';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export interface GroupVersionResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

export interface UserInfo {
  readonly username: string;
  readonly groups: readonly string[];
}

/** One decoded request. `object` is undefined on DELETE, `oldObject` on CREATE. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly kind: GroupVersionKind;
  readonly resource: GroupVersionResource;
  /** "" for the main resource. */
  readonly subResource: string;
  /** "" when the API server will generate it. */
  readonly name: string;
  /** "" for cluster-scoped objects. */
  readonly namespace: string;
  readonly operation: Operation;
  readonly userInfo: UserInfo;
  readonly object: JsonRecord | undefined;
  readonly oldObject: JsonRecord | undefined;
  readonly dryRun: boolean;
}

/** What we answer; `patch` is empty when there is nothing to change. */
export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly message: string;
  readonly warnings: readonly string[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
  readonly patch: readonly PatchOperation[];
}
