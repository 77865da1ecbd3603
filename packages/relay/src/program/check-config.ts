import type { Config } from '../config/schema.ts'
import { DEFAULT_LIMITS } from '../policy/limits.ts'
import { isTls, readCertificate } from './certificate.ts'
import type { Output } from './output.ts'

/** Prints what a relay would run with, defaults and all. Rejects with `usage/invalid-argument` for what it could not use. */
export const checkConfig = async (config: Config, { data, say }: Output): Promise<void> => {
  if (isTls(config)) await readCertificate(config)
  data({ ...config, limits: { ...DEFAULT_LIMITS, ...config.limits } })
  say('The settings are valid.')
}
