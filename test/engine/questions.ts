import type { JsonRecord } from '../../src/admission/json.ts';
import type { AdmissionRequest } from '../../src/admission/review.ts';
import { admit, type Engine } from '../../src/engine/admit.ts';
import { anEngine, recordAt } from '../builders.ts';

const defaultEngine = anEngine();

/** What /validate says; "" when it allows. */
export async function messageFor(
  request: AdmissionRequest,
  engine: Engine = defaultEngine,
): Promise<string> {
  return (await admit(request, engine)).decision.message;
}

/** The same object elsewhere. */
export function inNamespace(object: JsonRecord, namespace: string): JsonRecord {
  return { ...object, metadata: { ...recordAt(object, 'metadata'), namespace } };
}

/** The advice that ends every denial of bucket-outside-tenant. */
export const bucketFix =
  'Name a bucket that is granted, or have the platform team add this one to the StorageTenant';
