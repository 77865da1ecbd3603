import type { Arg } from './args.ts'

/** A question of a form. */
export interface Question<T> {
  readonly ask: string
  readonly answer: Arg<T>
}

export type Questions = Readonly<Record<string, Question<unknown>>>
export type AnswersOf<Q extends Questions> = { readonly [K in keyof Q]: Q[K] extends Question<infer T> ? T : never }

/** What is asked under a name. */
export interface Questionnaire {
  readonly name: string
  readonly questions: Questions
}
