import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright'

/** What axe says against the page; `besides`: rules that do not hold here. */
export const faults = async (page: Page, ...besides: string[]): Promise<readonly string[]> => {
  // There are no frames: the long way, with a page of its own to gather what frames say, has nothing to gather.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().disableRules(besides).analyze()
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`))
}
