/**
 * Keys of the labels by which Istio decides what becomes of a namespace: injection, revision, data
 * plane, waypoint, network. The whole domain, so that a label of a later release is covered from the start
 * (https://istio.io/latest/docs/reference/config/labels/). RE2 and JavaScript read it alike.
 */
export const meshLabelPattern = '^(istio-injection|([a-z0-9-]+[.])*istio[.]io/.*)$';

const meshLabel = new RegExp(meshLabelPattern);

/** True for the key of a label that belongs to the mesh. */
export function isMeshLabel(key: string): boolean {
  return meshLabel.test(key);
}
