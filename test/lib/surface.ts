import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'
import { link, modulesOf, type Packed, type Project } from './packed.ts'

/** `./sqlite` of `@dchat/sdk` is `@dchat/sdk/sqlite`. */
export const specifierOf = ({ name }: Packed, subpath: string): string => join(name, subpath)

export const entriesOf = (packed: Packed): readonly string[] => Object.keys(packed.manifest.exports ?? {})

/** The names that a program gets from each specifier, under Node's conditions or a browser's. */
export const namesOf = (
  project: Project,
  specifiers: readonly string[],
  conditions: readonly string[] = [],
): Readonly<Record<string, readonly string[]>> => {
  const code = `const found = {}
    for (const specifier of ${JSON.stringify(specifiers)}) found[specifier] = Object.keys(await import(specifier)).sort()
    console.log(JSON.stringify(found))`
  const args = [...conditions.flatMap((condition) => ['-C', condition]), '--input-type=module', '--eval', code]
  return JSON.parse(execFileSync(process.execPath, args, { cwd: project.folder, encoding: 'utf8' }))
}

/** API Extractor insists on this ending. */
export const REPORT = '.api' + '.md'

const compilerOptions = {
  target: 'es2022',
  module: 'nodenext',
  moduleResolution: 'nodenext',
  lib: ['es2023', 'dom'],
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
}

/**
 * The report of every entry of a package by API Extractor, by the entry's name (`index`, `sqlite` …). `scratch` is a
 * folder inside a project that has installed what the package's types name.
 */
export const apiReports = (packed: Packed, scratch: string): ReadonlyMap<string, string> => {
  // Below node_modules everything would be somebody else's, and left out.
  const folder = join(scratch, 'package')
  cpSync(packed.folder, folder, { recursive: true })
  link(modulesOf(packed), join(scratch, 'node_modules'))
  const types = Object.values(packed.manifest.exports ?? {}).map((conditions) => join(folder, conditions.types ?? ''))
  const [temp, reports] = [join(scratch, 'temp'), join(scratch, 'reports')]
  for (const folder of [temp, reports]) mkdirSync(folder, { recursive: true })
  const silent = { default: { logLevel: ExtractorLogLevel.None } }
  const configs = types.map((mainEntryPointFilePath) =>
    ExtractorConfig.prepare({
      configObjectFullPath: undefined,
      packageJsonFullPath: join(folder, 'package.json'),
      configObject: {
        projectFolder: folder,
        mainEntryPointFilePath,
        compiler: { overrideTsconfig: { compilerOptions, files: types } },
        apiReport: {
          enabled: true,
          reportFileName: basename(mainEntryPointFilePath, '.d.ts') + REPORT,
          reportFolder: reports,
          reportTempFolder: temp,
          // What a public signature names belongs to the surface, exported or not.
          includeForgottenExports: true,
        },
        docModel: { enabled: false },
        dtsRollup: { enabled: false },
        tsdocMetadata: { enabled: false },
        messages: {
          compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
          // One release state for everything: an entry is public. What lacks words is TypeDoc's to say.
          extractorMessageReporting: silent,
          tsdocMessageReporting: silent,
        },
      },
    }),
  )
  const [first, ...others] = configs
  if (first === undefined) return new Map()
  const compilerState = CompilerState.create(first, {
    additionalEntryPoints: others.map((config) => config.mainEntryPointFilePath),
  })
  return new Map(
    configs.map((config) => {
      const said: string[] = []
      const { succeeded } = Extractor.invoke(config, {
        localBuild: true,
        compilerState,
        messageCallback: (message) => {
          if (message.logLevel === ExtractorLogLevel.Error) said.push(message.formatMessageWithLocation(folder))
          message.handled = true
        },
      })
      if (!succeeded || said.length > 0) throw new Error(`${config.mainEntryPointFilePath}: ${said.join('; ')}`)
      const text = readFileSync(config.reportFilePath, 'utf8').replaceAll('\r\n', '\n')
      return [basename(config.mainEntryPointFilePath, '.d.ts'), text] as const
    }),
  )
}
