import { MalformedRequestError, TooMuchError } from '../errors.ts';
import { limits } from '../limits.ts';
import { isDeeperThan, isRecord, listOf, recordOf, textOf, type JsonRecord } from './json.ts';
import {
  reviewApiVersion,
  reviewKind,
  type AdmissionRequest,
  type GroupVersionKind,
  type GroupVersionResource,
  type Operation,
} from './review.ts';

/**
 * Turns the body of a POST into an AdmissionRequest whose objects are nested at most `maxDepth` deep:
 * whatever walks through them later may call itself.
 * @throws MalformedRequestError when it is not an admission.k8s.io/v1 AdmissionReview with a request
 */
export function decodeReview(body: string, maxDepth: number): AdmissionRequest {
  const review = parseJson(body);
  if (!isRecord(review)) throw new MalformedRequestError('body: must be a JSON object');
  if (review['kind'] !== reviewKind || review['apiVersion'] !== reviewApiVersion) {
    throw new MalformedRequestError(
      `body: must be an ${reviewKind} of ${reviewApiVersion}, found ` +
        `${quoted(review['kind'])} of ${quoted(review['apiVersion'])}`,
    );
  }
  const request = decodeRequest(review['request']);
  checkDepth(request, maxDepth);
  return request;
}

/**
 * The `request` member of a review.
 * @throws MalformedRequestError naming the member that is missing or of the wrong type
 */
function decodeRequest(value: unknown): AdmissionRequest {
  if (!isRecord(value)) throw new MalformedRequestError('request: missing');
  const operation = decodeOperation(value['operation']);
  return {
    uid: required(value, 'uid'),
    kind: decodeKind(value['kind']),
    resource: decodeResource(value['resource']),
    subResource: optional(value, 'subResource'),
    name: optional(value, 'name'),
    namespace: optional(value, 'namespace'),
    operation,
    userInfo: decodeUser(value['userInfo']),
    object: decodeObject(value, 'object', operation === 'CREATE' || operation === 'UPDATE'),
    oldObject: decodeObject(value, 'oldObject', operation === 'UPDATE' || operation === 'DELETE'),
    dryRun: value['dryRun'] === true,
  };
}

function checkDepth({ uid, object, oldObject }: AdmissionRequest, maxDepth: number): void {
  for (const [member, value] of Object.entries({ object, oldObject })) {
    if (isDeeperThan(value, maxDepth)) {
      const message = `request.${member}: nested deeper than ${maxDepth} levels`;
      throw new TooMuchError(message, { status: 400, uid });
    }
  }
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new MalformedRequestError('body: not JSON', 400, { cause: error });
  }
}

function decodeOperation(value: unknown): Operation {
  switch (value) {
    case 'CREATE':
    case 'UPDATE':
    case 'DELETE':
    case 'CONNECT':
      return value;
    default:
      throw new MalformedRequestError(`request.operation: unknown operation ${quoted(value)}`);
  }
}

function decodeKind(value: unknown): GroupVersionKind {
  const { group, version } = decodeGroupVersion(value, 'kind');
  return { group, version, kind: required(recordOf(value), 'kind', 'request.kind.') };
}

function decodeResource(value: unknown): GroupVersionResource {
  const { group, version } = decodeGroupVersion(value, 'resource');
  return { group, version, resource: required(recordOf(value), 'resource', 'request.resource.') };
}

function decodeGroupVersion(value: unknown, member: string): { group: string; version: string } {
  if (!isRecord(value)) throw new MalformedRequestError(`request.${member}: missing`);
  return {
    group: optional(value, 'group', `request.${member}.`),
    version: required(value, 'version', `request.${member}.`),
  };
}

function decodeUser(value: unknown): AdmissionRequest['userInfo'] {
  const user = recordOf(value);
  const username = textOf(user['username']) ?? '';
  return {
    username: limited(username, 'request.userInfo.username', limits.maxUsernameCharacters),
    groups: listOf(user['groups']).filter((group) => typeof group === 'string'),
  };
}

/** A missing object on CREATE or UPDATE is malformed: judging "nothing" would allow everything. */
function decodeObject(
  request: JsonRecord,
  member: 'object' | 'oldObject',
  isRequired: boolean,
): JsonRecord | undefined {
  const value = request[member];
  if (isRecord(value)) return value;
  if (isRequired || (value !== undefined && value !== null)) {
    throw new MalformedRequestError(`request.${member}: must be an object`);
  }
  return undefined;
}

function required(record: JsonRecord, member: string, prefix = 'request.'): string {
  const value = optional(record, member, prefix);
  if (value === '') throw new MalformedRequestError(`${prefix}${member}: missing`);
  return value;
}

/** "" when it is missing. */
function optional(record: JsonRecord, member: string, prefix = 'request.'): string {
  return limited(textOf(record[member]) ?? '', `${prefix}${member}`, limits.maxNameCharacters);
}

/** Repeated in answers and log lines, which nobody may fill at will. */
function limited(text: string, where: string, most: number): string {
  if (text.length <= most) return text;
  throw new MalformedRequestError(`${where}: longer than ${most} characters`);
}

/** Quotes what was found, cut so that hostile input cannot fill our answer. */
function quoted(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : 'nothing';
}
