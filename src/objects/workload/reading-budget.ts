import { limits } from '../../limits.ts';

/**
 * What may still be spent on reading one workload. Without it an object of a mebibyte could take seconds:
 * variables that hold each other multiply, and a text may hold nothing but beginnings of URLs.
 */
export interface ReadingBudget {
  /** Characters that texts may still grow to. */
  charactersLeft: number;
  /** See `limits.maxReadingSteps`. */
  stepsLeft: number;
}

/** The budget for one workload. */
export function createReadingBudget(): ReadingBudget {
  return {
    charactersLeft: limits.maxExpandedCharacters,
    stepsLeft: limits.maxReadingSteps,
  };
}

/** False when a text is longer than what is left for reading; looking into it would be in vain. */
export function mayFit({ length }: string, { stepsLeft }: ReadingBudget): boolean {
  return length / limits.charactersPerStep <= stepsLeft;
}
