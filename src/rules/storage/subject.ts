import { isDeepStrictEqual } from 'node:util';
import type { JsonRecord } from '../../admission/json.ts';
import { apiGroup } from '../../names.ts';
import type { Subject } from '../rule.ts';

/** A StorageTenant as it would be stored, or as it is being deleted. */
export interface StorageTenantView {
  readonly name: string;
  readonly object: JsonRecord;
  readonly isDeleted: boolean;
}

/** StorageTenants. The decoder of the declaration says what is mistyped, with its own words. */
export const storageTenantSubject: Subject<StorageTenantView> = {
  match: [
    { group: apiGroup, resources: ['storagetenants'], operations: ['CREATE', 'UPDATE', 'DELETE'] },
  ],
  hasTemplates: false,
  isInPlatform: false,
  read: ({ object, name, operation }) => ({
    kind: 'read',
    about: { object, name, isDeleted: operation === 'DELETE' },
  }),
  updateScope: ({ object, oldObject }) =>
    isDeepStrictEqual(object['spec'], oldObject?.['spec']) ? 'nothing' : 'everything',
};
