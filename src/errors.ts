/**
 * The root of everything that Bucketwarden throws, and the errors that several parts share; an error of one
 * part is declared there. A stable `code` is for programs, the message for people, `cause` for debugging.
 * Policy denials are values, never errors.
 */
export abstract class BucketwardenError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** What was sent is not an AdmissionReview we can answer: HTTP 400, or the status given. */
export class MalformedRequestError extends BucketwardenError {
  readonly code = 'malformed-request';
  readonly status: 400 | 405 | 413 | 415;

  constructor(message: string, status: 400 | 405 | 413 | 415 = 400, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** A review that is too large or too dense to be read; `uid` is the one of its request, if it is known. */
export class TooMuchError extends MalformedRequestError {
  readonly uid: string | undefined;

  constructor(message: string, { status, uid }: { status: 400 | 413; uid: string | undefined }) {
    super(message, status);
    this.uid = uid;
  }
}

/** We cannot know the answer (in time): HTTP 500, so that failurePolicy decides. */
export class UnknownAnswerError extends BucketwardenError {
  readonly code = 'unknown-answer';
}

/** We are up, but not loaded: HTTP 503, so that failurePolicy decides. */
export class NotReadyError extends BucketwardenError {
  readonly code = 'not-ready';
}

/** One thing wrong in a file the user gave us. Lines and columns count from 1. */
export interface FileProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Field path inside the document, "" for the document itself. */
  readonly path: string;
  readonly message: string;
  /** No line of the file is meant; messages name the file alone. */
  readonly isOfWholeFile?: true;
}

/** A problem of a file as a whole, such as one that does not exist. */
export function problemOfFile(file: string, message: string): FileProblem {
  return { file, line: 1, column: 1, path: '', message, isOfWholeFile: true };
}

/** A declaration or manifest that cannot be used; carries every problem found, not only the first. */
export class InvalidFileError extends BucketwardenError {
  readonly code = 'invalid-file';
  readonly problems: readonly FileProblem[];

  constructor(problems: readonly FileProblem[], options?: ErrorOptions) {
    super(problems.map(renderProblem).join('\n'), options);
    this.problems = problems;
  }
}

/** The command line cannot be carried out as written: exit code 2. */
export class UsageError extends BucketwardenError {
  readonly code = 'usage';
}

/** `file:line:column: path: message`, the form editors make clickable. */
export function renderProblem(problem: FileProblem): string {
  const { file, line, column, path, message, isOfWholeFile } = problem;
  const place = isOfWholeFile === true ? file : `${file}:${line}:${column}`;
  return `${place}: ${path === '' ? '' : `${path}: `}${message}`;
}
