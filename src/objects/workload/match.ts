import { annotations } from '../../names.ts';
import { changesAnnotations, type Match } from '../match.ts';

/** The pod-carrying kinds every workload rule judges; pods are where it is enforced. */
export const workloadMatch: readonly Match[] = [
  { group: '', resources: ['pods', 'replicationcontrollers'], operations: ['CREATE', 'UPDATE'] },
  { group: '', resources: ['podtemplates'], operations: ['CREATE', 'UPDATE'] },
  { group: '', resources: ['pods/ephemeralcontainers'], operations: ['UPDATE'] },
  {
    group: '',
    resources: ['pods/status'],
    operations: ['UPDATE'],
    // A write of the status may change annotations, too. Those of nodes and networks are not ours, and
    // too many to send; they must go on while we are down.
    entry: {
      name: 'pod-status',
      failurePolicy: 'Fail',
      conditions: [
        {
          name: 'changes-storage-annotations',
          expression: changesAnnotations(Object.values(annotations)),
        },
      ],
    },
  },
  {
    group: 'apps',
    resources: ['deployments', 'statefulsets', 'daemonsets', 'replicasets'],
    operations: ['CREATE', 'UPDATE'],
  },
  { group: 'batch', resources: ['jobs', 'cronjobs'], operations: ['CREATE', 'UPDATE'] },
];
