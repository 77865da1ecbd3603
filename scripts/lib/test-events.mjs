import { appendFileSync } from 'node:fs'

/** Names the file that this reporter writes. */
export const TEST_EVENTS = 'DCHAT_TEST_EVENTS'

const firstLine = (errors) => (errors?.[0]?.message ?? 'no error was told').split('\n')[0]

/**
 * A reporter of vitest that writes what happens when it happens, one JSON object a line: a run that never ends has
 * told by then what it was doing.
 */
export default class TestEvents {
  #tell(event) {
    appendFileSync(process.env[TEST_EVENTS], `${JSON.stringify(event)}\n`)
  }

  onTestRunStart(specifications) {
    this.#tell({ planned: specifications.map(({ moduleId }) => moduleId) })
  }

  onTestCaseReady(test) {
    this.#tell({ began: test.id, name: `${test.module.relativeModuleId} > ${test.fullName}` })
  }

  onTestCaseResult(test) {
    this.#tell({ ended: test.id })
  }

  onTestModuleEnd(module) {
    const assertionResults = [...module.children.allTests()].map((test) => {
      const { state, errors } = test.result()
      return { status: state, ...(state === 'failed' && { name: test.fullName, message: firstLine(errors) }) }
    })
    const failed = module.errors().length > 0 && { message: firstLine(module.errors()) }
    this.#tell({ file: { name: module.moduleId, status: module.state(), assertionResults, ...failed } })
  }
}
