import jsonpatch from 'jsonpatch';
import { formatPath } from '../../admission/field-path.ts';
import type { PatchOperation } from '../../admission/json-patch.ts';
import { textOf } from '../../admission/json.ts';
import type { AdmissionRequest } from '../../admission/review.ts';
import type { Outcome } from '../actions.ts';
import { admit, mutate, type Engine } from '../admit.ts';
import { nameOf } from '../context.ts';
import type { Decision } from '../decide.ts';
import { fixText, reasonText, warningText } from '../message.ts';
import { DryRunAttestor } from '../../identity/dry-run-attestor.ts';
import type { ManifestObject } from '../../files/documents.ts';
import type { ReportedViolation, Result } from './report.ts';

/** How an object is judged. */
export interface Judging {
  readonly request: AdmissionRequest;
  readonly engine: Engine;
  /** The object comes from a cluster, where it was completed when it was admitted, or never. */
  readonly isStored?: boolean;
}

/**
 * Judges one object as the API server would have it judged: first what the webhook would add is added,
 * then the whole is judged. A stored object is judged as it is.
 */
export async function judgeObject(
  source: ManifestObject,
  { request, engine, isStored }: Judging,
): Promise<Result> {
  const own = withOwnAttestor(engine);
  const { patch, tenant } = isStored === true ? asStored : await mutate(request, own);
  const object = applyPatch(request, patch);
  const { decision, tenant: judgedFor } = await admit({ ...request, object }, own);
  const { file } = source;
  return {
    file,
    ...source.positionOf([]),
    apiVersion: textOf(request.object?.['apiVersion']) ?? '',
    kind: request.kind.kind,
    namespace: request.namespace,
    name: nameOf(request),
    tenant: judgedFor || tenant,
    allowed: decision.allowed,
    violations: violationsOf(decision, source),
    warnings: decision.warned.map(warningText),
    patch,
  };
}

const asStored = { patch: [], tenant: '' };

/** A dry run's attestor remembers what it signed for one object. */
function withOwnAttestor(engine: Engine): Engine {
  const surroundings = { ...engine.surroundings, attestor: new DryRunAttestor() };
  return { ...engine, surroundings };
}

function applyPatch(
  { object = {} }: AdmissionRequest,
  patch: readonly PatchOperation[],
): AdmissionRequest['object'] {
  return patch.length === 0 ? object : jsonpatch.apply_patch(object, [...patch]);
}

function violationsOf(decision: Decision, source: ManifestObject): ReportedViolation[] {
  return [
    ...decision.denied.map((outcome) => report(outcome, { action: 'Deny', source })),
    ...decision.warned.map((outcome) => report(outcome, { action: 'Warn', source })),
  ];
}

/** Paths are those of the completed object; for what is only there, the nearest parent is shown. */
function report(
  { finding, exemption }: Outcome,
  { action, source }: { readonly action: 'Deny' | 'Warn'; readonly source: ManifestObject },
): ReportedViolation {
  const { path } = finding.violation;
  const exempt = exemption ? `; exempt until ${exemption.expires} (${exemption.reason})` : '';
  return {
    rule: finding.rule.id,
    action,
    path: formatPath(path),
    ...source.positionOf(path),
    message: `${reasonText(finding)}${exempt}`,
    fix: fixText(finding),
  };
}
