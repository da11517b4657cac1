/** Flags of `policy list` and `policy explain`. */
export interface PolicyFlags {
  readonly output: 'text' | 'json';
}
