export declare const findElectron: (
  env?: Readonly<Record<string, string | undefined>>,
  platform?: string,
) => string | undefined
export declare const NO_ELECTRON: string
export declare const hasDisplay: (
  env?: Readonly<Record<string, string | undefined>>,
  platform?: string,
  user?: number,
) => boolean
