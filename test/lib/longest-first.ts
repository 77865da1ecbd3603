import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * A sequencer that begins with the files whose paths contain one of these texts, in the order of the texts: a long file
 * that begins last runs alone while the other cores wait.
 */
export const longestFirst = (texts: readonly string[]) =>
  class extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      const rank = ({ moduleId }: TestSpecification): number => {
        const at = texts.findIndex((text) => moduleId.includes(text))
        return at < 0 ? texts.length : at
      }
      return (await super.sort(files)).toSorted((one, two) => rank(one) - rank(two))
    }
  }
