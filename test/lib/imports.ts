import { dirname, posix } from 'node:path'
import ts from 'typescript'
import { readText } from './tree.ts'

export interface Import {
  /** The importing file, from the root. */
  readonly from: string
  /** As written. */
  readonly specifier: string
  /** The file it names, from the root, if it is relative. */
  readonly to?: string
}

const literal = (node: ts.Node | undefined): string | undefined =>
  node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined

/** The module that a node names: `import`, `export … from`, `import()`, `import type`, `import x = require()`. */
const named = (node: ts.Node): string | undefined => {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return literal(node.moduleSpecifier)
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return literal(node.arguments[0])
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return literal(node.argument.literal)
  if (ts.isExternalModuleReference(node)) return literal(node.expression)
  return undefined
}

/** The scripts of a component, without its markup; any other text as it is. */
const scriptsOf = (file: string, text: string): string =>
  file.endsWith('.svelte')
    ? [...text.matchAll(/<script\b[^>]*>([\s\S]*?)<\/script>/g)].map(([, script]) => script).join('\n')
    : text

/** Every module that a text names, in order, by TypeScript's own parser. */
export const specifiersIn = (file: string, text: string): readonly string[] => {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    const specifier = named(node)
    if (specifier !== undefined) found.push(specifier)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file.replace(/\.svelte$/, '.ts'), scriptsOf(file, text), ts.ScriptTarget.Latest))
  return found
}

export const importsOf = (file: string): readonly Import[] =>
  specifiersIn(file, readText(file)).map((specifier) =>
    specifier.startsWith('.')
      ? { from: file, specifier, to: posix.join(dirname(file), specifier) }
      : { from: file, specifier },
  )
