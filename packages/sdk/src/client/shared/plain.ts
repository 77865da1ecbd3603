import type { Abortable } from '../../util/abort.ts'
import type { Plain } from './methods.ts'

/** Options without their signal, which does not travel. */
export const plain = <T extends Abortable>(options: T | undefined): Plain<T> => {
  const { signal: _, ...rest } = options ?? ({} as T)
  return rest as Plain<T>
}
