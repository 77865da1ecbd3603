import * as modules from 'node:module'

/**
 * Hooks as Node runs them in a thread of their own: what a bot's folder does not have of dchat's packages is taken from
 * beside this program, so that a bot runs before anything was installed. What the folder has goes first.
 */
const HOOKS = `
let beside
export const initialize = (parent) => { beside = parent }
export const resolve = async (name, context, next) => {
  try {
    return await next(name, context)
  } catch (error) {
    if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !name.startsWith('@dchat/')) throw error
    return next(name, { ...context, parentURL: beside })
  }
}`

let isDone = false

/** Lets modules that are loaded from here on find dchat's packages. */
export const lendPackages = (): void => {
  if (isDone) return
  isDone = true
  modules.register(`data:text/javascript,${encodeURIComponent(HOOKS)}`, { data: import.meta.url })
}
