import { recordOf, type JsonRecord } from '../../admission/json.ts';
import { meshLabelPattern } from '../../objects/istio/mesh-label.ts';
import { changesLabels, type OwnEntry } from '../../objects/match.ts';
import { mistypedFields, type Shape } from '../../objects/shape.ts';
import { apiGroup } from '../../names.ts';
import { readingOf } from '../reading.ts';
import type { Reading, Subject } from '../rule.ts';

/** A Namespace, and its labels before and after. */
export interface NamespaceView {
  readonly name: string;
  readonly labels: JsonRecord;
  /** Undefined when it is being created. */
  readonly labelsBefore: JsonRecord | undefined;
}

const entry: OwnEntry = {
  name: 'namespace-labels',
  failurePolicy: 'Fail',
  conditions: [
    {
      name: 'caller-may-not-update-storagetenants',
      expression: `!authorizer.group('${apiGroup}').resource('storagetenants').check('update').allowed()`,
    },
    {
      // So that namespaces can be deleted, which their controller does by an UPDATE, while we are down.
      name: 'is-new-or-changes-mesh-labels',
      expression: `request.operation == 'CREATE' || ${changesLabels(`key.matches('${meshLabelPattern}')`)}`,
    },
  ],
};

const shape: Shape = { fields: { name: 'text', labels: { map: 'text' } } };

/** Namespaces, by whatever request changes their labels. */
export const namespaceSubject: Subject<NamespaceView> = {
  match: [
    { group: '', resources: ['namespaces'], operations: ['CREATE', 'UPDATE'], entry },
    // Writes to these may change labels, too.
    {
      group: '',
      resources: ['namespaces/finalize', 'namespaces/status'],
      operations: ['UPDATE'],
      entry,
    },
  ],
  hasTemplates: false,
  isInPlatform: false,
  read({ object, oldObject, name }): Reading<NamespaceView> {
    return readingOf(mistypedFields(object['metadata'], shape, ['metadata']), () => ({
      name,
      labels: labelsOf(object),
      labelsBefore: oldObject && labelsOf(oldObject),
    }));
  },
  // Its rules compare the labels themselves.
  updateScope: () => 'everything',
};

function labelsOf(object: JsonRecord): JsonRecord {
  return recordOf(recordOf(object['metadata'])['labels']);
}
