export declare const findChromium: (env?: Readonly<Record<string, string | undefined>>) => string | undefined
export declare const NO_CHROMIUM: string
export declare const chromiumArgs: () => string[]
