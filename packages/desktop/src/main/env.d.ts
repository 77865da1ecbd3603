interface ImportMetaEnv {
  readonly PROD: boolean
  /** Where new versions of the packaged program are; set when it is built. */
  readonly MAIN_VITE_UPDATES?: string
}

interface ImportMeta {
  readonly env: ImportMetaEnv
}
